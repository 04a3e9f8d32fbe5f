"""Each entry of the audit gets its number, where it came from, and a hash of the one before; the triggers come back after."""

import hashlib

from django.db import migrations, models

from studio.models.audit import canonical

REFUSAL = "audit log is append-only"
TABLE = "studio_auditentry"
BEFORE = {
    "studio_audit_no_update": f"BEFORE UPDATE ON {TABLE}",
    "studio_audit_no_delete": f"BEFORE DELETE ON {TABLE}",
}
SAME_ID = f"BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"
SAME_ID_OR_NUMBER = f"BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR seq = NEW.seq)"


def put_aside(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in [*BEFORE, "studio_audit_no_replace"]:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    else:
        schema_editor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER studio_audit_no_change")


def put_back(replace):
    def put(apps, schema_editor):
        if schema_editor.connection.vendor == "sqlite":
            for name, when in [*BEFORE.items(), ("studio_audit_no_replace", replace)]:
                schema_editor.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")
        else:
            schema_editor.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER studio_audit_no_change")

    return put


def chain(apps, schema_editor):
    """Number the entries in the order in which they were made."""
    Entry = apps.get_model("studio", "AuditEntry")
    key = Entry._meta.pk.get_db_prep_value
    seq, previous, rows = 0, "", []
    with schema_editor.connection.cursor() as cursor:
        for entry in Entry.objects.order_by("at", "id").iterator(chunk_size=1000):
            seq += 1
            actor = entry.actor_id.hex if entry.actor_id else ""
            said = [seq, entry.pk.hex, entry.at.timestamp(), actor, entry.action, entry.subject, entry.detail, "", "", ""]
            previous = hashlib.sha256(f"{previous}{canonical(said)}".encode()).hexdigest()
            rows.append((seq, previous, key(entry.pk, schema_editor.connection)))
        cursor.executemany(f"UPDATE {TABLE} SET seq = %s, hash = %s WHERE id = %s", rows)


def nothing(apps, schema_editor):
    pass


class Migration(migrations.Migration):
    dependencies = [("studio", "0025_rules")]

    operations = [
        migrations.RunPython(put_aside, put_back(SAME_ID)),
        migrations.AddField("auditentry", "seq", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("auditentry", "address", models.CharField(blank=True, default="", max_length=64), False),
        migrations.AddField("auditentry", "request_id", models.CharField(blank=True, default="", max_length=32), False),
        migrations.AddField("auditentry", "token", models.CharField(blank=True, default="", max_length=40), False),
        migrations.AddField("auditentry", "hash", models.CharField(default="", max_length=64), False),
        migrations.RunPython(chain, nothing),
        migrations.AlterField("auditentry", "seq", models.PositiveBigIntegerField(unique=True)),
        migrations.AddIndex("auditentry", models.Index(fields=["action", "seq"], name="audit_action")),
        migrations.AddIndex("auditentry", models.Index(fields=["at"], name="audit_at")),
        migrations.RunPython(put_back(SAME_ID_OR_NUMBER), put_aside),
    ]
