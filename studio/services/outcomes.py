"""What each class of a relay's answer means here: the state, whether to try again, and the sentence (SAFETY §6)."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.models import State
from studio.relays.base import Kind, RelayError
from studio.services.settlement import LOST_CONTACT, UNREADABLE

WORDS = {"output_format": "format", "output_compression": "compression", "image_size": "resolution"}
"""Settings that are called otherwise on the form."""

UNREAD = ("unreadable", "no_data", "too_large")
"""Answers that could not be read at all; any other bad one named an error."""

CUT = ("timeout", "disconnected", "reset")
"""Connections that broke, perhaps after the head of an answer."""

SHOWN = 60
"""Longest value that is repeated in a sentence."""


@dataclass(frozen=True)
class Again:
    """Automatic tries after the first: how many, how long between them, and what is said meanwhile.

    Each wait is drawn between its shortest and its longest; without a `least` it is exactly the longest.
    """

    times: int
    waits: tuple[float, ...]
    sentence: str
    least: tuple[float, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Where a generation ends when no further try is left; `say` is told how often it was tried and what was asked."""

    state: State
    say: Callable[[RelayError, int, Mapping[str, Any]], str]
    again: Again | None = None


def wait_for(again: Again, *, tries: int, asked: float | None) -> float:
    """Return the seconds to wait: what the relay asked for, or ours."""
    if asked is not None:
        return asked
    place = min(tries, len(again.waits) - 1)
    longest = again.waits[place]
    return random.uniform(again.least[place], longest) if again.least else longest  # noqa: S311


def _tried(times: int) -> str:
    return "Tried once." if times == 1 else f"Tried {times} times."


def _refused(error: RelayError, tried: int, asked: Mapping[str, Any]) -> str:
    if error.code == "empty":
        return "The relay returned no image. This is often a silent safety refusal. Nothing was sent again."
    return (
        "The relay's safety system refused this prompt. Nothing was charged by this studio. "
        "Change the prompt and try again."
    )


def _auth(error: RelayError, tried: int, asked: Mapping[str, Any]) -> str:
    if error.code == "unreadable_key":
        return "The relay's key cannot be read. Nothing was sent. An administrator was told."
    return "The studio's relay key was refused. An administrator was told."


def _not_open(error: RelayError, tried: int, asked: Mapping[str, Any]) -> str:
    if error.code == "in_front":
        return "Something in front of the relay blocked the request. Nothing was charged. An administrator was told."
    return (
        "This model is not open to the studio's key. Nothing was charged. An administrator was told. "
        "Choose another model."
    )


def _bad_answer(error: RelayError, tried: int, asked: Mapping[str, Any]) -> str:
    if error.code in UNREAD:
        return UNREADABLE
    return (
        "The relay answered with an error instead of images. It may have been charged. "
        "An administrator can look at it."
    )


REFUSED_WHOLE = {
    409: "The relay says that this collides with another request (409). Nothing was charged. Try again later.",
    413: "The request was too large for the relay (413). Nothing was charged. Shorten the prompt.",
    451: "The relay may not draw this for legal reasons (451). Nothing was charged. Change the prompt.",
}
"""Statuses that say by themselves what was wrong with a request."""


def is_ours(error: RelayError, asked: Mapping[str, Any]) -> bool:
    """Say whether a request that was called invalid held nothing that the person could choose otherwise."""
    if error.status in REFUSED_WHOLE or error.param in ("n", "prompt"):
        return False
    return error.status == 415 or (error.param not in asked if error.param else not asked)


def _invalid(error: RelayError, tried: int, asked: Mapping[str, Any]) -> str:
    """Name the setting and its value as the person chose it; a name that only the relay knows is not repeated."""
    if error.status in REFUSED_WHOLE:
        return REFUSED_WHOLE[error.status]
    field = WORDS.get(error.param, error.param.replace("_", " "))
    if error.param == "n":
        return "The relay does not accept this number of images. Choose another number."
    if error.param == "prompt":
        return "The relay does not accept this prompt. Change it and try again."
    if is_ours(error, asked):
        return (
            "The relay does not accept the studio's request. Nothing was charged. An administrator was told."
        )
    if not error.param:
        return "The relay does not accept these settings. Change them and try again."
    value = asked[error.param]
    if not isinstance(value, str):
        return f"The relay does not accept {field} {value}. Choose another value."
    if len(value) > SHOWN:
        return f"The relay does not accept this {field}. Change it and try again."
    return f"The relay does not accept {field} {value}. Choose another {field}."


def _not_sent(error: RelayError, tried: int, asked: Mapping[str, Any]) -> str:
    if error.code == "certificate":
        return "The relay's certificate is not valid. An administrator was told."
    return f"The relay could not be reached. {_tried(tried)} Nothing was sent, nothing was charged."


def _transient(error: RelayError, tried: int, asked: Mapping[str, Any]) -> str:
    trace = f" Trace id {error.trace_id}." if error.trace_id else ""
    return f"The relay failed ({error.status}). {_tried(tried)}{trace}"


def _unknown(error: RelayError, tried: int, asked: Mapping[str, Any]) -> str:
    if error.status and error.code not in CUT:
        return f"The relay failed after accepting the request ({error.status}). It may have been charged."
    return LOST_CONTACT


OUTCOMES = {
    Kind.OUT_OF_FUNDS: Outcome(
        State.FAILED,
        lambda e, n, _: "The studio's balance at the relay is used up. An administrator was told.",
    ),
    Kind.BLOCKED: Outcome(State.REFUSED, _refused),
    Kind.RATE_LIMITED: Outcome(
        State.FAILED,
        lambda e, n, _: f"The relay is still busy after {n} tries. Nothing was charged. Try again later.",
        Again(3, (5, 20, 60), "The relay is busy. Trying again in {seconds} s ({number} of {times})."),
    ),
    Kind.NOT_OPEN: Outcome(State.FAILED, _not_open),
    Kind.AUTH: Outcome(State.FAILED, _auth),
    Kind.MODEL_GONE: Outcome(
        State.FAILED,
        lambda e, n, _: "The relay no longer offers this model. Nothing was charged. Choose another model.",
    ),
    Kind.WRONG_ADDRESS: Outcome(
        State.FAILED,
        lambda e, n, _: "The relay's address seems wrong. Nothing was charged. An administrator was told.",
    ),
    Kind.INVALID: Outcome(State.FAILED, _invalid),
    Kind.NOT_SENT: Outcome(
        State.FAILED,
        _not_sent,
        Again(
            3,
            (1, 5, 25),
            "The relay could not be reached. Trying again in {seconds} s ({number} of {times}).",
            least=(0.5, 2.5, 12.5),
        ),
    ),
    Kind.TRANSIENT: Outcome(
        State.FAILED,
        _transient,
        Again(
            2,
            (2, 8),
            "The relay failed. Trying again in {seconds} s ({number} of {times}).",
            least=(0.5, 0.5),
        ),
    ),
    Kind.UNKNOWN: Outcome(State.UNKNOWN, _unknown),
    Kind.BAD_ANSWER: Outcome(State.BROKEN, _bad_answer),
}
