"""Who reads a sentence, and the small change of grammar."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any


class Reader(StrEnum):
    """Who is told something."""

    PERSON = "person"
    BLIND = "blind"
    """A person who must not learn which model and relay it is: a blind comparison before its pick."""
    ADMINISTRATOR = "administrator"
    PROGRAM = "program"


Values = Mapping[str, Any]
Sentence = str | Callable[[Values], str] | Mapping[Reader, "str | Callable[[Values], str]"]


def wait(seconds: float | None) -> str:
    """Say when something is tried again."""
    return f"in {seconds} s" if seconds else "now"


def times(count: int) -> str:
    """Say how often something was tried."""
    return "Tried once." if count == 1 else f"Tried {count} times."
