"""Tokens that an answer says it took, as OpenAI's images and chats write them (RELAYS.md §1.4, §1.5)."""

from collections.abc import Mapping
from typing import Any

LIMIT = 100_000_000


def tokens(usage: Mapping[str, Any]) -> dict[str, int]:
    """Return the tokens of text and of pictures that went in, and those that came out; nothing unless both are told."""
    went_in = _first(usage, "input_tokens", "prompt_tokens")
    came_out = _first(usage, "output_tokens", "completion_tokens")
    if went_in is None or came_out is None:
        return {}
    pictures = _pictures(usage)
    return {"text": max(0, went_in - pictures), "image": min(pictures, went_in), "output": came_out}


def _pictures(usage: Mapping[str, Any]) -> int:
    for name in ("input_tokens_details", "prompt_tokens_details"):
        details = usage.get(name)
        if isinstance(details, dict):
            return _count(details.get("image_tokens")) or 0
    return 0


def _first(usage: Mapping[str, Any], *names: str) -> int | None:
    return next((found for name in names if (found := _count(usage.get(name))) is not None), None)


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LIMIT
    return value if is_count else None  # type: ignore[return-value]
