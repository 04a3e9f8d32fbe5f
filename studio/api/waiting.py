"""Waits for generations without holding a connection to the database: each in its thread, or all of them in one loop.

A view that waits is a story: a generator that yields `Wait`, is sent whether the generation has ended, and returns its
answer. The web process tells it in the request's thread, where few callers may wait; the process for programs tells
it in a loop (`studio.api.door`), where a caller costs no thread and one question is asked for all.
"""

import threading
import time
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http.response import HttpResponseBase

from studio.db import release_connection
from studio.errors import TooMany
from studio.models import Generation
from studio.models.states import ACTIVE
from studio.words import Reason

LONGEST = 590.0
"""Seconds: below what every client and proxy is told to allow (docs/programs.md)."""

PING = 15.0
"""Seconds between two signs of life in a stream."""

LOOKS = 0.25


@dataclass(frozen=True)
class Wait:
    """Until this generation has ended, at most so many seconds."""

    row: Generation
    seconds: float


Story = Generator[Wait, bool | None, HttpResponseBase]
Events = Generator[Wait | bytes, bool | None, None]


class _Places:
    """How many callers wait in this process."""

    lock = threading.Lock()
    taken = 0


@contextmanager
def place() -> Iterator[None]:
    """Hold one of the places to wait; raises TooMany when all are taken, before anything was asked for."""
    with _Places.lock:
        if _Places.taken >= settings.API_AT_ONCE:
            raise TooMany(Reason("api_crowded"), retry_after=2)
        _Places.taken += 1
    try:
        yield
    finally:
        with _Places.lock:
            _Places.taken -= 1


def told(story: Story) -> HttpResponseBase:
    """Tell a story in this thread."""
    wait, answer = step(story, None)
    while wait:
        wait, answer = step(story, until_ended(wait))
    assert answer is not None
    return answer


def told_events(first: bytes, events: Events) -> Iterator[bytes]:
    """Tell a stream in this thread."""
    each: Wait | bytes | None = first
    try:
        while each is not None:
            ended = until_ended(each) if isinstance(each, Wait) else None
            if isinstance(each, bytes):
                yield each
            each, _ = step(events, ended)
    finally:
        events.close()


def step[W, A](story: Generator[W, bool | None, A], ended: bool | None) -> tuple[W | None, A | None]:
    """Go on to the next wait, or to the end; one of the two is there."""
    try:
        return story.send(ended), None
    except StopIteration as end:
        return None, end.value


def until_ended(wait: Wait) -> bool:
    """Wait in this thread; say whether it has ended."""
    ends = time.monotonic() + wait.seconds
    while wait.row.is_active and not ended([wait.row.pk]):
        left = ends - time.monotonic()
        if left <= 0:
            return False
        release_connection()  # nobody holds one while a relay draws
        time.sleep(min(LOOKS, left))
    return True


def ended(pks: Collection[UUID]) -> set[UUID]:
    """Return those of these generations that have ended."""
    active = Generation.objects.filter(pk__in=pks).in_state(*ACTIVE).order_by().values_list("pk", flat=True)
    return set(pks) - set(active)
