"""What a worker process does besides taking tickets, whatever engine brings those: hands, heartbeat and chores."""

import datetime
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from studio import checkpoints
from studio.bell import Bell
from studio.db import release_connection
from studio.models import Generation, schema
from studio.relays.webhooks import SECONDS
from studio.services import chores, leftovers, retention, standing, storage_check, usage_sums
from studio.services.chores import Often
from studio.services.drawing import crew, leases, recovery
from studio.services.relays import catalogue
from studio.services.webhooks import couriers

logger = logging.getLogger(__name__)

LOOKS = 15.0
"""Seconds between two looks at what is due."""


@dataclass(frozen=True)
class Duty:
    """Something that is done again and again."""

    name: str
    do: Callable[[], object]
    often: Often


OF_ALL = [
    Duty("clean_up", retention.clean_up, Often(timedelta(minutes=10))),
    Duty("send_due_webhooks", couriers.call, Often(timedelta(minutes=1))),
    Duty("count_lately", standing.count_lately, Often(timedelta(minutes=2))),
    Duty("count_all", standing.count_all, Often(at=datetime.time(4, 41))),
    Duty("sum_usage", usage_sums.count, Often(timedelta(minutes=1))),
    Duty("verify_media", storage_check.look_by_night, Often(at=datetime.time(3, 23))),
    Duty("sync_models", catalogue.refresh_stale, Often(timedelta(hours=1))),
]
"""Done by one worker of all."""

OF_EACH = [
    Duty("find_answers", recovery.find_answers, Often(timedelta(minutes=10))),
    Duty("remove_leftovers", leftovers.remove, Often(timedelta(minutes=10))),
]
"""Done by every worker, since they are about what lies on its machine."""


class Rota:
    """Has chores done when they are due, each in a thread of its own, so that none holds up the others."""

    def __init__(self, *, outdated: Callable[[], object]) -> None:
        self.outdated = outdated
        self.doing: set[str] = set()
        self.own = {chore.name: time.monotonic() + chore.often.every.total_seconds() for chore in OF_EACH}
        self.own["find_answers"] = 0.0  # this machine may have been away

    def start(self) -> None:
        threading.Thread(target=self._go, name="clock", daemon=True).start()

    def _go(self) -> None:
        written = False
        while True:
            try:
                if not written:
                    chores.write_down((chore.name, chore.often) for chore in OF_ALL)
                    written = True
                self.look()
                release_connection()
            except Exception:
                logger.exception("the clock stumbled; it goes on")
                connection.close()
            time.sleep(LOOKS)

    def look(self) -> list[threading.Thread]:
        """Begin what is due and not being done here yet; an older version leaves a newer database alone."""
        if not schema.fits():
            self.outdated()
            return []
        due = chores.due()
        mine = [
            chore
            for chore in OF_ALL
            if chore.name in due - self.doing and chores.take(chore.name, chore.often)
        ]
        return [self._begin(chore) for chore in [*mine, *self._of_this_machine()]]

    def _of_this_machine(self) -> list[Duty]:
        now = time.monotonic()
        found = [chore for chore in OF_EACH if chore.name not in self.doing and self.own[chore.name] <= now]
        self.own |= {chore.name: now + chore.often.every.total_seconds() for chore in found}
        return found

    def _begin(self, chore: Duty) -> threading.Thread:
        self.doing.add(chore.name)
        thread = threading.Thread(target=self._do, args=[chore], name=chore.name, daemon=True)
        thread.start()
        return thread

    def _do(self, chore: Duty) -> None:
        try:
            chore.do()
        except Exception:
            logger.exception("%s stumbled; it is done again when it is due", chore.name)
        finally:
            connection.close()
            self.doing.discard(chore.name)


class Shift:
    """A worker process from its beginning to its end; `outdated` is called when a newer version has the database."""

    def __init__(self, *, outdated: Callable[[], object] = lambda: None) -> None:
        leases.start()
        checkpoints.start()
        self.bell, self.crew, self.couriers = Bell(), crew.hire(), couriers.hire()
        self.crew.listen(self.bell)
        self.crew.call(Generation.objects.ready().count())
        Rota(outdated=outdated).start()
        release_connection()

    def close_the_door(self) -> None:
        """Be called by no bell any more."""
        self.bell.take_down()

    def finish(self, seconds: float) -> bool:
        """Take nothing new; tell whether all that was begun was finished in this time."""
        self.couriers.stop(0)
        return self.crew.stop(seconds) and self.couriers.stop(SECONDS)
