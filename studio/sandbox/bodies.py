"""Reading bodies: the checks that the looser dialects share, whatever words they refuse with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from studio.sandbox.dialects import PROMPT_LIMIT, Refused, Wish, is_a
from studio.sandbox.sizes import sides_of

Bad = Callable[[str, str], Refused]

SIDES = (64, 2048)
TIERS = {"1K": 1024, "2K": 2048, "4K": 4096}
WIDEST = 4  # what the sandbox paints; a relay of free sizes draws less
DRAFT_FROM = 4_000_000  # pixels from which a picture is painted coarsely and enlarged


def checked(body: object, kinds: Mapping[str, str], *, required: Sequence[str], bad: Bad) -> dict[str, Any]:
    """Return the body if it is an object of known fields of the right kinds, with all that is required."""
    if not isinstance(body, dict):
        raise bad("The body must be a JSON object.", "body")
    for name in required:
        if body.get(name) in (None, ""):
            raise bad(f"Missing required field '{name}'.", name)
    for name, value in body.items():
        if name not in kinds:
            raise bad(f"Unknown field '{name}'.", name)
        if not is_a(value, kinds[name]):
            raise bad(f"The field '{name}' must be of type {kinds[name]}.", name)
    return body


def prompt(text: str, *, bad: Bad) -> str:
    """Return the prompt unless it is blank or too long."""
    if not text.strip() or len(text) > PROMPT_LIMIT:
        raise bad(f"The prompt must have between 1 and {PROMPT_LIMIT} characters.", "prompt")
    return text


def count(body: Mapping[str, Any], *, bad: Bad) -> int:
    """Return n, one unless the body says otherwise."""
    n = int(body.get("n", 1))
    if not 1 <= n <= 10:
        raise bad("The field 'n' must be between 1 and 10.", "n")
    return n


def size(text: str, offered: Sequence[str], *, bad: Bad) -> str:
    """Return a size as width and height; "" and "auto" are the model's own choice."""
    if text in ("", "auto"):
        return "1024x1024"
    sides = sides_of(text)
    is_offered = text in offered if offered else sides and all(SIDES[0] <= side <= SIDES[1] for side in sides)
    if not is_offered or not sides:
        raise bad(f"The size '{text}' is not supported.", "size")
    return "{}x{}".format(*sides)


def shaped(config: Mapping[str, Any], *, bad: Bad) -> str:
    """Return the size that image_config asks for: its ratio with about as many pixels as its resolution has."""
    config = checked(dict(config), {"aspect_ratio": "string", "image_size": "string"}, required=(), bad=bad)
    tier, ratio = config.get("image_size", "1K"), config.get("aspect_ratio", "1:1")
    if tier not in TIERS:
        raise bad(f"The image_size '{tier}' is not supported.", "image_config")
    wide, _, high = ratio.partition(":")
    if not (wide.isdecimal() and high.isdecimal() and int(wide) and int(high)):
        raise bad(f"The aspect_ratio '{ratio}' is not supported.", "image_config")
    across = int(wide) / int(high)
    if not 1 / WIDEST <= across <= WIDEST:
        raise bad(f"The aspect_ratio '{ratio}' is not supported.", "image_config")
    side = TIERS[tier]
    return f"{_rounded(side * across**0.5)}x{_rounded(side / across**0.5)}"


def hurried(order: Wish) -> Wish:
    """Return the order to be painted coarsely if its pictures are large."""
    return replace(order, quality="low") if order.width * order.height >= DRAFT_FROM else order


def _rounded(side: float) -> int:
    return round(side / 16) * 16
