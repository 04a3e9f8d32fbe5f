"""Draws what is waiting until it is told to stop, and then finishes what it has begun (SAFETY §6, row 7)."""

import signal
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.tasks import task_backends
from django.utils.module_loading import autodiscover_modules
from huey import crontab
from huey.consumer import Consumer
from huey.contrib import djhuey

from studio.db import release_connection
from studio.models import Generation, schema
from studio.models.states import RUNNING
from studio.services.drawing import leases
from studio.shift import Shift


@djhuey.periodic_task(crontab(minute="*/10"))
def forget_results() -> None:
    """Forget what came of tickets: nobody asks."""
    djhuey.HUEY.storage.flush_results()


class Worker(Consumer):
    """Huey's consumer, which stops gracefully after SIGTERM, at once after a second one, and at the latest after
    STOP_GRACE."""

    def start(self) -> None:
        super().start()
        self.shift = Shift()
        signal.signal(signal.SIGINT, lambda *_: signal.raise_signal(signal.SIGTERM))  # Ctrl-C asks as kindly

    def check_worker_health(self) -> None:
        """Stop as for a deployment once the database belongs to a newer version; whoever started this one restarts."""
        super().check_worker_health()
        with suppress(DatabaseError):
            if schema.newer():
                self.stop(graceful=True)
            release_connection()

    def stop(self, graceful: bool = False) -> None:
        self.stop_flag.set()
        running = count_running() if graceful else 0
        if running:
            things = "generation" if running == 1 else "generations"
            print(  # noqa: T201 - said to the person at the terminal, not to the log
                f"Finishing {running} running {things}; press Ctrl-C again to stop at once.", flush=True
            )
        self.shift.close_the_door()
        super().stop(graceful and self._finish())

    def _finish(self) -> bool:
        """Let those who draw finish; told a second time, or when the grace is over, stop at once."""
        try:
            return self.shift.finish(self.shutdown_timeout)
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
        engine = task_backends["default"]
        if hasattr(engine, "work"):  # another engine than Huey brings its own worker
            engine.work()
        else:
            self.consume()
        if why := schema.newer():
            raise CommandError(why)

    def consume(self) -> None:
        """Take Huey's tickets until told to stop."""
        options = settings.HUEY["consumer"] | {"health_check_interval": settings.LEASE_SECONDS / 3}
        Worker(djhuey.HUEY, **options).run()
