"""The line: in which order what waits will be claimed, and about when (PRODUCT §2.1, §2.4).

It foretells what `claims` decides, and decides nothing itself.
"""

import datetime
import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from studio.models import Generation, ImageModel, State
from studio.models.generations import RANK
from studio.models.states import RUNNING
from studio.prepared import prepared
from studio.services.drawing.claims import NEVER

MINUTE = 60.0
COLUMNS = ("pk", "state", "owner", "n", "settings", "created_at", "not_before", "sent_at")

LONG = 500
"""From so many rows on a line is kept for a while by each process that has read it."""

HOLD = 10
"""A long line is kept so many times as long as reading it took, so that it costs a process a tenth of its time."""


class InLine(NamedTuple):
    """One row in the line, or one that runs; `model` is the one that draws."""

    pk: UUID
    state: str
    owner: UUID
    n: int
    settings: dict[str, Any]
    created_at: datetime.datetime
    not_before: datetime.datetime | None
    sent_at: datetime.datetime | None
    turn: datetime.datetime
    rank: int
    model: UUID
    stopped_at: datetime.datetime | None

    @property
    def aside(self) -> bool:
        return self.stopped_at is not None

    @property
    def waits(self) -> bool:
        return self.state == State.QUEUED


@dataclass(frozen=True)
class Line:
    """What waits, in the order in which it will be claimed, and what runs."""

    waiting: list[InLine]
    running: list[InLine]

    def ahead(self) -> dict[UUID, int]:
        """How many are before each row that waits."""
        return {place.pk: ahead for ahead, place in enumerate(self.waiting)}

    @cached_property
    def starts(self) -> dict[UUID, int]:
        """In how many seconds about each row begins; a row whose time nobody knows is left out."""
        return _starts(self)


@dataclass
class Memory:
    """The last long line that this process has read."""

    line: Line | None = None
    until: float = 0.0
    reading: Lock = field(default_factory=Lock)


_memory = Memory()


def look() -> Line:
    """Read the line in one statement; a long one is that of a moment ago (HOLD)."""
    if _memory.line is None:
        return _look()
    with _memory.reading:  # the others wait for one who reads, instead of all reading the same
        return _memory.line if _memory.line and monotonic() < _memory.until else _look()


def forget() -> None:
    """Read anew next time: somebody has moved or taken back what waits, and looks at once whether it is so."""
    _memory.line = None


def _look() -> Line:
    begun = monotonic()
    found = _read()
    ended = monotonic()
    _memory.line = found if len(found.waiting) >= LONG else None
    _memory.until = ended + HOLD * (ended - begun)
    return found


def _read() -> Line:
    places = [InLine(*row) for row in _rows()]
    running = [place for place in places if not place.waits]
    return Line(list(_in_turns([place for place in places if place.waits], running)), running)


@prepared
def _rows() -> QuerySet[Generation, Any]:
    rows = Generation.objects.in_state(State.QUEUED, *RUNNING).order_by("pk")
    turn, drawn_by = Coalesce("owner__last_claimed_at", NEVER), Coalesce("via", "model")
    return rows.values_list(*COLUMNS, turn, RANK, drawn_by, "stopped_waiting_at")


def _in_turns(waiting: Iterable[InLine], running: Iterable[InLine]) -> Iterator[InLine]:
    """Yield what waits as `claims` would take it if nothing ended meanwhile: who had a turn has one more running."""
    mine: dict[UUID, list[InLine]] = defaultdict(list)
    for place in sorted(waiting, key=lambda each: (each.rank, each.pk), reverse=True):
        mine[place.owner].append(place)
    at_work = Counter(place.owner for place in running if not place.aside)
    first = {owner: min(each.created_at for each in theirs) for owner, theirs in mine.items()}
    turns: list[tuple[Any, ...]] = [
        (theirs[-1].rank, at_work[owner], (0, theirs[-1].turn), first[owner], owner)
        for owner, theirs in mine.items()
    ]
    heapq.heapify(turns)
    taken = 0
    while turns:
        _, busy, _, _, owner = heapq.heappop(turns)
        yield mine[owner].pop()
        taken += 1
        if mine[owner]:
            heapq.heappush(turns, (mine[owner][-1].rank, busy + 1, (1, taken), first[owner], owner))


def _starts(line: Line) -> dict[UUID, int]:
    drawn_by = {place.model for place in [*line.running, *line.waiting]}
    models = {model.pk: model for model in _models(list(drawn_by))}
    desks = {model.relay_id: Desk.of(model) for model in models.values()}
    hands = [0.0] * settings.WORKER_THREADS
    now = timezone.now()
    for place in line.running:
        model = models[place.model]
        ends = _left(place, model, now)
        heapq.heapreplace(hands, ends)
        if place.state != State.RECEIVED:
            desks[model.relay_id].take(ends, asked_at=-_since(place.sent_at, now))
    starts = {}
    for place in line.waiting:
        model = models[place.model]
        desk = desks[model.relay_id]
        begins = max(hands[0], desk.free_at(), -_since(place.not_before, now))
        if not math.isfinite(begins):
            continue
        took = seconds_of(place, model)
        ends = begins + (math.inf if took is None else took)
        heapq.heapreplace(hands, ends)
        desk.take(ends, asked_at=begins)
        starts[place.pk] = round(begins)
    return starts


@prepared
def _models(pks: list[UUID]) -> QuerySet[ImageModel]:
    return ImageModel.objects.select_related("relay").filter(pk__in=pks)


def seconds_of(place: InLine, model: ImageModel) -> float | None:
    """How long it takes in all: a model that draws few at once is asked several times."""
    one = model.usual(place.settings, place.n)
    return None if one is None else math.ceil(place.n / model.per_call) * one.median_ms / 1000


def _left(place: InLine, model: ImageModel, now: datetime.datetime) -> float:
    """Seconds until a running row is likely to end; one that is late may end at any time."""
    took = seconds_of(place, model)
    return math.inf if took is None else max(0.0, took - _since(place.sent_at, now))


def _since(moment: datetime.datetime | None, now: datetime.datetime) -> float:
    return (now - moment).total_seconds() if moment else 0.0


class Desk:
    """What one relay takes: so many at once, so many in a minute."""

    def __init__(self, at_once: int | None, per_minute: int | None, *, shut: bool) -> None:
        self.ends = [math.inf if shut else 0.0] * at_once if at_once else []
        self.asked: list[float] = []
        self.per_minute = per_minute
        self.shut = shut

    @classmethod
    def of(cls, model: ImageModel) -> "Desk":
        relay = model.relay
        return cls(relay.at_once, relay.per_minute, shut=relay.is_paused)

    def free_at(self) -> float:
        """The seconds from now at which it takes the next request."""
        if self.shut:
            return math.inf
        is_full = self.per_minute and len(self.asked) >= self.per_minute
        return max(self.ends[0] if self.ends else 0.0, self.asked[0] + MINUTE if is_full else 0.0)

    def take(self, ends: float, *, asked_at: float) -> None:
        """Note a request, from when to when."""
        if self.ends:
            heapq.heapreplace(self.ends, max(ends, self.ends[0]))
        if self.per_minute:
            heapq.heappush(self.asked, asked_at)
            if len(self.asked) > self.per_minute:
                heapq.heappop(self.asked)
