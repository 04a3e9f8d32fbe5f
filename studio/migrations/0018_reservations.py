"""The counters of generations become reservations and a ledger that only grows."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

import studio.models.ids
from studio.models.ids import uuid7

REFUSAL = "ledger is append-only"
TABLE = "studio_ledgerentry"

SQLITE = {
    "studio_ledger_no_update": f"BEFORE UPDATE ON {TABLE}",
    "studio_ledger_no_delete": f"BEFORE DELETE ON {TABLE}",
    # INSERT OR REPLACE removes a row without a DELETE where a connection has not set recursive_triggers.
    "studio_ledger_no_replace": f"BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)",
}

POSTGRESQL = [
    f"""
    CREATE FUNCTION studio_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE TRIGGER studio_ledger_no_change BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION studio_ledger_refuse()
    """,
    f"""
    CREATE TRIGGER studio_ledger_no_truncate BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION studio_ledger_refuse()
    """,
    f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER studio_ledger_no_change",
    f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER studio_ledger_no_truncate",
]
AT_ONCE = 1000


def move_money(apps, schema_editor):
    """One reservation for each generation, with what it held, spent and was presumed to have spent."""
    Generation = apps.get_model("studio", "Generation")
    Reservation, LedgerEntry = (apps.get_model("studio", name) for name in ("Reservation", "LedgerEntry"))
    facts = ("pk", "owner_id", "month", "presses", "held", "spent", "presumed", "created_at", "settled_at")
    rows = Generation.objects.order_by("pk").values_list(*facts)
    reservations, entries = [], []

    def flush():
        Reservation.objects.bulk_create(reservations)
        LedgerEntry.objects.bulk_create(entries)
        reservations.clear()
        entries.clear()

    for pk, owner, month, presses, held, spent, presumed, created_at, settled_at in rows.iterator(AT_ONCE):
        amount = held + spent + presumed
        row = Reservation(
            id=uuid7(),
            person_id=owner,
            generation_id=pk,
            round=presses,
            month=month,
            amount=held if held else amount,
            state="open" if held else "settled",
        )
        reservations.append(row)
        ended_at = settled_at or created_at
        moves = [
            ("free", "reserved", amount, created_at),
            ("reserved", "spent", spent, ended_at),
            ("reserved", "presumed", presumed, ended_at),
        ]
        ids = {"reservation": row.id, "generation": pk, "person": owner, "month": month, "unit": "images"}
        for source, target, moved, at in moves:
            if moved:
                entries.append(LedgerEntry(id=uuid7(), at=at, source=source, target=target, amount=moved, **ids))
        if len(reservations) == AT_ONCE:
            flush()
    flush()


def move_back(apps, schema_editor):
    Generation = apps.get_model("studio", "Generation")
    Reservation, LedgerEntry = (apps.get_model("studio", name) for name in ("Reservation", "LedgerEntry"))
    for pk, amount in Reservation.objects.filter(state="open").values_list("generation_id", "amount"):
        Generation.objects.filter(pk=pk).update(held=amount)
    for account, sign in (("target", 1), ("source", -1)):
        moved = LedgerEntry.objects.filter(**{f"{account}__in": ("spent", "presumed")})
        for pk, name, amount in moved.values_list("generation", account).annotate(Sum("amount")):
            Generation.objects.filter(pk=pk).update(**{name: Coalesce(F(name), 0) + sign * amount})


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
        schema_editor.execute("DROP FUNCTION studio_ledger_refuse CASCADE")


class Migration(migrations.Migration):
    dependencies = [("studio", "0017_claims")]

    operations = [
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.UUIDField(default=studio.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('reservation', models.UUIDField()),
                ('generation', models.UUIDField()),
                ('person', models.UUIDField()),
                ('month', models.DateField()),
                ('unit', models.CharField(choices=[('images', 'Images')], max_length=12)),
                ('source', models.CharField(choices=[('free', 'Free'), ('reserved', 'Reserved'), ('spent', 'Spent'), ('presumed', 'Presumed')], max_length=8)),
                ('target', models.CharField(choices=[('free', 'Free'), ('reserved', 'Reserved'), ('spent', 'Spent'), ('presumed', 'Presumed')], max_length=8)),
                ('amount', models.PositiveBigIntegerField()),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
                'indexes': [models.Index(fields=['generation'], name='ledger_of_generation'), models.Index(fields=['person', 'month'], name='ledger_of_month')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='ledger_moves_something'), models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='ledger_moves_elsewhere'), models.CheckConstraint(condition=models.Q(('unit__in', ['images'])), name='ledger_unit_known'), models.CheckConstraint(condition=models.Q(('source__in', ['free', 'reserved', 'spent', 'presumed']), ('target__in', ['free', 'reserved', 'spent', 'presumed'])), name='ledger_accounts_known')],
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.UUIDField(default=studio.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField()),
                ('month', models.DateField()),
                ('unit', models.CharField(choices=[('images', 'Images')], default='images', max_length=12)),
                ('amount', models.PositiveBigIntegerField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('settled', 'Settled')], default='open', max_length=8)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reservations', to='studio.generation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reservations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('generation', 'round', 'unit'), name='reservation_once_a_round'), models.CheckConstraint(condition=models.Q(('unit__in', ['images'])), name='reservation_unit_known'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'settled'])), name='reservation_state_known')],
            },
        ),
        migrations.RunPython(move_money, move_back),
        migrations.RunPython(shut, open_again),
        migrations.RemoveField(
            model_name='generation',
            name='held',
        ),
        migrations.RemoveField(
            model_name='generation',
            name='presumed',
        ),
        migrations.RemoveField(
            model_name='generation',
            name='spent',
        ),
    ]
