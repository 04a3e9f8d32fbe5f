"""Claims rows for workers, fairly: people take turns, and relays are asked no more than they may be (SAFETY.md §1)."""

import datetime
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from studio.db import release_connection, write_transaction
from studio.models import Generation, Relay, RelayRequest, State
from studio.models.generations import GenerationQuerySet
from studio.models.ids import storage_token
from studio.models.relay_requests import RATE_WINDOW
from studio.services.drawing import statements

NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)

TRIES = 50
"""How many rows are chosen, one after the other, while other processes take those that were chosen."""

SHARE = 1000
"""Rows of one person that one worker process works on at once, where nobody says otherwise."""

NO_ROW = UUID(int=0)


@dataclass(frozen=True)
class Chosen:
    """A row that may be claimed, and the relay that it asks, where that has a limit to be kept."""

    pk: UUID
    state: State
    owner: UUID
    limited: UUID | None


@dataclass
class Choices:
    """What the threads of this process have chosen and not claimed yet: it counts as claimed, and since when.

    One thread chooses at a time, so that shares are exact and no two choose the same row; they claim side by side.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    made: dict[Chosen, datetime.datetime] = field(default_factory=dict)


_choices = Choices()


def claim_next(
    worker: str, *, rows: GenerationQuerySet | None = None, share: int = SHARE
) -> Generation | None:
    """Claim the fairest row that may go on: people take turns, each with the one that has waited longest.

    Nobody holds more than `share` rows of one worker process (SAFETY T25). Rows are chosen before the turn to write is
    taken, which is short then; what another process takes meanwhile is chosen anew.
    """
    pk = _claim_fairest(rows, worker, share)
    return statements.claimed.first(pk) if pk else None


def _claim_fairest(rows: GenerationQuerySet | None, worker: str, share: int) -> UUID | None:
    lost: list[UUID] = []
    for _ in range(TRIES):
        release_connection()  # were all of them with those who wait, nobody could choose
        with _choices.lock:
            chosen = _choose(rows, worker, share, lost)
            if chosen is None:
                return None
            _choices.made[chosen] = timezone.now()
        try:
            claimed = _claim(chosen, worker)
        finally:
            del _choices.made[chosen]
        if claimed:
            return chosen.pk
        if claimed is not None:
            lost.append(chosen.pk)
    return None


def _choose(
    rows: GenerationQuerySet | None, worker: str, share: int, lost: Iterable[UUID] = ()
) -> Chosen | None:
    """Return the row whose turn it is, but for those that are chosen or lost."""
    limited = {relay.pk: is_open(relay) for relay in statements.limited_relays()}
    shut = [pk for pk, may_be_asked in limited.items() if not may_be_asked]
    line = _Line(rows, shut, lost, others=dict(_choices.made))
    for owner, ranked in _turns(line, worker, share):
        for pk, state, relay in line.next_of(owner, ranked=ranked):
            return Chosen(pk, State(state), owner, limited=relay if relay in limited else None)
    return None


class _Line:
    """The rows that may go on: all that are ready, or of these some, or those alone whose relay may be asked."""

    def __init__(
        self,
        rows: GenerationQuerySet | None,
        shut: list[UUID],
        lost: Iterable[UUID],
        others: dict[Chosen, datetime.datetime],
    ) -> None:
        self.others = others
        self.chosen = [NO_ROW, *(each.pk for each in others)]
        self.besides = besides = [*self.chosen, *lost]
        self.some = None
        if rows is not None or shut:
            some = Generation.objects.all() if rows is None else rows
            self.some = some.ready().exclude(pk__in=besides)
        if self.some is not None and shut:  # what has come needs no relay
            asked = self.some.annotate(relay_asked=statements.RELAY_ASKED)
            self.some = asked.exclude(state=State.QUEUED, relay_asked__in=shut)

    def people(self) -> Iterable[Any]:
        if self.some is None:
            return statements.everybody_waiting(self.besides)
        return statements.people_waiting(self.some)

    def next_of(self, owner: UUID, *, ranked: bool) -> Iterable[Any]:
        if self.some is not None:
            return statements.rows_of(self.some, owner, ranked=ranked)
        return (statements.next_ranked_row if ranked else statements.next_row)(owner, self.besides)


def _turns(line: _Line, worker: str, share: int) -> list[tuple[UUID, bool]]:
    """People with ready rows, and whether some of these were moved by an administrator.

    Whose row was put first comes first; then those with the fewest running, then whoever waited longest for a turn.
    """
    waiting = list(line.people())
    running: Counter[UUID] = Counter()
    here: Counter[UUID] = Counter()
    aside: Counter[UUID] = Counter()
    for owner, by, count, unawaited in statements.at_work(line.chosen):
        running[owner] += count - unawaited
        here[owner] += count - unawaited if by == worker else 0
        aside[owner] += unawaited if by == worker else 0
    chosen = {each.owner: moment for each, moment in line.others.items()}
    for each in line.others:
        running[each.owner] += 1
        here[each.owner] += 1
    turns = [
        (best, running[owner], chosen.get(owner) or turn or NEVER, first, owner, moved > 0)
        for owner, turn, first, best, moved in waiting
    ]
    most = share + share // 2  # rows that nobody waits for take a thread all the same
    free = {each[4] for each in turns if here[each[4]] < share and here[each[4]] + aside[each[4]] < most}
    return [(owner, ranked) for *_, owner, ranked in sorted(turns) if owner in free]


def _claim(chosen: Chosen, worker: str) -> bool | None:
    """Claim the row, unless it was taken (False) or its relay filled up (None) meanwhile."""
    waits = chosen.state == State.QUEUED
    take = statements.claim_queued if waits else statements.claim_received
    with write_transaction(durable=False):
        if waits and chosen.limited and not is_open(_locked(chosen.limited)):
            return None
        if not take(chosen.pk, worker, storage_token()):
            return False
        statements.had_a_turn(chosen.owner)
    return True


def _locked(pk: UUID) -> Relay:
    """Return the relay as it is now; nobody else takes a place at it until this transaction ends."""
    return Relay.objects.select_for_update(no_key=True).get(pk=pk)


def is_open(relay: Relay) -> bool:
    """Say whether a relay may be asked: neither paused nor at its limit. What waits for one that is off must end."""
    return not relay.enabled or not (relay.is_paused or _is_full(relay, Generation.objects.asking(relay)))


def _is_full(relay: Relay, asking: GenerationQuerySet) -> bool:
    """Say whether one more request would be over a limit; claimed rows are requests about to leave."""
    if relay.at_once and asking.count() >= relay.at_once:
        return True
    if not relay.per_minute:
        return False
    left = RelayRequest.objects.of_relay(relay).since(RATE_WINDOW).count()
    return left + asking.in_state(State.CLAIMED).count() >= relay.per_minute
