"""Tells people, and administrators, once when four fifths of a budget are used or reserved; webhooks when all is.

Administrators are also told, once a day, when a disk is nearly full.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from studio.db import write_transaction
from studio.models import Allowance, Notice, NoticeKind, Period, Purse, Unit, User, WebhookKind
from studio.relays.answers.room import FLOOR
from studio.services import budgets, disk, notices, purses
from studio.services.webhooks import events

NEARLY = F("cap") * 4
"""Four fifths, as five times what is used is compared with it: whole numbers on both sides."""

LOW, DAY = 2 * FLOOR, timedelta(days=1)
"""Administrators are told long before `disk.check` refuses what is new (SAFETY T25)."""

Counter = Allowance | Purse


def warn() -> int:
    """Look at every budget that is running; return how many were told of. Called by the clock, every ten minutes."""
    warn_of_the_disk()
    told = sum(_tell_of(row) for row in _running(warned=False, used__gte=NEARLY))
    if events.are_heard():
        for row in _running(exhausted=False, used__gte=F("cap") * 5):
            _tell_webhooks_of(row)
    return told


def warn_of_the_disk() -> bool:
    """Tell administrators when little room is left on this machine, once a day; return whether they were told."""
    if disk.least() >= LOW or Notice.objects.lately(NoticeKind.STORAGE_LOW, DAY).exists():
        return False
    with write_transaction():
        notices.tell_administrators(kind=NoticeKind.STORAGE_LOW, free=disk.least())
    return True


def _running(**where: Any) -> Iterator[Counter]:
    """The counters of this day that have come so far."""
    used = (F("reserved") + F("spent")) * 5
    months = Allowance.objects.filter(month=budgets.this_month())
    yield from months.annotate(used=used).filter(**where, cap__gt=0).select_related("person")
    counting = Purse.objects.filter(budget__ended_at=None).annotate(used=used).filter(**where, cap__gt=0)
    today = timezone.localdate()
    for purse in counting.select_related("budget__token__person", "person"):
        if Period(purse.budget.period).start(today) == purse.start:
            yield purse


def _tell_of(row: Counter) -> bool:
    facts = _facts(row)
    with write_transaction():
        if not type(row)._default_manager.filter(pk=row.pk, warned=False).update(warned=True):
            return False
        if person := _person(row):
            notices.tell(person=person, kind=NoticeKind.BUDGET_LOW, **facts)
        else:
            notices.tell_administrators(kind=NoticeKind.BUDGET_LOW, **facts)
        events.budget(kind=WebhookKind.BUDGET_LOW, person=person.pk if person else None, **facts)
    return True


def _tell_webhooks_of(row: Counter) -> None:
    with write_transaction():
        if type(row)._default_manager.filter(pk=row.pk, exhausted=False).update(exhausted=True):
            person = _person(row)
            events.budget(kind=WebhookKind.BUDGET_GONE, person=person.pk if person else None, **_facts(row))


def _person(row: Counter) -> User | None:
    """Return whose counter it is: a token's is its person's; nobody's where several share it."""
    token = row.budget.token if isinstance(row, Purse) else None
    return token.person if token else row.person


def _facts(row: Counter) -> dict[str, Any]:
    month = {"whose": "person", "unit": Unit.IMAGES, "period": Period.MONTH}
    said = purses.said_of(row.budget) if isinstance(row, Purse) else month
    return said | {"used": row.reserved + row.spent, "cap": row.cap}
