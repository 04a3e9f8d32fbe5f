"""Claims rows for workers, fairly: people take turns, and relays are asked no more than they may be (SAFETY.md §1)."""

import datetime
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from studio.db import release_connection, write_transaction
from studio.models import Generation, Relay, RelayRequest, State
from studio.models.generations import GenerationQuerySet
from studio.models.ids import storage_token
from studio.models.relay_requests import RATE_WINDOW
from studio.services.drawing import statements

NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)

TRIES = 10
"""How often a row is chosen anew when other processes took those that were chosen."""

SHARE = 1000
"""Rows of one person that one worker process works on at once, where nobody says otherwise."""


_choosing = threading.Lock()
"""One thread of a process chooses at a time: so the shares are exact, and no two choose the same row."""


def claim_next(
    worker: str, *, rows: GenerationQuerySet | None = None, share: int = SHARE
) -> Generation | None:
    """Claim the fairest row that may go on: people take turns, each with the one that has waited longest.

    Nobody holds more than `share` rows of one worker process (SAFETY T25). Rows are chosen before the turn to write is
    taken, which is short then; what another process takes meanwhile is chosen anew.
    """
    release_connection()  # were all of them with those who wait, nobody could choose
    with _choosing:
        pk = _claim_fairest(rows, worker, share)
    return statements.claimed.first(pk) if pk else None


@dataclass(frozen=True)
class Chosen:
    """A row that may be claimed, and the relay that it asks, where that has a limit to be kept."""

    pk: UUID
    state: State
    owner: UUID
    limited: UUID | None


def _claim_fairest(rows: GenerationQuerySet | None, worker: str, share: int) -> UUID | None:
    for _ in range(TRIES):
        taken = False
        for chosen in _choose(rows, worker, share):
            if _claim(chosen, worker):
                return chosen.pk
            taken = True
        if not taken:
            break
    return None


def _choose(rows: GenerationQuerySet | None, worker: str, share: int) -> Iterator[Chosen]:
    """Yield the next row of each person, in the order of their turns."""
    limited = {relay.pk: is_open(relay) for relay in statements.limited_relays()}
    shut = [pk for pk, may_be_asked in limited.items() if not may_be_asked]
    line = _Line(rows, shut)
    for owner, ranked in _turns(line.people(), worker, share):
        for pk, state, relay in line.next_of(owner, ranked=ranked):
            yield Chosen(pk, State(state), owner, limited=relay if relay in limited else None)


class _Line:
    """The rows that may go on: all that are ready, or of these some, or those alone whose relay may be asked."""

    def __init__(self, rows: GenerationQuerySet | None, shut: list[UUID]) -> None:
        self.some = None
        if rows is not None or shut:
            self.some = (Generation.objects.all() if rows is None else rows).ready()
        if self.some is not None and shut:  # what has come needs no relay
            asked = self.some.annotate(relay_asked=statements.RELAY_ASKED)
            self.some = asked.exclude(state=State.QUEUED, relay_asked__in=shut)

    def people(self) -> Iterable[Any]:
        return statements.everybody_waiting() if self.some is None else statements.people_waiting(self.some)

    def next_of(self, owner: UUID, *, ranked: bool) -> Iterable[Any]:
        if self.some is not None:
            return statements.rows_of(self.some, owner, ranked=ranked)
        return statements.next_ranked_row(owner) if ranked else statements.next_row(owner)


def _turns(waiting: Iterable[Any], worker: str, share: int) -> list[tuple[UUID, bool]]:
    """People with ready rows, and whether some of these were moved by an administrator.

    Whose row was put first comes first; then those with the fewest running, then whoever waited longest for a turn.
    """
    running: Counter[UUID] = Counter()
    here: Counter[UUID] = Counter()
    aside: Counter[UUID] = Counter()
    for owner, by, count, unawaited in statements.at_work():
        running[owner] += count - unawaited
        here[owner] += count - unawaited if by == worker else 0
        aside[owner] += unawaited if by == worker else 0
    turns = [
        (best, running[owner], turn or NEVER, first, owner, moved > 0)
        for owner, turn, first, best, moved in waiting
    ]
    most = share + share // 2  # rows that nobody waits for take a thread all the same
    free = {each[4] for each in turns if here[each[4]] < share and here[each[4]] + aside[each[4]] < most}
    return [(owner, ranked) for *_, owner, ranked in sorted(turns) if owner in free]


def _claim(chosen: Chosen, worker: str) -> bool:
    """Claim the row, unless it was taken or its relay filled up meanwhile."""
    waits = chosen.state == State.QUEUED
    take = statements.claim_queued if waits else statements.claim_received
    with write_transaction(durable=False):
        if waits and chosen.limited and not is_open(_locked(chosen.limited)):
            return False
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
