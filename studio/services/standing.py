"""How the relays stand: what went wrong with them is told to administrators, and refused keys pause them."""

import logging

from django.db.models import F
from django.db.models.functions import Now

from studio.models import Generation, ImageModel, Relay, State
from studio.models.generations import WAITING, GenerationQuerySet
from studio.models.relays import REFUSALS
from studio.models.transactions import writing
from studio.relays.base import Kind, RelayError
from studio.services import audit, tickets

logger = logging.getLogger(__name__)

REFUSED = {
    Kind.AUTH: "{relay} refused the studio's key.",
    Kind.OUT_OF_FUNDS: "The studio's balance at {relay} is used up.",
}
AFRESH = {"tries": 0, "not_before": None, "sentence": ""}
"""What a stand-in does not take over from the relay before it."""

TROUBLES = REFUSED | {
    Kind.NOT_OPEN: "{model} is not open to the studio's key at {relay}.",
    Kind.WRONG_ADDRESS: "The address of {relay} seems wrong.",
    Kind.INVALID: "{relay} does not accept the studio's request for {model}.",
    Kind.MODEL_GONE: "{relay} no longer offers {model}.",
    Kind.BAD_ANSWER: "{relay} gave an answer to {model} that could not be read.",
}


ONCE = (Kind.NOT_OPEN, Kind.WRONG_ADDRESS, Kind.INVALID)
"""Troubles that come again with every request for the same model: the first one is told, no more."""


def answered_well(relay: Relay) -> None:
    """Forget refusals and troubles, those of a moment ago too; a relay that had none is left alone."""
    troubled = Relay.objects.filter(pk=relay.pk, paused_at=None).exclude(refusals=0, trouble="")
    if troubled.exists():
        with writing():
            troubled.update(refusals=0, trouble="", trouble_at=None)


def failed(model: ImageModel, error: RelayError) -> None:
    """Tell administrators what they should know, pause after three refusals in a row, refresh a stale model list."""
    sentence = _trouble(model, error)
    if not sentence:
        return
    logger.warning("relay.trouble relay=%s kind=%s status=%s", model.relay.name, error.kind, error.status)
    with writing():
        refused = {"refusals": F("refusals") + 1} if error.kind in REFUSED else {}
        drawing = Relay.objects.filter(pk=model.relay_id, paused_at=None)
        if error.kind in ONCE:
            drawing = drawing.exclude(trouble=sentence)
        drawing.update(trouble=sentence, trouble_at=Now(), **refused)
        if refused:
            _pause_if_hopeless(model.relay, sentence)
        if error.kind == Kind.MODEL_GONE:
            tickets.sync(model.relay)


def _trouble(model: ImageModel, error: RelayError) -> str:
    if error.kind == Kind.NOT_SENT and error.code == "certificate":
        return f"The certificate of {model.relay.name} is not valid."
    if error.code == "unreadable_key":
        return f"The key of {model.relay.name} cannot be read. Enter it again."
    if error.kind == Kind.NOT_OPEN and error.code == "in_front":
        return f"Something in front of {model.relay.name} blocked a request."
    return TROUBLES.get(error.kind, "").format(relay=model.relay.name, model=model.label)


def _pause_if_hopeless(relay: Relay, sentence: str) -> None:
    """Pause the relay at its third refusal."""
    if Relay.objects.filter(pk=relay.pk, refusals__gte=REFUSALS).exists():
        pause(relay, reason=f"{sentence} That was {REFUSALS} times in a row.")


def pause(relay: Relay, *, reason: str) -> None:
    """Pause a relay by the studio's own decision, tell administrators, and let stand-ins draw what waits for it."""
    said = {"pause_reason": reason, "trouble": f"{relay.name} was paused. {reason}"}
    running = Relay.objects.filter(pk=relay.pk, paused_at=None)
    if not running.update(paused_at=Now(), trouble_at=Now(), **said):
        return
    audit.record(actor=None, action="relay.paused", subject=relay.pk, reason=reason)
    for row in _waiting_for(relay):
        other = row.model.substitute(row.owner)
        step = {"relay": relay.name, "status": None, "kind": "paused"}
        waiting = Generation.objects.filter(pk=row.pk, via=None)
        if other and waiting.move(
            *WAITING, to=State(row.state), via=other, trail=[*row.trail, step], **AFRESH
        ):
            tickets.wake()


def _waiting_for(relay: Relay) -> GenerationQuerySet:
    rows = Generation.objects.in_state(*WAITING).filter(model__relay=relay, via=None)
    return rows.exclude(model__stand_in=None).select_related("owner", "model__stand_in__relay")
