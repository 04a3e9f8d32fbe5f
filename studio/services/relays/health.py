"""How the relays stand: what went wrong with them is told to administrators, and refused keys pause them."""

import logging
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.models import Call, Generation, ImageModel, NoticeKind, Relay, State, WebhookKind
from studio.models.relays import REFUSALS
from studio.models.states import WAITING
from studio.prepared import prepared
from studio.relays.dialects.base import Kind, RelayError
from studio.services import audit, notices, tickets
from studio.services.webhooks import events
from studio.words import NO_REASON, Reason

logger = logging.getLogger(__name__)

REFUSED = {Kind.AUTH: "relay_key_refused", Kind.OUT_OF_FUNDS: "relay_out_of_funds"}
AFRESH: dict[str, Any] = {"tries": 0, "not_before": None, "why": NO_REASON}
"""What a stand-in does not take over from the relay before it."""

TROUBLES = REFUSED | {
    Kind.NOT_OPEN: "relay_not_open",
    Kind.WRONG_ADDRESS: "relay_wrong_address",
    Kind.INVALID: "relay_request_not_taken",
    Kind.MODEL_GONE: "relay_model_gone",
    Kind.BAD_ANSWER: "relay_unreadable",
}
CALM: dict[str, Any] = {"trouble": "", "trouble_values": {}, "trouble_at": None}


ONCE = (Kind.NOT_OPEN, Kind.WRONG_ADDRESS, Kind.INVALID)
"""Troubles that come again with every request for the same model: the first one is told, no more."""


def answered_well(relay: Relay) -> None:
    """Forget refusals and troubles, those of a moment ago too; a relay that had none is left alone."""
    if _troubled(relay):
        with write_transaction():
            Relay.objects.filter(pk=relay.pk).drew_badly().update(refusals=0, **CALM)


@prepared
def _troubled(relay: Relay) -> QuerySet[Relay, UUID]:
    return Relay.objects.filter(pk=relay.pk).drew_badly().values_list("pk", flat=True)


def failed(model: ImageModel, error: RelayError) -> None:
    """Tell administrators what they should know, pause after three refusals in a row, refresh a stale model list."""
    why = _trouble(model, error)
    if not why:
        return
    logger.warning("relay.trouble relay=%s kind=%s status=%s", model.relay.name, error.kind, error.status)
    with write_transaction():
        refused = {"refusals": F("refusals") + 1} if error.kind in REFUSED else {}
        drawing = Relay.objects.filter(pk=model.relay_id, paused_at=None)
        if error.kind in ONCE:
            drawing = drawing.exclude(trouble=why.code, trouble_values=why.values)
        drawing.update(**troubled(why), **refused)
        if refused:
            _pause_if_hopeless(model.relay, why)
        if error.kind == Kind.MODEL_GONE:
            tickets.sync(model.relay)


def tell_of_lost_keys() -> int:
    """Have administrators enter the keys again that none of FIELD_KEYS opens (SAFETY §6, row 44); return how many."""
    lost = [relay for relay in Relay.objects.exclude(sealed_key="") if relay.has_lost_key]
    for relay in lost:
        with write_transaction():
            why = Reason("relay_key_unreadable", relay=relay.name)
            Relay.objects.filter(pk=relay.pk).update(**troubled(why))
    return len(lost)


def troubled(why: Reason) -> dict[str, Any]:
    """Return the fields of a relay that an administrator should look at."""
    return {"trouble": why.code, "trouble_values": why.values, "trouble_at": Now()}


def _trouble(model: ImageModel, error: RelayError) -> Reason:
    if error.kind == Kind.NOT_SENT and error.code == "certificate":
        return Reason("relay_certificate", relay=model.relay.name)
    if error.code == "unreadable_key":
        return Reason("relay_key_unreadable", relay=model.relay.name)
    if error.kind == Kind.NOT_OPEN and error.code == "in_front":
        return Reason("relay_in_front", relay=model.relay.name)
    code = TROUBLES.get(error.kind)
    return Reason(code, relay=model.relay.name, model=model.label) if code else NO_REASON


def _pause_if_hopeless(relay: Relay, why: Reason) -> None:
    """Pause the relay at its third refusal."""
    if Relay.objects.filter(pk=relay.pk, refusals__gte=REFUSALS).exists():
        pause(relay, why=Reason("in_a_row", why=why, times=REFUSALS))


def pause(relay: Relay, *, why: Reason) -> None:
    """Pause a relay by the studio's own decision, tell administrators, and let stand-ins draw what waits for it."""
    said = troubled(Reason("relay_was_paused", relay=relay.name, why=why))
    said |= {"pause_reason": why.code, "pause_values": why.values}
    running = Relay.objects.filter(pk=relay.pk, paused_at=None)
    if not running.update(paused_at=Now(), **said):
        return
    audit.record(actor=None, action="relay.paused", subject=relay.pk, reason=why.code, values=why.values)
    notices.tell_administrators(kind=NoticeKind.RELAY_PAUSED, relay=relay.name, why=why)
    events.relay(kind=WebhookKind.RELAY_PAUSED, name=relay.name, reason=why.code)
    for row in _waiting_for(relay):
        other = row.model.substitute(row.owner, reach=row.reach or "")
        step = {"relay": relay.name, "status": None, "kind": "paused"}
        waiting = Generation.objects.filter(pk=row.pk, via=None)
        if other and waiting.move(
            *WAITING, to=State(row.state), via=other, trail=[*row.trail, step], **AFRESH
        ):
            tickets.wake()


def _waiting_for(relay: Relay) -> Any:
    """Return what waits for a relay and could be drawn elsewhere, each with the `reach` of its token."""
    reach = Subquery(Call.objects.reach(OuterRef("submission_id")))
    rows = Generation.objects.in_state(*WAITING).filter(model__relay=relay, via=None).annotate(reach=reach)
    return rows.exclude(model__stand_in=None).select_related("owner", "model__stand_in__relay")
