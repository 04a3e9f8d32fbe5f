"""Making, changing and ending budgets."""

from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Budget, Installation, Period, Purse, Unit, User, Whom
from studio.models.installation import look_again
from studio.services import audit
from studio.words import Reason
from studio.words.money import amount


def add(
    *,
    administrator: User,
    whom: Whom,
    period: Period,
    unit: Unit,
    cap: int,
    person: User | None = None,
    role: str = "",
    each: bool = False,
    strict: bool = False,
) -> Budget:
    """Make a budget; it counts from now on, with what was spent of the running period before."""
    fields: dict[str, Any] = {"whom": whom, "person": person, "role": role, "each": each, "period": period}
    fields |= {"unit": unit, "cap": cap, "strict": strict}
    with write_transaction():
        row = Budget.objects.create(**fields)
        Installation.objects.update_or_create(pk=1, defaults={"has_budgets": True})
        audit.record(actor=administrator, action="budget.added", subject=row.pk, after=_facts(row))
    look_again()
    return row


def change(*, budget: Budget, administrator: User, was: int, cap: int) -> None:
    """Give a budget another cap, now and later; what was granted beyond it in this period stays.

    `was` is the cap that the administrator saw: of two who change the same one, the second is told.
    """
    with write_transaction():
        rows = Budget.objects.in_force().filter(pk=budget.pk, cap=was)
        if not rows.update(cap=cap):
            raise _moved_on(budget)
        running = Purse.objects.filter(budget=budget, start=Period(budget.period).start(timezone.localdate()))
        for purse in running.select_for_update().order_by("pk"):
            Purse.objects.filter(pk=purse.pk).update(
                cap=max(0, purse.cap + cap - was), warned=False, exhausted=False
            )
        detail = {"before": {"cap": was}, "after": {"cap": cap}}
        audit.record(actor=administrator, action="budget.changed", subject=budget.pk, **detail)


def end(*, budget: Budget, administrator: User) -> None:
    """Stop counting; what is reserved in its purses is still settled there."""
    with write_transaction():
        if not Budget.objects.in_force().filter(pk=budget.pk).update(ended_at=Now()):
            raise Conflict(Reason("budget_has_ended"))
        left = Budget.objects.in_force().exists()
        Installation.objects.update_or_create(pk=1, defaults={"has_budgets": left})
        audit.record(actor=administrator, action="budget.ended", subject=budget.pk, before=_facts(budget))
    look_again()


def _moved_on(budget: Budget) -> Conflict:
    now = Budget.objects.in_force().filter(pk=budget.pk).first()
    if now is None:
        return Conflict(Reason("budget_has_ended"))
    return Conflict(Reason("budget_changed", cap=amount(now.cap, now.unit)), param="cap")


def _facts(row: Budget) -> dict[str, Any]:
    names = ("whom", "role", "each", "period", "unit", "cap", "strict")
    facts: dict[str, Any] = {name: getattr(row, name) for name in names}
    return facts | {"person": str(row.person_id) if row.person_id else None}
