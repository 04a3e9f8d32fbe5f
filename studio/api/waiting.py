"""Waits for a generation without holding a connection to the database, for at most so many callers a process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from studio.db import release_connection
from studio.errors import TooMany
from studio.models import Generation
from studio.models.states import ACTIVE
from studio.words import Reason

AT_ONCE = 8
"""Callers that wait in one web process: pages need its other threads."""

LONGEST = 590.0
"""Seconds: below what every client and proxy is told to allow (docs/programs.md)."""

PING = 15.0
"""Seconds between two signs of life in a stream."""

LOOKS = 0.25
_places = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def place() -> Iterator[None]:
    """Hold one of the places to wait; raises TooMany when all are taken, before anything was asked for."""
    if not _places.acquire(blocking=False):
        raise TooMany(Reason("api_crowded"), retry_after=2)
    try:
        yield
    finally:
        _places.release()


def until_ended(row: Generation, seconds: float) -> bool:
    """Wait until a generation has ended, at most so many seconds; say whether it has."""
    ends = time.monotonic() + seconds
    rows = Generation.objects.filter(pk=row.pk).in_state(*ACTIVE).order_by()
    while rows.exists():
        left = ends - time.monotonic()
        if left <= 0:
            return False
        release_connection()  # nobody holds one while a relay draws
        time.sleep(min(LOOKS, left))
    return True
