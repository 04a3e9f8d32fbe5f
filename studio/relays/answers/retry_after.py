"""How long a relay or an image host asks us to wait (RELAYS.md §2.8)."""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

Json = Mapping[str, Any]
LEAST = 1.0
"""Seconds that are waited at least: a zero, or a date that has passed, is no leave to storm the relay."""
WAIT_LIMIT = 31 * 86_400.0

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", re.IGNORECASE)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def retry_after(headers: Json, metadata: Json) -> float | None:
    """Return the seconds we are asked to wait, from whichever place it is said in, or None; at least one second."""
    waits = (
        _retry_after_header(str(headers.get("retry-after", ""))),
        number(headers.get("retry-after-ms"), 0.001),
        number(metadata.get("retry_after_seconds")),
        _reset(headers),
    )
    wait = next((wait for wait in waits if wait is not None), None)
    return None if wait is None else min(max(wait, LEAST), WAIT_LIMIT)


def _retry_after_header(text: str) -> float | None:
    """Read seconds or an HTTP date."""
    seconds = number(text)
    if seconds is not None or not text:
        return seconds
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _reset(headers: Json) -> float | None:
    """Read x-ratelimit-reset…: of the limits that are used up the longest, else the shortest of all."""
    waits: dict[str, float] = {}
    for name, value in headers.items():
        if name.startswith("x-ratelimit-reset"):
            wait = _duration(str(value))
            if wait is not None:
                waits[name] = wait
    used_up = [
        wait
        for name, wait in waits.items()
        if headers.get(name.replace("-reset", "-remaining", 1), "") == "0"
    ]
    if used_up:
        return max(used_up)
    return min(waits.values(), default=None)


def _duration(text: str) -> float | None:
    """Read "6m0s", "20ms", seconds, or a moment in seconds or milliseconds since 1970."""
    found = number(text)
    if found is None:
        parts = _DURATION.findall(text[:64])
        return sum(float(amount) * _UNITS[unit.lower()] for amount, unit in parts) if parts else None
    if found > 1e11:
        found /= 1000
    return found - time.time() if found > 1e9 else found


def number(value: object, factor: float = 1.0) -> float | None:
    """Return a finite number however it is written, times the factor; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value) * factor
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
