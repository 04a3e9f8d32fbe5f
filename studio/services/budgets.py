"""Holds images of a person's month before drawing and settles them after."""

import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from studio.errors import OverBudget
from studio.models import Allowance, User


def this_month() -> datetime.date:
    """Return the first day of the running month in the installation's time zone."""
    return timezone.localdate().replace(day=1)


def allowance(*, person: User, month: datetime.date | None = None) -> Allowance:
    """Return the person's month, made with the installation's cap when it is the first use."""
    row, _made = Allowance.objects.get_or_create(
        person=person, month=month or this_month(), defaults={"cap": settings.MONTHLY_IMAGES}
    )
    return row


def stand_in_line(*, person: User) -> None:
    """Keep the person's other submits waiting until this transaction ends: the month comes before the prompt."""
    row = allowance(person=person)
    Allowance.objects.select_for_update().get(pk=row.pk)


def hold(*, person: User, month: datetime.date, count: int) -> None:
    """Hold `count` images, or raise OverBudget; exact also when many submit at once (SAFETY T23)."""
    row = allowance(person=person, month=month)
    if Allowance.objects.of(person, month).hold(count):
        return
    row.refresh_from_db()
    used = row.held + row.spent
    if used >= row.cap:
        raise OverBudget(f"Your quota for this month is used up ({used} of {row.cap}).")
    raise OverBudget(
        f"Only {row.left} of your {row.cap} images are left this month. Ask for fewer.", param="n"
    )


def settle(*, person: User | UUID, month: datetime.date, held: int, spent: int) -> None:
    """Turn a hold of `held` images into `spent` ones; the rest is free again."""
    Allowance.objects.of(person, month).settle(held=held, spent=spent)
