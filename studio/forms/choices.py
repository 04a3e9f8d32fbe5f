"""Sizes, aspect ratios and resolutions as tiles of the composer."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from django.forms.boundfield import BoundField
from django.forms.utils import ErrorList

from studio.forms.shapes import Tile, aspect_tile, scaled, size_tile, tier_tile
from studio.models import ImageModel
from studio.relays import sizes
from studio.relays.settings import label_of

TILES: dict[str, Callable[..., Tile]] = {
    "size": size_tile,
    "aspect_ratio": aspect_tile,
    "image_size": tier_tile,
}
"""Settings that are chosen from tiles when the model names their values."""

IN_THE_ROW = 4
"""More tiles than this stand in a popover, so that the row never wraps."""


@dataclass(frozen=True)
class OwnSize:
    """The width and height beside the tiles, as they were typed, and what they may be."""

    checked: bool
    width: str
    height: str
    step: int
    most: int
    rule: str


@dataclass(frozen=True)
class Choice:
    """One setting as tiles; `own` is there when the model takes sizes that it does not name.

    `key` changes with the model and the value, so that a page that is morphed shows the tiles as they come.
    """

    name: str
    key: str
    legend: str
    tiles: list[Tile]
    own: OwnSize | None
    errors: ErrorList

    @property
    def checked(self) -> Tile | None:
        return next((tile for tile in self.tiles if tile.checked), None)

    @property
    def says(self) -> str:
        """What is chosen, in short: "16:9", "1536×1024", "2K"; nothing when the model decides."""
        if self.own and self.own.checked:
            return f"{self.own.width or '?'}×{self.own.height or '?'}"
        return self.checked.face if self.checked and self.checked.value else ""


def choice_of(model: ImageModel, bound: BoundField, *, may_stay_open: bool) -> Choice:
    """Return the tiles of a setting; where it may not stay open, a plain list stands at its first one."""
    name, values = bound.name, model.accepted.named(bound.name)
    wanted = str(bound.value() or "")
    own = _own_size(model, wanted, values) if name == "size" and model.accepted.is_open(name) else None
    offered = ["", *values] if values and may_stay_open else values
    checked = wanted if wanted in offered or (own and own.checked) else next(iter(offered), "")
    tiles = [TILES[name](value, checked=value == checked) for value in offered]
    key = f"{name}-{crc32(f'{model.pk} {wanted}'.encode()):08x}"
    return Choice(name, key, label_of(name), scaled(tiles), own, bound.errors)


def _own_size(model: ImageModel, wanted: str, values: list[str]) -> OwnSize:
    is_own = bool(wanted) and wanted not in values
    width, _, height = wanted.partition("x") if is_own else ("", "", "")
    ruled = model.accepted.keeps_rules
    rule = f"Sides divisible by {sizes.STEP}, at most {sizes.LONGEST:,} pixels" if ruled else ""
    step, most = (sizes.STEP, sizes.LONGEST) if ruled else (1, 99_999)
    return OwnSize(is_own, width, height, step, most, rule)


@dataclass(frozen=True)
class Shape:
    """All tiles together: they stand in the row, or `folded` behind one button that says what is chosen."""

    choices: list[Choice]

    @property
    def folded(self) -> bool:
        tiles = sum(len(choice.tiles) + bool(choice.own) for choice in self.choices)
        return tiles > IN_THE_ROW

    @property
    def says(self) -> str:
        """What the button says: "16:9, 2K", or that the model decides."""
        return ", ".join(filter(None, (choice.says for choice in self.choices))) or "Any shape"

    @property
    def ratio(self) -> float | None:
        """Width by height of what is chosen, for the button's little picture."""
        checked = [choice.checked for choice in self.choices if choice.checked]
        own = next((choice.own for choice in self.choices if choice.own and choice.own.checked), None)
        if own:
            return sizes.ratio_of(sizes.write(int(own.width), int(own.height))) if _are_sides(own) else None
        return next((tile.ratio for tile in checked if tile.ratio), None)


def _are_sides(own: OwnSize) -> bool:
    return all(
        side.isascii() and side.isdigit() and 0 < int(side) < 100_000 for side in (own.width, own.height)
    )
