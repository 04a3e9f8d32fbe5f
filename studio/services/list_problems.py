"""Says in one sentence for administrators why a relay's model list could not be read."""

from studio.relays.base import Kind, RelayError
from studio.services.addresses import FORBIDDEN

NOT_SENT = {
    "forbidden_address": FORBIDDEN,
    "dns": "The relay's host name has no address. Check the base URL.",
    "timeout": "The relay could not be reached in time. Nothing was sent.",
    "certificate": "The relay's certificate is not valid. Nothing was sent.",
}
SILENT = {
    "timeout": "The relay took the request and did not answer in time.",
    "disconnected": "The relay closed the connection before it had answered.",
}
SENTENCES = {
    Kind.OUT_OF_FUNDS: "The account at the relay is empty{status}.",
    Kind.BLOCKED: "The relay refused to list its models{status}.",
    Kind.AUTH: "The key was refused{status}.",
    Kind.MODEL_GONE: "There is no list of models at this address{status}. Check the base URL.",
    Kind.NOT_OPEN: "The key may not list the models{status}.",
    Kind.WRONG_ADDRESS: "There is no list of models at this address{status}. Check the base URL.",
    Kind.INVALID: "The relay did not accept the request{status}.",
    Kind.TRANSIENT: "The relay failed{status}. Try again later.",
    Kind.UNKNOWN: "The relay failed{status}. Try again later.",
    Kind.BAD_ANSWER: "The answer is no list of models{status}. Check the base URL and the dialect.",
}


def explain(error: RelayError) -> str:
    """Return what went wrong, never in the relay's own words."""
    status = f" ({error.status})" if error.status else ""
    match error.kind:
        case Kind.NOT_SENT:
            return _not_sent(error)
        case Kind.UNKNOWN if not error.status:
            return SILENT.get(error.code, "Contact with the relay was lost before it had answered.")
        case Kind.RATE_LIMITED:
            wait = "later" if error.retry_after is None else f"in {max(1, round(error.retry_after)):,} s"
            return f"The relay is busy{status}. Try again {wait}."
        case Kind.AUTH if error.code == "unusable_key":
            return "The key is empty or holds characters that cannot be sent."
        case Kind.BAD_ANSWER if error.code == "too_large":
            return "The list of models is larger than 4 MB and was not read."
        case Kind.NOT_OPEN if error.code == "in_front":
            return f"Something in front of the relay blocked the request{status}."
        case Kind.WRONG_ADDRESS if error.status and error.status < 400:
            return f"The address leads elsewhere{status}. Enter the one it leads to."
        case kind:
            return SENTENCES[kind].format(status=status)


def _not_sent(error: RelayError) -> str:
    code = "certificate" if "certificate" in error.message.lower() else error.code
    return NOT_SENT.get(code, "The relay could not be reached. Nothing was sent.")
