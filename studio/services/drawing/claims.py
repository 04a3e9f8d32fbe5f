"""Claims rows for workers, fairly: people take turns, and relays are asked no more than they may be (SAFETY.md §1)."""

import datetime
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Value
from django.db.models.functions import Coalesce, Now

from studio.db import write_transaction
from studio.models import Generation, Relay, RelayRequest, State, User
from studio.models.generations import RANK, GenerationQuerySet
from studio.models.ids import storage_token
from studio.models.relay_requests import RATE_WINDOW
from studio.models.states import RUNNING

NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)

CLAIMED_WITH = ("prompt", "owner", "model__relay")
"""What a worker needs to know of a row beside the row."""

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
    rows = Generation.objects.all() if rows is None else rows
    with _choosing:
        pk = _claim_fairest(rows, worker, share)
    return rows.select_related(*CLAIMED_WITH).get(pk=pk) if pk else None


@dataclass(frozen=True)
class Chosen:
    """A row that may be claimed, and the relay that it asks, where that has a limit to be kept."""

    pk: UUID
    state: State
    owner: UUID
    limited: UUID | None


def _claim_fairest(rows: GenerationQuerySet, worker: str, share: int) -> UUID | None:
    for _ in range(TRIES):
        taken = False
        for chosen in _choose(rows, worker, share):
            if _claim(rows, chosen, worker):
                return chosen.pk
            taken = True
        if not taken:
            break
    return None


def _choose(rows: GenerationQuerySet, worker: str, share: int) -> Iterator[Chosen]:
    """Yield the next row of each person, in the order of their turns."""
    relay_asked = Coalesce("via__relay", "model__relay")
    limited = {relay.pk: is_open(relay) for relay in Relay.objects.limited()}
    shut = [pk for pk, may_be_asked in limited.items() if not may_be_asked]
    may_go = rows.ready()
    if shut:  # what has come needs no relay
        may_go = may_go.annotate(relay_asked=relay_asked).exclude(state=State.QUEUED, relay_asked__in=shut)
    for owner, ranked in _turns(may_go, worker, share):
        # By an expression: by the column SQLite would walk along everything this person ever made.
        theirs = may_go.alias(person=Coalesce("owner", Value(None))).filter(person=owner)
        waiting = theirs.order_by(RANK, "pk") if ranked else theirs.order_by("pk")
        for pk, state, relay in waiting.values_list("pk", "state", relay_asked)[:1]:
            yield Chosen(pk, State(state), owner, limited=relay if relay in limited else None)


def _turns(ready: GenerationQuerySet, worker: str, share: int) -> list[tuple[UUID, bool]]:
    """People with ready rows, and whether some of these were moved by an administrator.

    Whose row was put first comes first; then those with the fewest running, then whoever waited longest for a turn.
    """
    claimed = Generation.objects.in_state(*RUNNING).exclude(claimed_by="").order_by()
    running: Counter[UUID] = Counter()
    here: Counter[UUID] = Counter()
    aside: Counter[UUID] = Counter()
    counts = claimed.values_list("owner", "claimed_by").annotate(Count("pk"), Count("stopped_waiting_at"))
    for owner, by, count, unawaited in counts:
        running[owner] += count - unawaited
        here[owner] += count - unawaited if by == worker else 0
        aside[owner] += unawaited if by == worker else 0
    waiting = ready.order_by().values_list("owner", "owner__last_claimed_at")
    people = waiting.annotate(first=Min("created_at"), best=Min(RANK), moved=Count("rank"))
    turns = [
        (best, running[owner], turn or NEVER, first, owner, moved > 0)
        for owner, turn, first, best, moved in people
    ]
    most = share + share // 2  # rows that nobody waits for take a thread all the same
    free = {each[4] for each in turns if here[each[4]] < share and here[each[4]] + aside[each[4]] < most}
    return [(owner, ranked) for *_, owner, ranked in sorted(turns) if owner in free]


def _claim(rows: GenerationQuerySet, chosen: Chosen, worker: str) -> bool:
    """Claim the row, unless it was taken or its relay filled up meanwhile."""
    waits = chosen.state == State.QUEUED
    drawn: dict[str, Any] = {"claimed_by": worker, "claim": storage_token(), "lease_at": Now()}
    with write_transaction():
        if waits and chosen.limited and not is_open(_locked(chosen.limited)):
            return False
        free = rows.filter(pk=chosen.pk, claimed_by="")
        to = State.CLAIMED if waits else State.RECEIVED
        if not free.move(chosen.state, to=to, not_before=None, **drawn):
            return False
        User.objects.filter(pk=chosen.owner).update(last_claimed_at=Now())
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
