"""The requests of one generation as its receipt lists them: when, what came, under which trace, for how much."""

from dataclasses import dataclass

from django.utils import timezone

from studio.models import Generation, State, WireRequest
from studio.services import receipts
from studio.words import requests


@dataclass(frozen=True)
class RequestLine:
    """One request that left for a relay; `failed` when it brought no picture."""

    attempt: int
    at: str
    when: str
    words: str
    relay: str
    trace_id: str
    cost: str
    failed: bool


def lines_of(generation: Generation) -> list[RequestLine]:
    """Return all requests in the order in which they left; a blind comparison shows none, they name its relay."""
    if receipts.hides_models(generation):
        return []
    return [_line(wire) for wire in receipts.requests_of(generation)]


def _line(wire: WireRequest) -> RequestLine:
    sent = timezone.localtime(wire.sent_at)
    cost = receipts.dollars(wire.cost)
    return RequestLine(
        attempt=wire.attempt,
        at=sent.isoformat(),
        when=f"{sent:%-d %B, %H:%M:%S}",
        words=requests.ended(wire.outcome if wire.ended_at else "", wire.status),
        relay=wire.model.relay.name if wire.model else "",
        trace_id=wire.trace_id,
        cost=f"${cost}" if cost else "",
        failed=wire.ended_at is not None and wire.outcome != State.DONE,
    )
