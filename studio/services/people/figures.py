"""What people have made and cost this month, and what was done to them; read for many at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Sum

from studio.models import Allowance, AuditEntry, Generation, Unit, User
from studio.services import budgets, usage_sums

SKEW = timedelta(days=1)
"""By which the id of a generation may be older than its month: the clocks of machines differ."""


@dataclass(frozen=True)
class Month:
    """One person's month: images made (presumed ones with them), how many they may make, what it cost in each unit."""

    made: int
    reserved: int
    cap: int
    costs: dict[Unit, int]


def months(people: Iterable[User]) -> dict[UUID, Month]:
    """Return the running month of each person; two queries, however many they are."""
    caps, month = {person.pk: person.monthly_cap for person in people}, budgets.this_month()
    keys = list(caps)
    rows = {row.person_id: row for row in Allowance.objects.filter(person__in=keys, month=month)}
    since = usage_sums.beginning(month - SKEW)  # the index by owner and id; a month has none
    spent = Generation.objects.filter(owner__in=keys, month=month, cost__gt=0, pk__gte=since).order_by()
    costs: dict[UUID, dict[Unit, int]] = {}
    for owner, unit, amount in spent.values_list("owner", "cost_unit").annotate(Sum("cost")):
        costs.setdefault(owner, {})[Unit(unit)] = amount
    rows = {key: rows.get(key) or Allowance(cap=cap) for key, cap in caps.items()}
    return {key: Month(row.spent, row.reserved, row.cap, costs.get(key, {})) for key, row in rows.items()}


def done_to(person: User, *, many: int) -> list[AuditEntry]:
    """Return the last entries about a person, newest first."""
    rows = AuditEntry.objects.filter(subject=str(person.pk)).select_related("actor")
    return list(rows.order_by("-pk")[:many])
