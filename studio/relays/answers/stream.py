"""A failure told as a stream of events, although none was asked for (SAFETY §6, row 19)."""

import json
from collections.abc import Mapping
from typing import Any

from studio.relays.answers.spool import Body

TAIL = 64 * 1024
FAILED = ("response.failed", "error")


def failure(body: Body) -> Mapping[str, Any] | None:
    """Return the error of the last event if that says that the request failed, else None."""
    start = max(body.start, len(body.data) - TAIL)
    lines = body.data[start:].decode("utf-8", "replace").splitlines()
    events = [line[5:] for line in lines if line.startswith("data:") and line[5:].strip() != "[DONE]"]
    event = _object(events[-1]) if events else {}
    if event.get("type") not in FAILED:
        return None
    response = event.get("response")
    error = (response if isinstance(response, dict) else event).get("error")
    return error if isinstance(error, dict) else {}


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
