"""The hands of a worker process that draw: as many threads as there is work for, up to WORKER_THREADS."""

import threading

from django.conf import settings

from studio.bell import Bell
from studio.services.drawing import run
from studio.services.hands import Hands


class Crew(Hands):
    """Draws what is waiting whenever it is called, and finishes what it has begun when it is told to stop."""

    def __init__(self, size: int) -> None:
        super().__init__(size, lambda: run.run_next(goes_on=True))

    def listen(self, bell: Bell) -> None:
        """Be called by a bell, from a thread of its own."""

        def answer() -> None:
            while True:
                self.call(bell.wait())

        threading.Thread(target=answer, name="bell", daemon=True).start()


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
