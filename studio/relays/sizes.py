"""Sizes as text and as numbers, and the rules of models that draw any size (RELAYS.md §1.4, gpt-image-2)."""

import math
import re

ANY = "WxH"
"""Stands in a model's list of sizes for every size that is legal by these rules."""

STEP = 16
LONGEST = 3840
AREA = 3840 * 2160
STEEPEST = 3

_SIZE = re.compile(r"([1-9][0-9]{0,4})\s*[xX×*]\s*([1-9][0-9]{0,4})")


def parse(text: str) -> tuple[int, int] | None:
    """Return width and height in pixels, or None for "auto", the marker and whatever else is no size."""
    found = _SIZE.fullmatch(text.strip())
    return (int(found[1]), int(found[2])) if found else None


def is_legal(width: int, height: int) -> bool:
    """Say whether a model of free sizes draws this one: steps of 16, 1:3 to 3:1, at most 3840x2160 pixels."""
    short, long = sorted((width, height))
    return (
        short > 0
        and width % STEP == 0
        and height % STEP == 0
        and long <= short * STEEPEST
        and long <= LONGEST
        and width * height <= AREA
    )


def nearest_legal(width: int, height: int) -> tuple[int, int]:
    """Return the legal size whose sides differ least from these (in squares), the smaller one when two do.

    What is too large is made smaller in its own shape first.
    """
    scale = min(1.0, LONGEST / max(width, height, 1), math.sqrt(AREA / max(width * height, 1)))
    across, down = width * scale, height * scale
    sizes = ((wide, _height(wide, down)) for wide in range(STEP, LONGEST + 1, STEP))
    return min(sizes, key=lambda size: ((size[0] - across) ** 2 + (size[1] - down) ** 2, size))


def _height(width: int, wanted: float) -> int:
    """Return the legal height nearest to the wanted one; every multiple of 16 up to 3840 has one as a width."""
    lowest = -(-width // (STEEPEST * STEP)) * STEP
    highest = min(width * STEEPEST, LONGEST, AREA // width) // STEP * STEP
    return min(max(math.ceil(wanted / STEP - 0.5) * STEP, lowest), highest)
