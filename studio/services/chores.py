"""Deals out chores among all workers: whoever moves the row on does it, however many machines there are."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from studio.db import write_transaction
from studio.models import Chore


@dataclass(frozen=True)
class Often:
    """After so much time, or once a night at a time of the studio's time zone."""

    every: timedelta = timedelta()
    at: datetime.time | None = None

    def pause(self, now: datetime.datetime) -> timedelta:
        """Return how long it is from a moment to the next time."""
        if self.at is None:
            return self.every
        local = timezone.localtime(now)
        night = local.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)
        return (night if night > local else night + timedelta(days=1)) - local


def write_down(chores: Iterable[tuple[str, Often]]) -> None:
    """Give each chore that is new its first time."""
    rows = [Chore(name=name, due_at=Now() + often.pause(timezone.now())) for name, often in chores]
    with write_transaction():
        Chore.objects.bulk_create(rows, ignore_conflicts=True)


def due() -> set[str]:
    """Return the chores whose time has come."""
    return set(Chore.objects.due().values_list("pk", flat=True))


def take(name: str, often: Often) -> bool:
    """Tell whether this process does a chore now; nobody else does it until it is due again."""
    again = Now() + often.pause(timezone.now())  # by the database's clock: machines' clocks differ
    with write_transaction():
        return Chore.objects.due().filter(pk=name).update(due_at=again) == 1
