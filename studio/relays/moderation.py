"""Asks an outside classifier what a text is about: any `POST /v1/moderations` endpoint of OpenAI's shape."""

import math
from typing import Any

from studio.relays.dialects.base import own_spot
from studio.relays.network.call import clock, exchange, parsed, prepare, whole
from studio.relays.network.connector import Network
from studio.relays.shapes import Encoding, Outgoing, RelayError

LIMIT = 256 * 1024
CATEGORY = 60
"""Longest name of a category that is taken."""


class Unjudged(Exception):
    """The classifier did not say anything that can be used; `code` is why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask(
    *, base_url: str, api_key: str, model: str, text: str, seconds: float, allow: frozenset[str] = frozenset()
) -> dict[str, float]:
    """Return each category's score from 0 to 1; raises Unjudged when there is no answer within the time."""
    network = Network(allow=own_spot(base_url, allow))
    fields: dict[str, object] = {"input": text}
    if model:
        fields["model"] = model
    body = Outgoing(path="moderations", fields=fields, encoding=Encoding.JSON)
    try:
        url = f"{base_url.rstrip('/')}/{body.path}"
        call = prepare("POST", url, key=api_key, allow=network.allow, body=body)
        with exchange(call, network=network, clock=clock(seconds), secret=api_key) as response:
            raw = whole(response, LIMIT)
    except RelayError as error:
        raise Unjudged(error.code or error.kind) from None
    if response.status_code != 200:
        raise Unjudged(f"status_{response.status_code}")
    return read(parsed(raw.decode("utf-8-sig", "replace")))


def read(answer: Any) -> dict[str, float]:
    """Return the scores of an answer; a category that has none but is named counts as 1 or 0."""
    results = answer.get("results") if isinstance(answer, dict) else None
    first = results[0] if isinstance(results, list) and results else None
    if not isinstance(first, dict):
        raise Unjudged("unreadable")
    named, scored = _dict(first.get("categories")), _dict(first.get("category_scores"))
    found = {name: float(flag is True) for name, flag in named.items()} | scored
    scores = {name[:CATEGORY]: float(score) for name, score in found.items() if _is_score(score)}
    if not scores:
        raise Unjudged("unreadable")
    return scores


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_score(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
