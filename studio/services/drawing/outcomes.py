"""What each class of a relay's answer means here: the state, whether to try again, and the reason (SAFETY §6)."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.models import State
from studio.relays.dialects.base import Kind, RelayError
from studio.words import Reason

UNREAD = ("unreadable", "no_data", "too_large")
"""Answers that could not be read at all; any other bad one named an error."""

CUT = ("timeout", "disconnected", "reset")
"""Connections that broke, perhaps after the head of an answer."""


@dataclass(frozen=True)
class RetryRule:
    """Automatic tries after the first: how many, how long between them, and the code of what is said meanwhile.

    Each wait is drawn between its shortest and its longest; without a `least` it is exactly the longest.
    """

    times: int
    waits: tuple[float, ...]
    reason: str
    least: tuple[float, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Where a generation ends when no further try is left; `why` is told how often it was tried and what was asked."""

    state: State
    why: Callable[[RelayError, int, Mapping[str, Any]], Reason]
    again: RetryRule | None = None


def wait_for(again: RetryRule, *, tries: int, asked: float | None) -> float:
    """Return the seconds to wait: what the relay asked for, or ours."""
    if asked is not None:
        return asked
    place = min(tries, len(again.waits) - 1)
    longest = again.waits[place]
    return random.uniform(again.least[place], longest) if again.least else longest  # noqa: S311


def _refused(error: RelayError, tried: int, asked: Mapping[str, Any]) -> Reason:
    return Reason("empty" if error.code == "empty" else "refused")


def _auth(error: RelayError, tried: int, asked: Mapping[str, Any]) -> Reason:
    return Reason("key_unreadable" if error.code == "unreadable_key" else "key_refused")


def _not_open(error: RelayError, tried: int, asked: Mapping[str, Any]) -> Reason:
    return Reason("in_front" if error.code == "in_front" else "not_open")


def _bad_answer(error: RelayError, tried: int, asked: Mapping[str, Any]) -> Reason:
    return Reason("unreadable" if error.code in UNREAD else "error_instead")


REFUSED_WHOLE = {409: "collides", 413: "request_too_large", 451: "legal_reasons"}
"""Statuses that say by themselves what was wrong with a request."""


def is_ours(error: RelayError, asked: Mapping[str, Any]) -> bool:
    """Say whether a request that was called invalid held nothing that the person could choose otherwise."""
    if error.status in REFUSED_WHOLE or error.param in ("n", "prompt"):
        return False
    return error.status == 415 or (error.param not in asked if error.param else not asked)


def _invalid(error: RelayError, tried: int, asked: Mapping[str, Any]) -> Reason:
    """Name a setting of ours and its value as the person chose it; a name that only the relay knows is dropped."""
    if error.status in REFUSED_WHOLE:
        return Reason(REFUSED_WHOLE[error.status])
    if error.param in ("n", "prompt"):
        return Reason("not_taken", param=error.param)
    if is_ours(error, asked):
        return Reason("request_not_taken")
    return (
        Reason("not_taken", param=error.param, value=asked[error.param])
        if error.param
        else Reason("not_taken")
    )


def _not_sent(error: RelayError, tried: int, asked: Mapping[str, Any]) -> Reason:
    return Reason("certificate") if error.code == "certificate" else Reason("unreached", tried=tried)


def _transient(error: RelayError, tried: int, asked: Mapping[str, Any]) -> Reason:
    return Reason("failed", status=error.status, tried=tried, trace_id=error.trace_id)


def _unknown(error: RelayError, tried: int, asked: Mapping[str, Any]) -> Reason:
    late = error.status and error.code not in CUT
    return Reason("failed_late", status=error.status) if late else Reason("lost_contact")


OUTCOMES = {
    Kind.OUT_OF_FUNDS: Outcome(State.FAILED, lambda e, n, _: Reason("out_of_funds")),
    Kind.BLOCKED: Outcome(State.REFUSED, _refused),
    Kind.RATE_LIMITED: Outcome(
        State.FAILED, lambda e, n, _: Reason("busy", tried=n), RetryRule(3, (5, 20, 60), "busy_again")
    ),
    Kind.NOT_OPEN: Outcome(State.FAILED, _not_open),
    Kind.AUTH: Outcome(State.FAILED, _auth),
    Kind.MODEL_GONE: Outcome(State.FAILED, lambda e, n, _: Reason("model_gone")),
    Kind.WRONG_ADDRESS: Outcome(State.FAILED, lambda e, n, _: Reason("wrong_address")),
    Kind.INVALID: Outcome(State.FAILED, _invalid),
    Kind.NOT_SENT: Outcome(
        State.FAILED, _not_sent, RetryRule(3, (1, 5, 25), "unreached_again", least=(0.5, 2.5, 12.5))
    ),
    Kind.TRANSIENT: Outcome(State.FAILED, _transient, RetryRule(2, (2, 8), "failed_again", least=(0.5, 0.5))),
    Kind.UNKNOWN: Outcome(State.UNKNOWN, _unknown),
    Kind.BAD_ANSWER: Outcome(State.BROKEN, _bad_answer),
}
