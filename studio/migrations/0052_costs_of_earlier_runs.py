"""What relays had said that earlier generations cost comes into the ledger, and onto the generations."""

from decimal import Decimal

from django.db import migrations
from django.db.models import Sum

from studio.models.ids import uuid7

AT_ONCE = 1000
PARTS = 1_000_000


def book(apps, schema_editor):
    """One settled reservation and one entry for each generation whose requests had a cost, in millionths of a dollar."""
    names = ("Generation", "Reservation", "LedgerEntry", "RelayRequest")
    Generation, Reservation, LedgerEntry, RelayRequest = (apps.get_model("studio", name) for name in names)
    said = RelayRequest.objects.filter(cost__gt=0, generation__cost=None).order_by()
    sums = said.values_list("generation").annotate(Sum("cost"))
    costs = {pk: int(Decimal(cost) * PARTS) for pk, cost in sums}
    keys = sorted(costs)
    for place in range(0, len(keys), AT_ONCE):
        runs = list(Generation.objects.filter(pk__in=keys[place : place + AT_ONCE]).only("owner", "month", "round"))
        reservations = [_reservation(Reservation, run, costs[run.pk]) for run in runs]
        Reservation.objects.bulk_create(reservations)
        LedgerEntry.objects.bulk_create([_entry(LedgerEntry, row) for row in reservations])
        for run in runs:
            run.cost, run.cost_unit = costs[run.pk], "USD"
        Generation.objects.bulk_update(runs, ["cost", "cost_unit"])


def _reservation(model, run, cost):
    facts = {"person_id": run.owner_id, "generation_id": run.pk, "round": run.round, "month": run.month}
    return model(id=uuid7(), unit="USD", amount=0, correction=cost, state="settled", **facts)


def _entry(model, row):
    facts = {"reservation": row.id, "generation": row.generation_id, "person": row.person_id, "month": row.month}
    return model(id=uuid7(), unit="USD", source="free", target="spent", amount=row.correction, **facts)


class Migration(migrations.Migration):
    dependencies = [("studio", "0051_answers_outside")]

    operations = [migrations.RunPython(book, migrations.RunPython.noop)]
