"""What a worker asks and writes for each picture, compiled once (studio/prepared.py)."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Min, QuerySet, Value
from django.db.models.functions import Coalesce, Now

from studio.models import (
    Generation,
    Image,
    Relay,
    RelayRequest,
    Slot,
    State,
    User,
)
from studio.models.generations import RANK, GenerationQuerySet
from studio.models.states import RUNNING
from studio.prepared import change, prepared

RELAY_ASKED = Coalesce("via__relay", "model__relay")

CLAIMED_WITH = ("prompt", "owner", "model__relay")
"""What a worker needs to know of a row beside the row."""

# Claiming


@prepared
def limited_relays() -> QuerySet[Relay]:
    return Relay.objects.limited()


@prepared
def at_work(besides: list[UUID]) -> QuerySet[Generation, Any]:
    """Of each person and worker: how many rows it works on, and how many of these nobody waits for."""
    claimed = Generation.objects.in_state(*RUNNING).exclude(claimed_by="").exclude(pk__in=besides).order_by()
    return claimed.values_list("owner", "claimed_by").annotate(Count("pk"), Count("stopped_waiting_at"))


def people_waiting(ready: GenerationQuerySet) -> QuerySet[Generation, Any]:
    """Of each person with ready rows: their last turn, the oldest row, the best rank, how many were moved."""
    waiting = ready.order_by().values_list("owner", "owner__last_claimed_at")
    return waiting.annotate(first=Min("created_at"), best=Min(RANK), moved=Count("rank"))


def rows_of(ready: GenerationQuerySet, owner: Any, *, ranked: bool) -> QuerySet[Generation, Any]:
    """The next row of a person: id, state, relay.

    By an expression: by the column SQLite would walk along everything this person ever made.
    """
    theirs = ready.alias(person=Coalesce("owner", Value(None))).filter(person=owner)
    waiting = theirs.order_by(RANK, "pk") if ranked else theirs.order_by("pk")
    return waiting.values_list("pk", "state", RELAY_ASKED)[:1]


@prepared
def everybody_waiting(besides: list[UUID]) -> QuerySet[Generation, Any]:
    return people_waiting(_ready(besides))


@prepared
def next_row(owner: UUID, besides: list[UUID]) -> QuerySet[Generation, Any]:
    return rows_of(_ready(besides), owner, ranked=False)


@prepared
def next_ranked_row(owner: UUID, besides: list[UUID]) -> QuerySet[Generation, Any]:
    return rows_of(_ready(besides), owner, ranked=True)


def _ready(besides: list[UUID]) -> GenerationQuerySet:
    return Generation.objects.ready().exclude(pk__in=besides)


@change
def claim_queued(pk: UUID, worker: str, claim: str) -> int:
    return _claim(pk, State.QUEUED, State.CLAIMED, worker, claim)


@change
def claim_received(pk: UUID, worker: str, claim: str) -> int:
    return _claim(pk, State.RECEIVED, State.RECEIVED, worker, claim)


def _claim(pk: UUID, old: State, to: State, worker: str, claim: str) -> int:
    """Cards are not told: the request leaves a moment later."""
    free = Generation.objects.filter(pk=pk, claimed_by="").in_state(old)
    return free.update(state=to, not_before=None, claimed_by=worker, claim=claim, lease_at=Now())


@change
def had_a_turn(person: UUID) -> int:
    return User.objects.filter(pk=person).update(last_claimed_at=Now())


@prepared
def claimed(pk: UUID) -> QuerySet[Generation]:
    return Generation.objects.select_related(*CLAIMED_WITH).filter(pk=pk)


# Asking


@prepared
def unanswered(generation: Generation) -> QuerySet[Slot, int]:
    """Places that no relay has answered for in this round."""
    slots = Slot.objects.filter(generation=generation).unanswered(generation.round)
    return slots.values_list("index", flat=True)


@change
def to_sent(generation: Generation, attempt: int) -> int:
    moved: dict[str, Any] = {"attempts": attempt, "sent_at": Now(), "received_at": None}
    return Generation.objects.known(generation).move(State.CLAIMED, to=State.SENT, **moved)


@change
def to_received(generation: Generation) -> int:
    """Cards are not told: what there is to see comes with its first picture, a moment later."""
    sent = Generation.objects.known(generation).in_state(State.SENT)
    return sent.update(state=State.RECEIVED, received_at=Now())


# Keeping


@prepared
def slots(generation: Generation) -> QuerySet[Slot, Any]:
    """The index, state and round of each place."""
    rows = Slot.objects.filter(generation=generation).order_by("index")
    return rows.values_list("index", "state", "round")


@change
def touch(generation: Generation) -> int:
    return Generation.objects.known(generation).touch()


@change
def answer_slot(generation: Generation, index: int, state: str) -> int:
    rows = Slot.objects.filter(generation=generation, index=index)
    return rows.update(state=state, round=generation.round)


@prepared
def undeveloped(generation: Generation) -> QuerySet[Image, UUID]:
    return Image.objects.filter(generation=generation).undeveloped().values_list("pk", flat=True)


@prepared
def undeveloped_image(pk: UUID) -> QuerySet[Image]:
    return Image.objects.undeveloped().filter(pk=pk)


@change
def developed(image: Image, sides: list[int], tone: str, hue: str, likeness: str) -> int:
    """Show the picture with its thumbnails, unless another has taken its place meanwhile."""
    rows = Image.objects.filter(pk=image.pk, sha256=image.sha256, unusable=image.unusable, developed_at=None)
    return rows.update(
        sides=sides,
        tone=tone,
        hue=hue,
        likeness=likeness,
        unusable=False,
        deaths=0,
        develop_at=None,
        developed_at=Now(),
    )


# Settling


@prepared
def round_of(generation: Generation) -> QuerySet[Generation, int]:
    """The round as it is now; its row is locked, so that nobody moves it while its places are counted."""
    locked = Generation.objects.select_for_update(no_key=True).filter(pk=generation.pk)
    return locked.values_list("round", flat=True)


@change
def end(
    generation: Generation,
    to: str,
    reason: str,
    reason_values: dict[str, Any],
    error_kind: str,
    error_raw: str,
    trace_id: str,
    trail: list[Any],
) -> int:
    return Generation.objects.known(generation).move(
        State.CLAIMED,
        State.RECEIVED,
        to=to,  # type: ignore[arg-type]
        claimed_by="",
        settled_at=Now(),
        reason=reason,
        reason_values=reason_values,
        error_kind=error_kind,
        error_raw=error_raw,
        trace_id=trace_id,
        trail=trail,
    )


@change
def end_request(generation: Generation, outcome: str, status: int) -> int:
    """Write down how the open request ended, of which there is no more to say than its status."""
    request = RelayRequest.objects.filter(generation=generation).open()
    return request.update(ended_at=Now(), outcome=outcome, status=status)
