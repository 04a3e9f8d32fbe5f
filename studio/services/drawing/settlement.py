"""Ends a generation: state, budget, ledger and audit in one transaction (SAFETY §1.6)."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models.functions import Now
from django.utils import timezone

from studio import failpoints
from studio.db import write_transaction
from studio.models import (
    Case,
    CaseKind,
    Generation,
    ImageModel,
    NoticeKind,
    RelayRequest,
    SlotState,
    State,
    User,
    Verdict,
)
from studio.models.generations import GenerationQuerySet
from studio.models.ids import storage_token
from studio.models.usual import ALL, learned
from studio.services import audit, budgets, notices
from studio.services.drawing import stated, statements
from studio.services.ledger import Round
from studio.services.webhooks import events
from studio.words import NO_REASON, Reason
from studio.words.drawing import DAMAGE

LEARN_PAUSE = 10.0
MILLISECOND = timedelta(milliseconds=1)
LONG = timedelta(minutes=1)
"""Whoever has waited longer may look elsewhere by now, and is told."""

TROUBLES = (State.FAILED, State.REFUSED, State.BROKEN, State.UNKNOWN)
PRESUMED = (State.UNKNOWN, State.BROKEN)
"""States after which the relay may have charged: what was reserved is presumed spent."""


@dataclass(frozen=True, kw_only=True)
class AnswerFacts:
    """What is known of the answer that ended a generation."""

    kind: str = ""
    raw: str = ""
    status: int | None = None
    trace_id: str = ""
    answer: str = ""
    cost: Decimal | None = None
    tokens: Mapping[str, int] = field(default_factory=dict)


def complete(*, generation: Generation, facts: AnswerFacts = AnswerFacts()) -> bool:
    """End a generation all of whose slots have been answered for."""
    return _end(generation, None, State.CLAIMED, State.RECEIVED, to=State.DONE, facts=facts)


def fail(*, generation: Generation, to: State, why: Reason, facts: AnswerFacts) -> bool:
    """End a generation whose last request brought nothing; what earlier ones brought stays."""
    rows = Generation.objects.known(generation)
    running = (State.CLAIMED, State.SENT, State.RECEIVED)
    return _end(generation, rows, *running, to=to, why=why, facts=facts)


LOST = AnswerFacts(kind="unknown")
LOST_CONTACT = Reason("lost_contact")


def lose_contact(
    *,
    generation: Generation,
    rows: GenerationQuerySet | None = None,
    facts: AnswerFacts = LOST,
    why: Reason = LOST_CONTACT,
) -> bool:
    """End a generation that was sent and whose answer is not here: it may have been charged, nothing is sent again."""
    rows = Generation.objects.known(generation) if rows is None else rows
    return _end(generation, rows, State.SENT, State.RECEIVED, to=State.UNKNOWN, why=why, facts=facts)


CANCELLED = Reason("cancelled")


def cancel(
    *, generation: Generation, person: User, actor: User | None = None, why: Reason = CANCELLED
) -> bool:
    """Take a waiting generation of a person back; what was drawn of it stays, the rest of its money is free again.

    Who does it is in the audit: the person, or an administrator who suspends them or clears the queue.
    """
    rows = Generation.objects.owned_by(person).filter(pk=generation.pk)
    waiting = (State.HELD, State.QUEUED, State.CLAIMED)
    return _end(generation, rows, *waiting, to=State.CANCELLED, why=why, actor=actor or person)


def withdraw(*, generation: Generation) -> bool:
    """Cancel a waiting generation whose owner is suspended: it came back into the queue after that (SAFETY T13)."""
    rows = Generation.objects.filter(pk=generation.pk, owner__is_active=False)
    return _end(generation, rows, State.HELD, State.QUEUED, to=State.CANCELLED, why=Reason("cancelled"))


def let_go(*, generation: Generation) -> bool:
    """End a row that would ask again, for somebody who no longer waits."""
    rows = Generation.objects.known(generation)
    return _end(generation, rows, State.CLAIMED, to=State.CANCELLED, why=Reason("stopped_waiting"))


def ask(*, generation: Generation, rows: GenerationQuerySet | None = None) -> bool:
    """End what would be sent from a restored copy with a question to its person; what was drawn of it stays."""
    rows = Generation.objects.known(generation) if rows is None else rows
    waiting = (State.HELD, State.QUEUED, State.CLAIMED)
    return _end(generation, rows, *waiting, to=State.CANCELLED, why=Reason("restored"))


def refuse(*, generation: Generation, why: Reason, moderator: User | None) -> bool:
    """End a held generation that a moderator does not let pass, or that nobody has decided of in time (None)."""
    rows = Generation.objects.filter(pk=generation.pk)
    return _end(
        generation, rows, State.HELD, to=State.REFUSED, why=why, actor=moderator, verdict=Verdict.REFUSED
    )


def find_again(*, generation: Generation, worker: str) -> bool:
    """Take up a lost generation whose answer came after all: what was presumed spent is reserved again.

    Only while it stands as it was lost: not closed, not forgiven, not tried again.
    """
    request = generation.relay_requests.get(attempt=generation.attempts)
    count = generation.slots.missing().filter(index__in=request.slots).count()
    lost = Generation.objects.filter(pk=generation.pk, attempts=request.attempt, closed=False)
    with write_transaction():
        row = lost.in_state(State.UNKNOWN).select_for_update().first()
        if row is None or not budgets.take_up(generation=row, round=row.round, amount=count):
            return False
        clean: dict[str, Any] = {"settled_at": None, "why": NO_REASON, "error_kind": "", "error_raw": ""}
        claim = storage_token()
        mine: dict[str, Any] = {"claimed_by": worker, "claim": claim, "lease_at": Now(), "received_at": Now()}
        lost.move(State.UNKNOWN, to=State.RECEIVED, **clean, **mine)
        # What was saved before was settled when contact was lost; nothing more is asked for.
        generation.slots.filter(state=SlotState.SAVED).update(round=0)
        generation.slots.missing().update(round=row.round)
        RelayRequest.objects.filter(pk=request.pk).update(ended_at=None, outcome="")
        audit.record(actor=None, action="generation.found", subject=generation.pk, n=count)
    generation.claimed_by, generation.claim = worker, claim
    return True


def _end(
    generation: Generation,
    rows: GenerationQuerySet | None,
    *old: State,
    to: State,
    why: Reason = NO_REASON,
    facts: AnswerFacts = AnswerFacts(),
    actor: User | None = None,
    verdict: Verdict = Verdict.WITHDRAWN,
) -> bool:
    with write_transaction():
        tally = _tally(generation)
        to = tally.state if to == State.DONE else to
        why = tally.after(why) if why else tally.why
        presumed = min(_asked_last(generation), tally.reserved - tally.delivered) if to in PRESUMED else 0
        said: dict[str, Any] = {"reason": why.code, "reason_values": why.values, "error_kind": facts.kind}
        said |= {"error_raw": facts.raw, "trace_id": facts.trace_id[:120], "trail": _trail(generation, facts)}
        if rows is None:  # as nearly every one ends: by a prepared statement
            moved = statements.end(generation, to, **said)
        else:
            moved = rows.move(*old, to=to, claimed_by="", settled_at=Now(), **said)
        if not moved:
            return False
        if tally.reservation:
            after, drew = tally.reservation.images.after, facts.status is not None and not facts.kind
            cost = stated.of_round(generation, after=after, last=facts.cost, counts=drew)
            money: dict[str, Any] = {"presumed": presumed, "stated": cost if tally.delivered else None}
            budgets.settle(reservation=tally.reservation, spent=tally.delivered, **money)
        end_requests(generation, outcome=facts.kind or to, facts=facts)
        if State.HELD in old:  # no moderator need look at it any more
            cases = Case.objects.open().about(CaseKind.HELD, generation)
            by = actor if verdict == Verdict.REFUSED else None
            cases.move(verdict=verdict, decided_by=by, decided_at=Now())
        detail = {"spent": tally.delivered, "presumed": presumed}
        audit.record(actor=actor, action=f"generation.{to}", subject=generation.pk, **detail)
        _tell(generation, to, why, count=tally.delivered)
        events.ended(generation=generation, to=to, why=why, count=tally.delivered)
        failpoints.hit("settling")
    return True


NOT_APPROVED = ("hold_refused", "hold_lapsed")
"""How what waited for a moderator ends without being drawn."""


def _tell(generation: Generation, to: State, why: Reason, *, count: int) -> None:
    """Tell the person of trouble, and of pictures that took long; of others they see the card."""
    since = generation.created_at if generation.round == 1 else generation.sent_at
    if why.code in NOT_APPROVED:
        notices.tell(person=generation.owner, kind=NoticeKind.REFUSED, generation=generation, why=why)
    elif to in TROUBLES or why.code == "restored":
        notices.tell(person=generation.owner, kind=NoticeKind.FAILED, generation=generation, why=why)
    elif to == State.DONE and since and timezone.now() - since > LONG:
        notices.tell(
            person=generation.owner, kind=NoticeKind.FINISHED, generation=generation, count=count, why=why
        )


def _trail(generation: Generation, facts: AnswerFacts) -> list[dict[str, Any]]:
    """Close the trail of relays that were asked one after the other; most generations have none."""
    last = {"relay": generation.drawn_by.relay.name, "status": facts.status, "kind": facts.kind}
    return [*generation.trail, last] if generation.trail else []


def end_requests(generation: Generation, *, outcome: str, facts: AnswerFacts) -> None:
    """Write down how the open request on the wire ended."""
    known: dict[str, Any] = {"status": facts.status, "trace_id": facts.trace_id[:120], "raw": facts.answer}
    known |= {"cost": facts.cost, "tokens": facts.tokens}
    said = {name: value for name, value in known.items() if value}
    if said.keys() == {"status"}:
        statements.end_request(generation, outcome, facts.status or 0)
        return
    generation.relay_requests.open().update(ended_at=Now(), outcome=outcome, **said)


@dataclass(frozen=True)
class Tally:
    """What came of the images reserved for this round."""

    reservation: Round | None
    delivered: int
    states: list[str]
    again: bool

    @property
    def reserved(self) -> int:
        return self.reservation.images.amount if self.reservation else 0

    @property
    def state(self) -> State:
        return State.DONE if SlotState.SAVED in self.states else State.BROKEN

    @property
    def why(self) -> Reason:
        short = self.delivered < self.reserved
        if not short:
            return NO_REASON
        return shortfall(self.states, asked=self.reserved, delivered=self.delivered, again=self.again)

    def after(self, why: Reason) -> Reason:
        """The reason of a failure, with what had been saved before it."""
        return why.with_values(saved=self.delivered, of=self.reserved) if self.delivered else why


def _tally(generation: Generation) -> Tally:
    """Count by the rows as they are now, never by what this process remembers."""
    [round] = statements.round_of(generation)
    reservation = budgets.open_reservation(generation=generation, round=round)
    slots = statements.slots(generation)
    delivered = sum((state, of) == (SlotState.SAVED, round) for _, state, of in slots)
    states = [state for _, state, _ in slots]
    return Tally(reservation=reservation, delivered=delivered, states=states, again=round > 1)


def _asked_last(generation: Generation) -> int:
    """Return how many images the open request asked for: the relay may have charged them without our having them."""
    return sum(len(asked) for asked in generation.relay_requests.open().values_list("slots", flat=True))


def shortfall(states: list[str], *, asked: int, delivered: int, again: bool = False) -> Reason:
    """Return which of the asked images are not there, and why; `again` when they were missing before."""
    if not delivered and not set(states) - {SlotState.WAITING}:
        return Reason("unreadable")
    damage = Counter(state for state in states if state in DAMAGE)
    return Reason("short", asked=asked, delivered=delivered, again=again, damage=dict(damage))


_learned: dict[UUID, float] = {}
"""When this process last looked at the times of a model, by the monotonic clock."""


def learn_usual_time(*, model: ImageModel, runs: int = 100) -> None:
    """Remember how long the model's last good requests took, for the estimate beside the clock; every 10 s."""
    now = time.monotonic()
    if now - _learned.get(model.pk, -LEARN_PAUSE) < LEARN_PAUSE:
        return
    _learned[model.pk] = now
    good = RelayRequest.objects.filter(model=model, outcome=State.DONE).order_by("-sent_at")
    spans = good.values_list("generation__settings", "slots", "sent_at", "ended_at")[:runs]
    took = [(asked, len(slots), (ended - sent) / MILLISECOND) for asked, slots, sent, ended in spans if ended]
    if times := learned(took):
        with write_transaction():
            ImageModel.objects.filter(pk=model.pk).update(usual_ms=times[ALL][0], usual_times=times)
