"""As many threads as there is work for, up to a number.

Waiting for the outside world takes a thread and little else, so there may be hundreds; none polls while there is
nothing to do.
"""

import logging
import threading
from collections.abc import Callable

from django.db import connection

from studio.db import release_connection

logger = logging.getLogger(__name__)

IDLE = 60.0
"""Seconds after which a hand with nothing to do goes home."""


class Hands:
    """Threads that do one thing after the other while there is something to do, and finish what they have begun when
    they are told to stop.

    `work` does one thing and says whether there was one.
    """

    def __init__(self, size: int, work: Callable[[], object]) -> None:
        self.size, self.work = size, work
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

    def _work(self) -> None:
        while self._called():
            try:
                while not self.stopping and self.work():
                    pass
            except Exception:
                # Not called again at once, for it would stumble as fast as it can; a heartbeat finds what it left.
                logger.exception("a hand stumbled; it goes on")
                connection.close()
            release_connection()
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
