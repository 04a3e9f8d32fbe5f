"""Draws what is waiting until it is told to stop, and then finishes what it has begun (SAFETY §6, row 7)."""

import signal
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.module_loading import autodiscover_modules
from huey.consumer import Consumer
from huey.contrib import djhuey

from studio.bell import Bell
from studio.db import release_connection
from studio.models import Generation, schema
from studio.models.states import RUNNING
from studio.relays.webhooks import SECONDS
from studio.services.drawing import crew, leases
from studio.services.webhooks import couriers
from studio.words import NO_REASON


class Worker(Consumer):
    """Huey's consumer, which stops gracefully after SIGTERM, at once after a second one, and at the latest after
    STOP_GRACE."""

    newer = NO_REASON

    def start(self) -> None:
        super().start()
        self.bell, self.crew, self.couriers = Bell(), crew.hire(), couriers.hire()
        self.crew.listen(self.bell)
        self.crew.call(Generation.objects.ready().count())
        release_connection()
        signal.signal(signal.SIGINT, lambda *_: signal.raise_signal(signal.SIGTERM))  # Ctrl-C asks as kindly

    def check_worker_health(self) -> None:
        """Stop as for a deployment once the database belongs to a newer version; whoever started this one restarts."""
        super().check_worker_health()
        with suppress(DatabaseError):
            self.newer = schema.newer()
            release_connection()
        if self.newer:
            self.stop(graceful=True)

    def stop(self, graceful: bool = False) -> None:
        self.stop_flag.set()
        running = count_running() if graceful else 0
        if running:
            things = "generation" if running == 1 else "generations"
            print(  # noqa: T201 - said to the person at the terminal, not to the log
                f"Finishing {running} running {things}; press Ctrl-C again to stop at once.", flush=True
            )
        self.bell.take_down()
        super().stop(graceful and self._finish())

    def _finish(self) -> bool:
        """Let those who draw finish; told a second time, or when the grace is over, stop at once."""
        try:
            self.couriers.stop(0)
            return self.crew.stop(self.shutdown_timeout) and self.couriers.stop(SECONDS)
        except KeyboardInterrupt:
            return False


def count_running() -> int:
    """Return how many generations this process is working on; 0 if the database does not say."""
    with suppress(DatabaseError):
        return Generation.objects.in_state(*RUNNING).filter(claimed_by=leases.WORKER).count()
    return 0


class Command(BaseCommand):
    """Runs one worker process."""

    help = "Draw what is waiting. SIGTERM or Ctrl-C finishes what has begun; a second one stops at once."

    def handle(self, *args: Any, **options: Any) -> None:
        autodiscover_modules("tasks")
        if why := schema.newer() or schema.older():
            raise CommandError(why)
        options = settings.HUEY["consumer"] | {"health_check_interval": settings.LEASE_SECONDS / 3}
        worker = Worker(djhuey.HUEY, **options)
        worker.run()
        if worker.newer:
            raise CommandError(worker.newer)
