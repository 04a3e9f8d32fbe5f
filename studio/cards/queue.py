"""Finished values for the page of the queue: who waits for what, at which place, until about when (PRODUCT §2.1).

A prompt that is private is shown to nobody but its person; nor are its model and shape.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from studio.cards.images import words
from studio.forms.shapes import asked_shape
from studio.models import Generation, State, User, installation
from studio.services.drawing.line import InLine, Line
from studio.services.receipts import hides_models
from studio.words.drawing import QUEUE_STAGES, begins

PAGE = 50
PEOPLE = 8
"""People who are named with how much of theirs waits."""

SHOWN = 200
"""Characters of a prompt that a line of the queue holds."""

HOLDS = 10
"""Seconds for which the times of a page are good enough."""


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    pk: UUID
    place: int
    person: User
    mine: bool
    prompt: str
    facts: str
    when: str
    moved: bool = False
    waits: bool = False


@dataclass(frozen=True)
class Share:
    """How many pictures of somebody wait and are drawn."""

    person: User
    waiting: int
    running: int


@dataclass(frozen=True)
class QueuePage:
    """Everything the page shows."""

    running: list[Row]
    waiting: list[Row]
    shares: list[Share]
    others: int
    total: int
    images: int
    start: int
    older: int
    seen: str


def seen_of(found: Line, start: int) -> str:
    """Name what a page shows of the line, so that one that shows the same need not be sent again."""
    places = [*found.running[:PAGE], *found.waiting[start : start + PAGE]]
    facts = [(place.pk.hex, place.state, place.rank) for place in places]
    sums = sorted((_counted(found.waiting) + _counted(found.running)).items())
    shown = repr((facts, sums, len(found.waiting), start, int(time.time() / HOLDS)))
    return hashlib.blake2s(shown.encode(), digest_size=8).hexdigest()


def queue_of(found: Line, *, person: User, start: int) -> QueuePage:
    """Return a page of the queue in four statements, however long it is."""
    here = found.waiting[start : start + PAGE]
    running = found.running[:PAGE] if not start else []
    places = [*running, *here]
    waiting = _counted(found.waiting)
    busy = _counted(found.running)
    most = [owner for owner, _ in (waiting + busy).most_common(PEOPLE)]
    people = User.objects.in_bulk({place.owner for place in places} | set(most))
    rows = _visible(places, person)
    starts = {} if installation().is_stopped else found.starts
    facts: dict[str, Any] = {"rows": rows, "people": people, "person": person, "starts": starts}
    return QueuePage(
        running=[_row(place, 0, **facts) for place in running],
        waiting=[_row(place, start + number, **facts) for number, place in enumerate(here, 1)],
        shares=[Share(people[each], waiting[each], busy[each]) for each in most if each in people],
        others=len(waiting | busy) - len(most),
        total=len(found.waiting),
        images=sum(place.n for place in found.waiting),
        start=start,
        older=start + PAGE if len(found.waiting) > start + PAGE else 0,
        seen=seen_of(found, start),
    )


def _counted(places: Sequence[InLine]) -> Counter[UUID]:
    counted: Counter[UUID] = Counter()
    for place in places:
        counted[place.owner] += place.n
    return counted


def _visible(places: Sequence[InLine], person: User) -> dict[UUID, Generation]:
    rows = Generation.objects.visible_to(person).select_related("prompt", "comparison", "model", "via")
    return {row.pk: row for row in rows.filter(pk__in=[place.pk for place in places])} if places else {}


def _row(
    place: InLine,
    number: int,
    *,
    rows: dict[UUID, Generation],
    people: dict[UUID, User],
    person: User,
    starts: dict[UUID, int],
) -> Row:
    row = rows.get(place.pk)
    return Row(
        pk=place.pk,
        place=number,
        person=people[place.owner],
        mine=place.owner == person.pk,
        prompt=words(row.prompt.text, SHOWN) if row else "",
        facts=", ".join(_facts(place, row)),
        when=_when(place, row, starts),
        moved=place.rank != 0,
        waits=place.waits,
    )


def _facts(place: InLine, row: Generation | None) -> list[str]:
    count = "1 picture" if place.n == 1 else f"{place.n} pictures"
    if row is None or hides_models(row):
        return [count]
    return [fact for fact in (count, row.drawn_by.label, asked_shape(place.settings)) if fact]


def _when(place: InLine, row: Generation | None, starts: dict[UUID, int]) -> str:
    """Say what is happening to what runs, and about when what waits begins; of a blind comparison no time."""
    if not place.waits:
        return QUEUE_STAGES["aside" if place.aside else place.state]
    hidden = row is not None and hides_models(row)
    return begins(starts[place.pk]) if place.pk in starts and not hidden else QUEUE_STAGES[State.QUEUED]
