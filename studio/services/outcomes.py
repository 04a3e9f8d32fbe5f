"""What each class of a relay's answer means here: the state, whether to try again, and the sentence (SAFETY §6)."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from studio.models import State
from studio.relays.base import Kind, RelayError
from studio.services.settlement import LOST_CONTACT, UNREADABLE


@dataclass(frozen=True)
class Again:
    """Automatic tries after the first: how many, how long between them, and what is said meanwhile."""

    times: int
    waits: tuple[float, ...]
    sentence: str
    cap: float = 120


@dataclass(frozen=True)
class Outcome:
    """Where a generation ends when no further try is left."""

    state: State
    say: Callable[[RelayError, int], str]
    again: Again | None = None


def wait_for(again: Again, *, tries: int, asked: float | None) -> float:
    """Return the seconds to wait: what the relay asked for, or ours with jitter; never above the cap."""
    if asked is not None:
        return min(asked, again.cap)
    base = again.waits[min(tries, len(again.waits) - 1)]
    return base * random.uniform(0.5, 1)  # noqa: S311


def _trace(error: RelayError) -> str:
    return f" Trace id {error.trace_id}." if error.trace_id else ""


def _refused(error: RelayError, tried: int) -> str:
    if error.code == "empty":
        return "The relay returned no image. This is often a silent safety refusal. Nothing was sent again."
    return (
        "The relay's safety system refused this prompt. Nothing was charged by this studio. "
        "Change the prompt and try again."
    )


def _auth(error: RelayError, tried: int) -> str:
    if error.code == "unreadable_key":
        return "The relay's key cannot be read. Nothing was sent. An administrator was told."
    return "The studio's relay key was refused. An administrator was told."


def _invalid(error: RelayError, tried: int) -> str:
    field = f"this {error.param.replace('_', ' ')}" if error.param else "these settings"
    return f"The relay does not accept {field}. Nothing was charged. Change it and try again.{_trace(error)}"


def _not_sent(error: RelayError, tried: int) -> str:
    if "certificate" in error.message.lower():
        return "The relay's certificate is not valid. Nothing was sent. An administrator was told."
    return f"The relay could not be reached. Tried {tried} times. Nothing was sent, nothing was charged."


def _transient(error: RelayError, tried: int) -> str:
    return f"The relay failed ({error.status}). Tried {tried} times.{_trace(error)}"


def _unknown(error: RelayError, tried: int) -> str:
    if error.status:
        return f"The relay failed after accepting the request ({error.status}). It may have been charged."
    return LOST_CONTACT


OUTCOMES = {
    Kind.OUT_OF_FUNDS: Outcome(
        State.FAILED, lambda e, n: "The studio's balance at the relay is used up. An administrator was told."
    ),
    Kind.BLOCKED: Outcome(State.REFUSED, _refused),
    Kind.RATE_LIMITED: Outcome(
        State.FAILED,
        lambda e, n: f"The relay is still busy after {n} tries. Nothing was charged. Try again later.",
        Again(3, (5, 20, 60), "The relay is busy. Trying again in {seconds} s ({number} of {times})."),
    ),
    Kind.AUTH: Outcome(State.FAILED, _auth),
    Kind.MODEL_GONE: Outcome(
        State.FAILED,
        lambda e, n: "The relay no longer offers this model. Nothing was charged. Choose another model.",
    ),
    Kind.INVALID: Outcome(State.FAILED, _invalid),
    Kind.NOT_SENT: Outcome(
        State.FAILED,
        _not_sent,
        Again(
            3,
            (1, 5, 25),
            "The relay could not be reached. Trying again in {seconds} s ({number} of {times}).",
        ),
    ),
    Kind.TRANSIENT: Outcome(
        State.FAILED,
        _transient,
        Again(2, (0.5, 2, 8), "The relay failed. Trying again in {seconds} s ({number} of {times})."),
    ),
    Kind.UNKNOWN: Outcome(State.UNKNOWN, _unknown),
    Kind.BAD_ANSWER: Outcome(State.BROKEN, lambda e, n: UNREADABLE),
}
