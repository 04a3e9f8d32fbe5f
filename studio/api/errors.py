"""Every failure as OpenAI's libraries read it, with a word on whether they should try again by themselves."""

import msgspec
from django.http import HttpResponse
from msgspec import UNSET, Struct

from studio.api.shapes import Error, ErrorFacts, Traces
from studio.errors import OverBudget, StudioError, TooMany, Unavailable
from studio.models import Generation, State
from studio.services.screening.gate import Screened
from studio.words import Reason

TRY_AGAIN = 60
"""Seconds: the longest that every library waits when it is told how long (Node waits no longer)."""

KINDS = {
    401: "authentication_error",
    403: "permission_error",
    402: "insufficient_quota",
    429: "rate_limit_error",
}
CODES = {402: "insufficient_quota", 429: "rate_limit_exceeded"}

ENDED = {
    State.REFUSED: (400, "moderation_blocked"),
    State.CANCELLED: (409, "cancelled"),
    State.UNKNOWN: (502, "unknown_outcome"),
    State.BROKEN: (502, "unusable_answer"),
    State.FAILED: (502, "relay_failed"),
}
"""What a generation that brought no picture is for a caller. 409 and 5xx are tried again unless we say not to."""


def refused(error: StudioError) -> HttpResponse:
    """Answer what the studio refused before anything was sent to a relay."""
    status = _status(error)
    waits = isinstance(error, TooMany | Unavailable)
    answer = failure(
        status,
        error.sentence,
        code=CODES.get(status) or ("moderation_blocked" if isinstance(error, Screened) else error.code),
        param=error.param,
        again=waits,
    )
    if waits:
        answer["Retry-After"] = str(min(error.retry_after or 5, TRY_AGAIN))
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def ended(row: Generation) -> HttpResponse:
    """Answer a generation that ended without a picture; it exists, so nobody tries again by themselves."""
    status, code = ENDED.get(State(row.state), (502, "relay_failed"))
    return failure(status, row.why.said() or str(State(row.state).label), code=code, row=row)


def out_of_order(*, again: bool) -> HttpResponse:
    """Answer while the database is busy or away; whether something was asked for before is not known."""
    answer = failure(503, Reason("database_busy").said(), code="unavailable", again=again)
    answer["Retry-After"] = "5"
    return answer


def updating() -> HttpResponse:
    """Answer while the database belongs to a newer version; nothing was sent, so trying again is right."""
    answer = failure(503, Reason("updating").said(), code="unavailable", again=True)
    answer["Retry-After"] = str(TRY_AGAIN)
    return answer


def broken() -> HttpResponse:
    """Answer what nobody expected; it is in the log."""
    return failure(500, Reason("api_broken").said(), code="server_error")


def failure(
    status: int,
    message: str,
    *,
    code: str = "",
    param: str = "",
    again: bool = False,
    row: Generation | None = None,
) -> HttpResponse:
    """Return one error; `again` tells libraries to try by themselves, which is right only when nothing was sent."""
    answer = in_json(body(status, message, code=code, param=param, row=row), status=status)
    answer["x-should-retry"] = "true" if again else "false"
    return answer


def body(
    status: int, message: str, *, code: str = "", param: str = "", row: Generation | None = None
) -> Error:
    """Return the error as OpenAI's API writes it."""
    kind = KINDS.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    wrong = ErrorFacts(message=message, type=kind, param=param or None, code=code or None)
    return Error(error=wrong, lightfast=Traces(row.pk, row.trace_id or None) if row else UNSET)


def in_json(found: Struct, status: int = 200) -> HttpResponse:
    """Answer one of our shapes; it is nobody's to keep (SAFETY §4)."""
    answer = HttpResponse(msgspec.json.encode(found), content_type="application/json", status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def too_large(most: int) -> HttpResponse:
    """Answer a body that is longer than a call may be, or that does not say how long it is."""
    return failure(413, Reason("api_too_large", most=most // 1024**2).said(), code="body_too_large")


def wrong_method(*methods: str) -> HttpResponse:
    """Answer a method that an address does not take."""
    answer = failure(405, Reason("api_method", methods=", ".join(methods)).said(), code="method_not_allowed")
    answer["Allow"] = ", ".join(methods)
    return answer


def nowhere(what: str) -> HttpResponse:
    """Answer for an address that is none."""
    return failure(404, Reason("api_not_found", what=what).said(), code="not_found")


def _status(error: StudioError) -> int:
    if isinstance(error, OverBudget):
        return 402  # not 429: libraries would hammer it
    if isinstance(error, Screened):
        return 400
    return 400 if error.status == 409 else error.status  # libraries try 409 again
