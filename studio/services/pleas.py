"""Asking for more of a budget, and granting it."""

from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Allowance, NoticeKind, Period, Plea, PleaState, Purse, Unit, User
from studio.services import audit, budgets, notices
from studio.words import Reason


def ask(*, person: User, amount: int, purse: Purse | None = None, note: str = "") -> Plea:
    """Ask administrators for more of a purse, or of this month's images; once until they answer."""
    month = None if purse else budgets.this_month()
    try:
        with write_transaction():
            row = Plea.objects.create(person=person, purse=purse, month=month, amount=amount, note=note)
            told = _facts(row) | {"more": amount, "note": note, "plea": str(row.pk)}
            notices.tell_administrators(kind=NoticeKind.MORE_ASKED, by=person, **told)
            audit.record(
                actor=person, action="budget.more_asked", subject=person.pk, **_facts(row), more=amount
            )
    except IntegrityError:
        raise Conflict(Reason("plea_is_open")) from None
    return row


def grant(*, plea: Plea, administrator: User) -> None:
    """Give what was asked for, until the period ends."""
    with write_transaction():
        row = _decide(plea, administrator, PleaState.GRANTED)
        cap = _raise_purse(row) if row.purse else _raise_month(row)
        facts = _facts(row) | {"more": row.amount, "cap": cap}
        notices.tell(person=row.person, kind=NoticeKind.BUDGET_GRANTED, by=administrator, **facts)
        audit.record(actor=administrator, action="budget.granted", subject=row.person_id, **facts)


def decline(*, plea: Plea, administrator: User) -> None:
    """Leave the budget as it is."""
    with write_transaction():
        row = _decide(plea, administrator, PleaState.DECLINED)
        facts = _facts(row) | {"more": row.amount}
        audit.record(actor=administrator, action="budget.declined", subject=row.person_id, **facts)


def _decide(plea: Plea, administrator: User, state: PleaState) -> Plea:
    mine = Plea.objects.open().filter(pk=plea.pk)
    if not mine.update(state=state, decided_by=administrator, decided_at=Now()):
        raise Conflict(Reason("plea_is_decided"))
    return Plea.objects.with_card_data().get(pk=plea.pk)


def _raise_purse(row: Plea) -> int:
    purse = row.purse
    if purse is None or Period(purse.budget.period).end(purse.start) <= timezone.localdate():
        raise Conflict(Reason("budget_is_over"))
    Purse.objects.filter(pk=purse.pk).update(cap=F("cap") + row.amount, warned=False, exhausted=False)
    return Purse.objects.get(pk=purse.pk).cap


def _raise_month(row: Plea) -> int:
    if row.month != budgets.this_month():
        raise Conflict(Reason("budget_is_over"))
    month = Allowance.objects.of(row.person, row.month)
    budgets.allowance(person=row.person, month=row.month)
    month.update(cap=F("cap") + row.amount, warned=False, exhausted=False)
    return month.get().cap


def _facts(row: Plea) -> dict[str, Any]:
    period = row.purse.budget.period if row.purse else Period.MONTH
    return {"unit": row.purse.budget.unit if row.purse else Unit.IMAGES, "period": period}
