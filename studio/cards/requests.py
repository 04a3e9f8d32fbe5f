"""The requests of one generation as its receipt lists them: when, what came, under which trace, for how much."""

from dataclasses import dataclass

from django.utils import timezone

from studio.models import Generation, RelayRequest, State
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
    return [_line(relay_request) for relay_request in receipts.requests_of(generation)]


def _line(relay_request: RelayRequest) -> RequestLine:
    sent = timezone.localtime(relay_request.sent_at)
    cost = receipts.dollars(relay_request.cost)
    return RequestLine(
        attempt=relay_request.attempt,
        at=sent.isoformat(),
        when=f"{sent:%-d %B, %H:%M:%S}",
        words=requests.ended(relay_request.outcome if relay_request.ended_at else "", relay_request.status),
        relay=relay_request.model.relay.name if relay_request.model else "",
        trace_id=relay_request.trace_id,
        cost=f"${cost}" if cost else "",
        failed=relay_request.ended_at is not None and relay_request.outcome != State.DONE,
    )
