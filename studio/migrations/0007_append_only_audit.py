"""The database itself refuses to change or remove an entry of the audit (SAFETY §5, T15)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REFUSAL = "audit log is append-only"

SQLITE = {
    "studio_audit_no_update": "BEFORE UPDATE ON studio_auditentry",
    "studio_audit_no_delete": "BEFORE DELETE ON studio_auditentry",
    # INSERT OR REPLACE removes a row without a DELETE where a connection has not set recursive_triggers.
    "studio_audit_no_replace": (
        "BEFORE INSERT ON studio_auditentry WHEN EXISTS (SELECT 1 FROM studio_auditentry WHERE id = NEW.id)"
    ),
}

POSTGRESQL = [
    f"""
    CREATE FUNCTION studio_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER studio_audit_no_change BEFORE UPDATE OR DELETE ON studio_auditentry
    FOR EACH ROW EXECUTE FUNCTION studio_audit_refuse()
    """,
    """
    CREATE TRIGGER studio_audit_no_truncate BEFORE TRUNCATE ON studio_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION studio_audit_refuse()
    """,
    # ALWAYS: they hold in a session that calls itself a replica, too.
    "ALTER TABLE studio_auditentry ENABLE ALWAYS TRIGGER studio_audit_no_change",
    "ALTER TABLE studio_auditentry ENABLE ALWAYS TRIGGER studio_audit_no_truncate",
]


def shut(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name, when in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")
    else:
        for statement in POSTGRESQL:
            schema_editor.execute(statement)


def open_again(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER {name}")
    else:
        schema_editor.execute("DROP FUNCTION studio_audit_refuse CASCADE")


class Migration(migrations.Migration):
    dependencies = [("studio", "0006_slot_states")]

    operations = [
        migrations.AlterField(  # first: SQLite makes the table anew for this, and triggers do not come along
            model_name="auditentry",
            name="actor",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(shut, open_again),
    ]
