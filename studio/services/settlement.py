"""Ends a generation: state, budget, ledger and audit in one transaction (SAFETY §1.6)."""

from collections import Counter
from collections.abc import Mapping
from statistics import median
from types import MappingProxyType

from django.db.models import F
from django.db.models.functions import Now

from studio import failpoints
from studio.models import Generation, ImageModel, SlotState, State, WireRequest
from studio.models.generations import GenerationQuerySet
from studio.models.transactions import writing
from studio.services import audit, budgets

LOST_CONTACT = (
    "We lost contact with the relay after sending your request. It may have been charged. "
    "Nothing was sent again."
)
UNREADABLE = (
    "The relay's answer could not be read. It may have been charged. An administrator can look at it."
)
DAMAGE = {
    SlotState.UNUSABLE: ("One arrived damaged.", "{} arrived damaged."),
    SlotState.BLOCKED_ADDRESS: (
        "One image was refused: the relay pointed to a forbidden address.",
        "{} images were refused: the relay pointed to a forbidden address.",
    ),
    SlotState.TOO_LARGE: (
        "One image was larger than 40 MB and was not saved.",
        "{} images were larger than 40 MB and were not saved.",
    ),
    SlotState.TOO_SLOW: ("One image took too long to download.", "{} images took too long to download."),
    SlotState.EXPIRED: (
        "The relay removed one image before we could save it.",
        "The relay removed {} images before we could save them.",
    ),
}
PRESUMED = (State.UNKNOWN, State.BROKEN)
"""States after which the relay may have charged: the hold is presumed spent."""


def complete(*, generation: Generation, asked: int, delivered: int) -> bool:
    """End a generation whose answer has been worked through: `delivered` of `asked` images were saved."""
    states = list(generation.slots.values_list("state", flat=True))
    saved = states.count(SlotState.SAVED)
    to = State.DONE if saved else State.BROKEN
    sentence = shortfall(states, asked=asked, delivered=delivered) if delivered < asked else ""
    rows = Generation.objects.filter(pk=generation.pk, claimed_by=generation.claimed_by)
    return _end(generation, rows, State.RECEIVED, to=to, spent=delivered, sentence=sentence)


def fail(
    *, generation: Generation, to: State, sentence: str, kind: str, raw: str = "", trace_id: str = ""
) -> bool:
    """End a generation that brought nothing."""
    rows = Generation.objects.filter(pk=generation.pk, claimed_by=generation.claimed_by)
    running = (State.CLAIMED, State.SENT, State.RECEIVED)
    facts = {"error_kind": kind, "error_raw": raw, "trace_id": trace_id[:120]}
    return _end(generation, rows, *running, to=to, sentence=sentence, facts=facts)


def lose_contact(*, generation: Generation, rows: GenerationQuerySet | None = None, raw: str = "") -> bool:
    """End a generation that was sent and never answered: it may have been charged, so nothing is sent again."""
    rows = (
        rows
        if rows is not None
        else Generation.objects.filter(pk=generation.pk, claimed_by=generation.claimed_by)
    )
    facts = {"error_kind": "unknown", "error_raw": raw}
    return _end(generation, rows, State.SENT, to=State.UNKNOWN, sentence=LOST_CONTACT, facts=facts)


def find_again(*, generation: Generation, worker: str) -> bool:
    """Take up a lost generation whose answer came after all: presumed spent is held again.

    Only while it stands as it was lost: not closed, not forgiven, not tried again.
    """
    request = generation.wire_requests.get(attempt=generation.attempts)
    count = len(request.slots)
    lost = Generation.objects.filter(
        pk=generation.pk, attempts=request.attempt, closed=False, presumed__gte=count
    )
    with writing():
        money = {"held": count, "presumed": F("presumed") - count}
        clean = {"settled_at": None, "sentence": "", "error_kind": "", "error_raw": ""}
        mine = {"claimed_by": worker, "lease_at": Now(), "received_at": Now()}
        if not lost.move(State.UNKNOWN, to=State.RECEIVED, **money, **clean, **mine):
            return False
        budgets.settle(person=generation.owner, month=generation.month, held=-count, spent=-count)
        WireRequest.objects.filter(pk=request.pk).update(ended_at=None, outcome="")
        audit.record(actor=None, action="generation.found", subject=generation.pk, n=count)
    return True


def _end(
    generation: Generation,
    rows: GenerationQuerySet,
    *old: State,
    to: State,
    sentence: str,
    spent: int = 0,
    facts: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    with writing():
        held = Generation.objects.values_list("held", flat=True).get(pk=generation.pk)
        presumed = held if to in PRESUMED and not spent else 0
        money = {"held": 0, "spent": F("spent") + spent, "presumed": F("presumed") + presumed}
        moved = rows.move(*old, to=to, claimed_by="", settled_at=Now(), sentence=sentence, **money, **facts)
        if not moved:
            return False
        budgets.settle(person=generation.owner, month=generation.month, held=held, spent=spent + presumed)
        requests = WireRequest.objects.filter(generation=generation, ended_at=None)
        trace = {"trace_id": facts["trace_id"]} if facts.get("trace_id") else {}
        requests.update(ended_at=Now(), outcome=facts.get("error_kind") or to, **trace)
        audit.record(
            actor=None, action=f"generation.{to}", subject=generation.pk, spent=spent, presumed=presumed
        )
        failpoints.hit("settling")
    failpoints.hit("settled")
    return True


def shortfall(states: list[str], *, asked: int, delivered: int) -> str:
    """Say in plain words which of the asked images are not there, and why."""
    if not delivered and not set(states) - {SlotState.WAITING}:
        return UNREADABLE
    damage = Counter(state for state in states if state in DAMAGE)
    if not damage:
        return f"The relay returned {delivered} of {asked} images. You were counted for {delivered}."
    reasons = [DAMAGE[SlotState(state)][count > 1].format(count) for state, count in damage.items()]
    return " ".join([f"{delivered} of {asked} images saved.", *reasons])


def learn_usual_time(*, model: ImageModel, runs: int = 21) -> None:
    """Remember the median time of the model's last runs, for the estimate beside the clock."""
    recent = Generation.objects.in_state(State.DONE).filter(model=model, received_at__gte=F("sent_at"))
    spans = recent.newest_first().values_list("sent_at", "received_at")[:runs]
    times = [(received - sent).total_seconds() * 1000 for sent, received in spans if sent and received]
    if times:
        ImageModel.objects.filter(pk=model.pk).update(usual_ms=round(median(times)))
