"""Who reads a sentence, and the small change of grammar."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any


class Reader(StrEnum):
    """Who is told something."""

    PERSON = "person"
    BLIND = "blind"
    """A person who must not learn which model and relay it is: a blind comparison before its pick."""
    ADMINISTRATOR = "administrator"
    PROGRAM = "program"


UNITS = {86_400: "days", 3_600: "h", 60: "min"}

Values = Mapping[str, Any]
Sentence = str | Callable[[Values], str] | Mapping[Reader, "str | Callable[[Values], str]"]


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*[+-]\d\d:\d\d\Z")
"""A value that is a moment, with the offset of the installation's time zone."""


def clock(moment: str) -> str:
    """Say the time of day, and the day if it is not today."""
    at = datetime.fromisoformat(moment)
    day = "" if at.date() == datetime.now(at.tzinfo).date() else f" on {at.day} {at:%B}"
    return f"{at:%H:%M}{day}"


def wait(seconds: float | None) -> str:
    """Say when something is tried again."""
    return f"in {span(seconds)}" if seconds else "now"


def span(seconds: float) -> str:
    """Write a wait as 90 s, 45 min, 5 h or 3 days, rounded up; clocks.js counts it down in the same words."""
    for size, unit in ((172_800, 86_400), (7_200, 3_600), (121, 60)):
        if seconds >= size:
            return f"{math.ceil(seconds / unit)} {UNITS[unit]}"
    return f"{seconds:g} s"


def times(count: int) -> str:
    """Say how often something was tried."""
    return "Tried once." if count == 1 else f"Tried {count} times."
