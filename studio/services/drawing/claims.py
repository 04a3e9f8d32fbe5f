"""Claims rows for workers, fairly: people take turns, and relays are asked no more than they may be (SAFETY.md §1)."""

import datetime
from collections import Counter
from collections.abc import Iterator
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

SHARE = 1000
"""Rows of one person that one worker process works on at once, where nobody says otherwise."""


def claim_next(
    worker: str, *, rows: GenerationQuerySet | None = None, share: int = SHARE
) -> Generation | None:
    """Claim the fairest row that may go on: people take turns, each with the one that has waited longest.

    Nobody holds more than `share` rows of one worker process (SAFETY T25).
    """
    rows = Generation.objects.all() if rows is None else rows
    with write_transaction():
        pk = _claim_fairest(rows, worker, share)
    return rows.select_related(*CLAIMED_WITH).get(pk=pk) if pk else None


def _claim_fairest(rows: GenerationQuerySet, worker: str, share: int) -> UUID | None:
    may_go = _on_open_relays(rows.ready())
    for owner, ranked in _turns(may_go, worker, share):
        # By an expression: by the column SQLite would walk along everything this person ever made.
        theirs = may_go.alias(person=Coalesce("owner", Value(None))).filter(person=owner)
        waiting = theirs.order_by(RANK, "pk") if ranked else theirs.order_by("pk")
        row = waiting.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "state").first()
        if row and _claim(rows.filter(pk=row[0]), State(row[1]), worker):
            User.objects.filter(pk=owner).update(last_claimed_at=Now())
            return row[0]
    return None


def _on_open_relays(rows: GenerationQuerySet) -> GenerationQuerySet:
    """Without the rows whose relay is paused or busy; one whose answer has come needs no relay any more."""
    shut = list(closed_relays())
    if not shut:
        return rows
    relay_asked = Coalesce("via__relay", "model__relay")
    return rows.annotate(relay_asked=relay_asked).exclude(state=State.QUEUED, relay_asked__in=shut)


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


def _claim(row: GenerationQuerySet, state: State, worker: str) -> bool:
    to = State.CLAIMED if state == State.QUEUED else State.RECEIVED
    free = row.filter(claimed_by="")
    drawn: dict[str, Any] = {"claimed_by": worker, "claim": storage_token(), "lease_at": Now()}
    return free.move(state, to=to, not_before=None, **drawn)


def closed_relays() -> Iterator[UUID]:
    """Yield the relays that are not asked now: paused, or at their limit. What waits for one that is off must end.

    Locks the limited ones, so that two workers cannot take the last place both; call it inside a transaction.
    """
    for relay in Relay.objects.limited().order_by("pk").select_for_update(no_key=True):
        asking = Generation.objects.asking(relay)
        if relay.enabled and (relay.is_paused or _is_full(relay, asking)):
            yield relay.pk


def _is_full(relay: Relay, asking: GenerationQuerySet) -> bool:
    """Say whether one more request would be over a limit; claimed rows are requests about to leave."""
    if relay.at_once and asking.count() >= relay.at_once:
        return True
    if not relay.per_minute:
        return False
    left = RelayRequest.objects.of_relay(relay).since(RATE_WINDOW).count()
    return left + asking.in_state(State.CLAIMED).count() >= relay.per_minute
