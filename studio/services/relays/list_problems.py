"""Says why a relay's model list could not be read, for administrators."""

from studio.relays.dialects.base import Kind, RelayError
from studio.words import Reason

NOT_SENT = {
    "forbidden_address": "forbidden_address",
    "dns": "list_no_such_host",
    "timeout": "list_not_reached_in_time",
    "certificate": "list_certificate",
}
SILENT = {"timeout": "list_silent", "disconnected": "list_hung_up"}
BY_KIND = {
    Kind.OUT_OF_FUNDS: "list_out_of_funds",
    Kind.BLOCKED: "list_blocked",
    Kind.AUTH: "list_key_refused",
    Kind.MODEL_GONE: "list_not_here",
    Kind.NOT_OPEN: "list_not_open",
    Kind.WRONG_ADDRESS: "list_not_here",
    Kind.INVALID: "list_not_accepted",
    Kind.TRANSIENT: "list_failed",
    Kind.UNKNOWN: "list_failed",
    Kind.BAD_ANSWER: "list_no_list",
}


def explain(error: RelayError) -> Reason:
    """Return what went wrong, never in the relay's own words."""
    status = error.status
    match error.kind:
        case Kind.NOT_SENT:
            return _not_sent(error)
        case Kind.UNKNOWN if not status:
            return Reason(SILENT.get(error.code, "list_contact_lost"))
        case Kind.RATE_LIMITED:
            wait = None if error.retry_after is None else max(1, round(error.retry_after))
            return Reason("list_busy", status=status, seconds=wait)
        case Kind.AUTH if error.code == "unusable_key":
            return Reason("key_not_sendable")
        case Kind.BAD_ANSWER if error.code == "too_large":
            return Reason("list_too_large")
        case Kind.NOT_OPEN if error.code == "in_front":
            return Reason("list_in_front", status=status)
        case Kind.WRONG_ADDRESS if status and status < 400:
            return Reason("list_elsewhere", status=status)
        case kind:
            return Reason(BY_KIND[kind], status=status)


def _not_sent(error: RelayError) -> Reason:
    code = "certificate" if "certificate" in error.message.lower() else error.code
    return Reason(NOT_SENT.get(code, "list_not_reached"))
