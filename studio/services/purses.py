"""The counters of budgets: which ones count what a person uses, and reserving in all of them or in none."""

import datetime
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from studio.errors import OverBudget
from studio.models import Budget, LedgerEntry, Period, Purse, Rate, Unit, User, Whom, installation
from studio.words import Reason

Changes = dict[int, tuple[int, int]]
"""What is reserved and spent beyond what was, for each purse."""


def of(*, person: User, day: datetime.date | None = None, token: UUID | None = None) -> list[Purse]:
    """Return the purses that count what this person uses today, opened where it is their first use, in order.

    What they use by a token counts in the token's own as well.
    """
    if not installation().has_budgets:
        return []
    day = day or timezone.localdate()
    budgets = list(Budget.objects.counting(person).select_related("person"))
    budgets += Budget.objects.of_token(token) if token else []
    keys = {_key(budget, person, day): budget for budget in budgets}
    wanted = Q(pk=None)
    for pk, owner, start in keys:
        wanted |= Q(budget=pk, person=owner, start=start)
    rows = list(Purse.objects.filter(wanted).order_by("pk")) if keys else []
    missing = keys.keys() - {(row.budget_id, row.person_id, row.start) for row in rows}
    rows += [_open(keys[key], person, key[2]) for key in sorted(missing, key=str)]
    for row in rows:
        row.budget = keys[row.budget_id, row.person_id, row.start]
    return sorted(rows, key=lambda row: row.pk)


def _key(budget: Budget, person: User, day: datetime.date) -> tuple[object, object, datetime.date]:
    owner = None if budget.is_shared else person.pk
    return budget.pk, owner, Period(budget.period).start(day)


def _open(budget: Budget, person: User, start: datetime.date) -> Purse:
    carried = _spent_before(budget, person, start)
    fresh = {"cap": budget.cap, "carried": carried, "spent": carried}
    owner = None if budget.is_shared else person
    row, _made = Purse.objects.get_or_create(budget=budget, person=owner, start=start, defaults=fresh)
    return row


def _spent_before(budget: Budget, person: User, start: datetime.date) -> int:
    """Return what the ledger says of a period that was running when the budget began."""
    begin = timezone.make_aware(datetime.datetime.combine(start, datetime.time()))
    if budget.made_at < begin or budget.whom == Whom.TOKEN:  # that was made with its token
        return 0
    rows = LedgerEntry.objects.filter(unit=budget.unit, at__gte=begin)
    if not budget.is_shared:
        rows = rows.filter(person=person.pk)
    elif budget.whom == Whom.ROLE:
        rows = rows.filter(person__in=User.objects.filter(role=budget.role).values("pk"))
    balance = rows.balance()
    return max(0, balance.spent + balance.presumed)


def hold(
    *, purses: Iterable[Purse], images: int, rate: Rate | None, correction: int = 0
) -> dict[Unit, list[int]]:
    """Reserve so many images and what they cost in each purse, or raise OverBudget; call it in a transaction.

    `correction` is by how much some of them cost more or less than this price.

    Returns the purses of each unit. Exact when many reserve at once: each purse is one conditional UPDATE.
    """
    held: dict[Unit, list[int]] = {}
    for purse in purses:
        unit = Unit(purse.budget.unit)
        if not counts(purse, rate):
            _check_strict(purse)
            continue
        amount = images if unit == Unit.IMAGES else rate.of(images) + correction if rate else 0
        if not Purse.objects.filter(pk=purse.pk).reserve(amount):
            raise _over(purses, images, rate)
        held.setdefault(unit, []).append(purse.pk)
    return held


def counts(purse: Purse, rate: Rate | None) -> bool:
    """Say whether a purse counts what is asked for at this price."""
    return purse.budget.unit == Unit.IMAGES or (rate is not None and purse.budget.unit == rate.unit)


def _check_strict(purse: Purse) -> None:
    if purse.budget.strict:
        raise OverBudget(Reason("price_not_known", **said_of(purse.budget)))


def _over(purses: Iterable[Purse], images: int, rate: Rate | None) -> OverBudget:
    """Name the tightest of the budgets that have no room, as they are now."""
    rows = list(Purse.objects.filter(pk__in=[purse.pk for purse in purses]).select_related("budget"))
    tightest = min((row for row in rows if counts(row, rate)), key=lambda row: room(row, rate))
    return over(tightest, images, rate)


def over(purse: Purse, images: int, rate: Rate | None) -> OverBudget:
    """Say that a budget has no room for so many images."""
    asked = images if purse.budget.unit == Unit.IMAGES or rate is None else rate.of(images)
    facts = said_of(purse.budget) | {"left": purse.left, "cap": purse.cap, "asked": asked}
    code = "budget_used_up" if room(purse, rate) < 1 else "budget_too_small"
    return OverBudget(Reason(code, **facts), code="over_budget", param="n")


def room(purse: Purse, rate: Rate | None) -> int:
    """Return how many images still fit."""
    if purse.budget.unit == Unit.IMAGES or rate is None:
        return purse.left
    each = rate.of(1)
    return purse.left // each if each else purse.left


def said_of(budget: Budget) -> dict[str, object]:
    """Return what words need of a budget."""
    whose = "each" if budget.each else str(budget.whom)
    return {"whose": whose, "role": budget.role, "period": budget.period, "unit": budget.unit}


def change(*, changes: Changes) -> None:
    """Count what was moved, in the order in which everybody does."""
    for pk, (reserved, spent) in sorted(changes.items()):
        if reserved or spent:
            Purse.objects.filter(pk=pk).move(reserved=reserved, spent=spent)


def stand_in_line(*, person: User) -> None:
    """Keep everybody else out of the person's purses until this transaction ends."""
    pks = [purse.pk for purse in of(person=person)]
    list(Purse.objects.filter(pk__in=pks).order_by("pk").select_for_update())
