"""The hands of a worker process: as many threads as there is work for, up to WORKER_THREADS.

Waiting for a relay takes a thread and little else, so there may be hundreds; none polls while there is nothing to do.
"""

import logging
import threading

from django.conf import settings
from django.db import connection

from studio.bell import Bell
from studio.services.drawing import run

logger = logging.getLogger(__name__)

IDLE = 60.0
"""Seconds after which a hand with nothing to do goes home."""


class Crew:
    """Draws what is waiting whenever it is called, and finishes what it has begun when it is told to stop."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.turn = threading.Condition()
        self.calls = self.hands = self.idle = 0
        self.stopping = False

    def call(self, times: int = 1) -> None:
        """Have that many hands look for work; one who finds some goes on until there is none."""
        with self.turn:
            self.calls = min(self.calls + times, self.size)
            new = min(self.calls - self.idle, self.size - self.hands)
            self.hands += max(0, new)
            self.turn.notify(self.calls)
        for _ in range(new):
            threading.Thread(target=self._work, name="hand", daemon=True).start()

    def stop(self, seconds: float) -> bool:
        """Take nothing new; return whether all hands have finished within that time."""
        with self.turn:
            self.stopping = True
            self.turn.notify_all()
            return self.turn.wait_for(lambda: not self.hands, seconds)

    def listen(self, bell: Bell) -> None:
        """Be called by a bell, from a thread of its own."""

        def answer() -> None:
            while True:
                self.call(bell.wait())

        threading.Thread(target=answer, name="bell", daemon=True).start()

    def _work(self) -> None:
        while self._called():
            try:
                while not self.stopping and run.run_next(goes_on=True):
                    pass
            except Exception:
                logger.exception("a hand stumbled; it goes on")
                connection.close()
        connection.close()
        with self.turn:
            self.hands -= 1
            self.turn.notify_all()

    def _called(self) -> bool:
        with self.turn:
            self.idle += 1
            self.turn.wait_for(lambda: self.calls or self.stopping, IDLE)
            self.idle -= 1
            if self.stopping or not self.calls:
                return False
            self.calls -= 1
            return True


_crew: Crew | None = None


def hire() -> Crew:
    """Have hands in this process, which a bell calls and tickets do."""
    global _crew
    _crew = Crew(settings.WORKER_THREADS)
    return _crew


def call() -> bool:
    """Call the hands of this process; return whether it has any."""
    if _crew is not None:
        _crew.call()
    return _crew is not None
