"""Sizes and ratios as text and as numbers, and the rules of models that draw any size (RELAYS.md §1.4, gpt-image-2)."""

import math
import re
from collections.abc import Iterable

ANY = "WxH"
"""Stands in a model's list of sizes for every size that is legal by these rules."""

STEP = 16
LONGEST = 3840
AREA = 3840 * 2160
STEEPEST = 3

_SIZE = re.compile(r"([1-9][0-9]{0,4})\s*[xX×*]\s*([1-9][0-9]{0,4})")
_RATIO = re.compile(r"(\d{1,3}(?:\.\d{1,2})?):(\d{1,3}(?:\.\d{1,2})?)")


def parse(text: str) -> tuple[int, int] | None:
    """Return width and height in pixels, or None for "auto", the marker and whatever else is no size."""
    found = _SIZE.fullmatch(text.strip())
    return (int(found[1]), int(found[2])) if found else None


def write(width: int, height: int) -> str:
    """Return a size as the studio writes it."""
    return f"{width}x{height}"


def broken_rule(width: int, height: int) -> str:
    """Return which rule of free sizes is broken, "" if none: steps of 16, 1:3 to 3:1, at most 3840x2160 pixels."""
    short, long = sorted((width, height))
    if short <= 0 or width % STEP or height % STEP:
        return "step"
    if long > short * STEEPEST:
        return "steep"
    if long > LONGEST:
        return "side"
    return "area" if width * height > AREA else ""


def is_legal(width: int, height: int) -> bool:
    """Say whether a model of free sizes draws this one."""
    return not broken_rule(width, height)


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


def sides_of(shape: str) -> tuple[float, float] | None:
    """Return width and height of "1792x1024" or "16:9"; nothing for any other text."""
    match = _RATIO.fullmatch(shape)
    sides = (float(match[1]), float(match[2])) if match else parse(shape)
    return sides if sides and min(sides) > 0 else None


def ratio_of(shape: str) -> float:
    """Return width by height of "1792x1024" or "16:9"; 1 for any other text."""
    sides = sides_of(shape)
    return round(sides[0] / sides[1], 4) if sides else 1.0


def lies(shape: str) -> int:
    """Return how a shape lies: 1 wider than high, -1 higher than wide, 0 a square."""
    ratio = ratio_of(shape)
    return (ratio > 1) - (ratio < 1)


def nearest(wanted: str, offered: Iterable[str]) -> str:
    """Return the offered size or ratio most like the wanted one among those that lie alike; "" if there is none."""
    alike = [value for value in offered if sides_of(value) and lies(value) == lies(wanted)]
    return min(alike, key=lambda value: _distance(value, wanted), default="") if sides_of(wanted) else ""


def _distance(one: str, other: str) -> tuple[float, float]:
    """Measure how unlike two shapes are: first their ratios, then their areas if both are in pixels."""
    by_ratio = abs(math.log(ratio_of(one) / ratio_of(other)))
    pixels = [parse(shape) for shape in (one, other)]
    areas = [math.log(sides[0] * sides[1]) for sides in pixels if sides]
    return round(by_ratio, 6), abs(areas[0] - areas[1]) if len(areas) == 2 else 0.0
