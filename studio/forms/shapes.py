"""Sizes and aspect ratios as shapes; what a tile says is the true ratio, whatever a page calls it (RELAYS.md §2.4)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.relays import sizes
from studio.relays.sizes import ratio_of, sides_of

AS_IT_LIKES = "as the model likes"
SMALL_TERMS = 50
"""A ratio of larger whole numbers than this is said as a decimal."""

SMALLEST_SCALE = 0.45


@dataclass(frozen=True)
class Tile:
    """One value to choose: `label` says it in full, `says` in short.

    `ratio` is width by height, None where it has no shape; `scale` is its side beside the largest of its list;
    `face` stands on the button of a popover.
    """

    value: str
    label: str
    says: str
    ratio: float | None
    checked: bool
    scale: float = 1.0

    @property
    def face(self) -> str:
        return self.says.partition(" · ")[0] if self.value else ""

    @property
    def piece(self) -> dict[str, Any]:
        """What its template shows of it."""
        return vars(self) | {"face": self.face}


def asked_ratio(settings: Mapping[str, Any]) -> float:
    """Return the ratio that these settings ask for; 1 when they leave it to the model."""
    asked = (str(settings.get(name, "")) for name in ("size", "aspect_ratio"))
    return next((ratio_of(shape) for shape in asked if sides_of(shape)), 1.0)


def asked_shape(settings: Mapping[str, Any]) -> str:
    """Say which size, aspect ratio and resolution these settings ask for."""
    asked = (str(settings.get(name, "")) for name in ("size", "aspect_ratio", "image_size"))
    return ", ".join(times(value) for value in asked if value)


def true_ratio(size: str) -> str:
    """Say the ratio of "1792x1024" in its smallest whole numbers, "7:4", or as a decimal if those are large."""
    sides = sizes.parse(size)
    if not sides:
        return ""
    width, height = (side // math.gcd(*sides) for side in sides)
    if max(width, height) <= SMALL_TERMS:
        return f"{width}:{height}"
    return f"about {width / height:.2f}:1" if width > height else f"about 1:{height / width:.2f}"


def shape_word(shape: str) -> str:
    """Return "Square", "Landscape" or "Portrait"."""
    ratio = ratio_of(shape)
    return "Square" if ratio == 1 else "Landscape" if ratio > 1 else "Portrait"


def times(size: str) -> str:
    """Write a size as people do: 1792×1024."""
    return size.replace("x", "×") if sizes.parse(size) else size


def size_tile(value: str, *, checked: bool) -> Tile:
    """Return the tile of a size: its shape, its true ratio and its pixels."""
    if not sides_of(value):
        said = "" if value in ("", "auto") else f", {value}"
        return Tile(value, f"Size {AS_IT_LIKES}{said}", value or "any", None, checked)
    ratio = true_ratio(value)
    label = f"{shape_word(value)} {ratio}, {value.replace('x', ' × ')} pixels"
    return Tile(value, label, f"{times(value)} · {ratio}", ratio_of(value), checked)


def aspect_tile(value: str, *, checked: bool) -> Tile:
    """Return the tile of an aspect ratio."""
    if not sides_of(value):
        return Tile(value, f"Shape {AS_IT_LIKES}", value or "any", None, checked)
    return Tile(value, f"{shape_word(value)} {value}", value, ratio_of(value), checked)


def tier_tile(value: str, *, checked: bool) -> Tile:
    """Return the tile of a resolution tier, which has no shape."""
    return Tile(value, value or f"Resolution {AS_IT_LIKES}", value or "any", None, checked)


def scaled(tiles: list[Tile]) -> list[Tile]:
    """Return the tiles with smaller pictures for sizes of fewer pixels, so that two of one shape look different."""
    areas = {
        tile.value: math.prod(sizes.parse(tile.value) or ()) for tile in tiles if sizes.parse(tile.value)
    }
    largest = max(areas.values(), default=1)
    sides = {value: max(SMALLEST_SCALE, math.sqrt(area / largest)) for value, area in areas.items()}
    return [replace(tile, scale=round(sides.get(tile.value, 1.0), 2)) for tile in tiles]
