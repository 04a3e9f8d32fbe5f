"""Tells people, and administrators, once when four fifths of a budget are used or reserved."""

from typing import Any

from django.db.models import F
from django.utils import timezone

from studio.db import write_transaction
from studio.models import Allowance, NoticeKind, Period, Purse, Unit
from studio.services import budgets, notices, purses

NEARLY = F("cap") * 4
"""Four fifths, as five times what is used is compared with it: whole numbers on both sides."""


def warn() -> int:
    """Look at every budget that is running; return how many were told of. Called by the clock, every ten minutes."""
    low = {"warned": False, "used__gte": NEARLY, "cap__gt": 0}
    used = (F("reserved") + F("spent")) * 5
    months = Allowance.objects.filter(month=budgets.this_month()).annotate(used=used).filter(**low)
    running = Purse.objects.filter(budget__ended_at=None).annotate(used=used).filter(**low)
    today, told = timezone.localdate(), 0
    for month in months.select_related("person"):
        told += _tell_of_month(month)
    for purse in running.select_related("budget", "person"):
        period = Period(purse.budget.period)
        told += period.start(today) == purse.start and _tell_of_purse(purse)
    return told


def _tell_of_month(row: Allowance) -> bool:
    with write_transaction():
        if not Allowance.objects.filter(pk=row.pk, warned=False).update(warned=True):
            return False
        facts: dict[str, Any] = {"whose": "person", "unit": Unit.IMAGES, "period": Period.MONTH}
        facts |= {"used": row.reserved + row.spent, "cap": row.cap}
        notices.tell(person=row.person, kind=NoticeKind.BUDGET_LOW, **facts)
    return True


def _tell_of_purse(row: Purse) -> bool:
    with write_transaction():
        if not Purse.objects.filter(pk=row.pk, warned=False).update(warned=True):
            return False
        facts: dict[str, Any] = purses.said_of(row.budget) | {
            "used": row.reserved + row.spent,
            "cap": row.cap,
        }
        if row.person:
            notices.tell(person=row.person, kind=NoticeKind.BUDGET_LOW, **facts)
        else:
            notices.tell_administrators(kind=NoticeKind.BUDGET_LOW, **facts)
    return True
