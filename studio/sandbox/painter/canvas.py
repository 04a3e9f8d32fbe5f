"""The sheet being painted: float32, channels first, and the few strokes everything else is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from zlib import crc32

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from studio.sandbox.painter import noise
from studio.sandbox.painter.colour import Colour, Palette, shifted
from studio.sandbox.painter.words import Brief

type Points = list[tuple[float, float]]
type Ink = tuple[int, int, int]


class Pen:
    """Draws in picture coordinates on a sheet of twice the size that begins at row `top`."""

    def __init__(self, sheet: Image.Image, top: int) -> None:
        self.draw = ImageDraw.Draw(sheet)
        self.top = top

    def _at(self, points: Points) -> list[float]:
        return [value for x, y in points for value in (2 * x, 2 * (y - self.top))]

    def area(self, points: Points, ink: Ink | int = 255) -> None:
        """Fill a polygon."""
        self.draw.polygon(self._at(points), fill=ink)

    def line(self, points: Points, width: float, ink: Ink | int = 255) -> None:
        """Draw a line with round corners."""
        self.draw.line(
            self._at(points),
            fill=ink,
            width=max(int(width * 2 + 0.5), 1),
            joint="curve" if width > 2 else None,
        )

    def oval(self, x: float, y: float, rx: float, ry: float, ink: Ink | int = 255) -> None:
        """Fill an ellipse."""
        self.draw.ellipse(self._at([(x - rx, y - ry), (x + rx, y + ry)]), fill=ink)

    def box(self, left: float, top: float, right: float, bottom: float, ink: Ink | int = 255) -> None:
        """Fill a rectangle."""
        if right > left and bottom > top:
            self.draw.rectangle(self._at([(left, top), (right, bottom)]), fill=ink)


@dataclass(frozen=True)
class Stencil:
    """A drawn mask, and the row and column where it begins."""

    image: Image.Image
    top: int
    left: int

    def mask(self, *, blur: float = 0, alpha: float = 1) -> tuple[np.ndarray, int, int]:
        """Return alpha (h, w), its first row and column; a blurred one reaches farther and is computed small."""
        if not blur:
            return np.asarray(self.image, np.float32) * np.float32(alpha / 255), self.top, self.left
        step = max(min(int(blur / 1.5), 8), 1)
        pad = (int(blur * 3) // step + 1) * step
        wide = ImageOps.expand(self.image, pad, 0)
        soft = (
            wide.reduce(step)
            .filter(ImageFilter.GaussianBlur(blur / step))
            .resize(wide.size, Image.Resampling.BILINEAR)
        )
        return np.asarray(soft, np.float32) * np.float32(alpha / 255), self.top - pad, self.left - pad


@dataclass
class Canvas:
    """A picture of `width` × `height` in the making; `horizon` is a row, `sun` the light's place or None."""

    width: int
    height: int
    brief: Brief
    palette: Palette
    seed: int
    horizon: float = 0.0
    skyline: float = 0.0  # about where land begins
    sun: tuple[float, float] | None = None
    sun_radius: float = 0.0
    pixels: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.pixels = np.zeros((3, self.height, self.width), np.float32)
        self.unit = min(self.width, self.height)

    def rng(self, name: str) -> np.random.Generator:
        """Return the chance that belongs to one part of this picture: other parts do not disturb it."""
        return np.random.default_rng([self.seed & 0xFFFFFFFF, self.brief.key, crc32(name.encode())])

    def wash(self, colours: np.ndarray) -> None:
        """Fill the sheet with one colour per row, (3, height)."""
        self.pixels[:] = colours[:, :, None]

    def blend(self, colour: np.ndarray, alpha: np.ndarray, *, top: int = 0, left: int = 0) -> None:
        """Lay a colour, (3,) or (3, h, 1) or (3, h, w), over a part of the sheet as thickly as alpha (h, w) says."""
        rows, columns = alpha.shape
        colour = np.broadcast_to(colour if colour.ndim == 3 else colour[:, None, None], (3, rows, columns))
        for channel in range(3):
            part = self.pixels[channel, top : top + rows, left : left + columns]
            part += (colour[channel] - part) * alpha

    def shine(self, colour: Colour, light: np.ndarray, *, top: int = 0, left: int = 0) -> None:
        """Add light (h, w) of a colour as a screen: bright never burns out."""
        rows, columns = light.shape
        for channel in range(3):
            part = self.pixels[channel, top : top + rows, left : left + columns]
            part += (1 - part) * (light * colour[channel])

    def below(
        self,
        edge: np.ndarray,
        colour: np.ndarray,
        *,
        bottom: int | None = None,
        shade: np.ndarray | None = None,
    ) -> None:
        """Fill everything under a line (one row per column) with (3, rows) colours from its highest row on.

        `shade` (rows, width) lightens and darkens: -1 to 1.
        """
        top, bottom = self.span(edge, bottom)
        if bottom <= top:
            return
        rows = np.arange(top, bottom, dtype=np.float32)[:, None]
        alpha = (rows - edge[None, :] + 0.5).clip(0, 1)
        body = colour[:, : bottom - top, None]
        if shade is not None:
            body = body + shade * (0.10 + 0.25 * body)
        self.blend(body, alpha, top=top)

    def span(self, edge: np.ndarray, bottom: int | None = None) -> tuple[int, int]:
        """Return the first and the last row a line's body touches."""
        return max(int(edge.min()), 0), min(self.height if bottom is None else bottom, self.height)

    def glow(
        self,
        x: float,
        y: float,
        radius: float,
        colour: Colour,
        strength: float,
        *,
        halo: float = 0,
        bottom: float | None = None,
    ) -> None:
        """Add a soft light around a point, down to a row; `halo` is the strength of a second, wider one."""
        last = min(int(bottom or self.height) // 8 * 8 + 8, self.height)
        columns = (np.arange(4, self.width + 4, 8, dtype=np.float32) - x)[None, :]
        rows = (np.arange(4, last + 4, 8, dtype=np.float32) - y)[:, None]
        away = (columns * columns + rows * rows) / np.float32(radius * radius)
        light = strength / (1 + away) ** 2 + halo / (1 + away / 16) ** 2
        self.shine(colour, noise.stretched(light.astype(np.float32), self.width, last))

    def disc(self, x: float, y: float, radius: float, colour: Colour, alpha: float = 1.0) -> None:
        """Lay a round spot."""
        top, left = max(int(y - radius - 2), 0), max(int(x - radius - 2), 0)
        bottom, right = min(int(y + radius + 3), self.height), min(int(x + radius + 3), self.width)
        if bottom <= top or right <= left:
            return
        rows, columns = np.ogrid[top:bottom, left:right]
        distance = np.hypot(columns - x, rows - y).astype(np.float32)
        self.blend(colour, (radius - distance + 0.5).clip(0, 1) * np.float32(alpha), top=top, left=left)

    def stencil(self, draw: Callable[[Pen], object], *, rows: tuple[float, float] | None = None) -> Stencil:
        """Return what a drawer drew in white, as alpha; `rows` limits the part of the sheet that can be drawn on."""
        top, bottom = self._band(rows)
        sheet = Image.new("L", (self.width * 2, (bottom - top) * 2), 0)
        draw(Pen(sheet, top))
        left, first, right, last = sheet.getbbox() or (0, 0, 2, 2)
        box = (
            left // 2 * 2,
            first // 2 * 2,
            min(-(-right // 2) * 2, sheet.width),
            min(-(-last // 2) * 2, sheet.height),
        )
        return Stencil(sheet.crop(box).reduce(2), top + box[1] // 2, box[0] // 2)

    def shape(self, stencil: Stencil, colour: np.ndarray, *, blur: float = 0, alpha: float = 1) -> None:
        """Lay a colour, (3,) or (3, height, 1) or (3, height, width), through a stencil."""
        mask, top, left = self._inside(*stencil.mask(blur=blur, alpha=alpha))
        if colour.ndim == 3:
            columns = slice(None) if colour.shape[2] == 1 else slice(left, left + mask.shape[1])
            colour = colour[:, top : top + mask.shape[0], columns]
        self.blend(colour, mask, top=top, left=left)

    def lamp(self, stencil: Stencil, colour: Colour, *, blur: float, strength: float) -> None:
        """Let a stencil shine."""
        mask, top, left = self._inside(*stencil.mask(blur=blur, alpha=strength))
        self.shine(colour, mask.clip(0, 1), top=top, left=left)

    def _inside(self, mask: np.ndarray, top: int, left: int) -> tuple[np.ndarray, int, int]:
        """Return the part of a mask that lies on the sheet."""
        rows = slice(max(-top, 0), max(self.height - top, 0))
        columns = slice(max(-left, 0), max(self.width - left, 0))
        return mask[rows, columns], max(top, 0), max(left, 0)

    def picture(self, draw: Callable[[Pen], None], *, rows: tuple[float, float] | None = None) -> None:
        """Lay a drawing of many inks over a part of the sheet."""
        top, bottom = self._band(rows)
        under = Image.fromarray(_bytes(self.pixels[:, top:bottom]))
        sheet = under.resize((self.width * 2, (bottom - top) * 2), Image.Resampling.NEAREST)
        draw(Pen(sheet, top))
        drawn = np.asarray(sheet.reduce(2), np.float32)
        self.pixels[:, top:bottom] = np.moveaxis(drawn, 2, 0) / np.float32(255)

    def _band(self, rows: tuple[float, float] | None) -> tuple[int, int]:
        first, last = rows or (0, self.height)
        top = min(max(int(first), 0), self.height - 1)
        return top, min(max(int(last) + 1, top + 1), self.height)

    def image(self) -> Image.Image:
        """Return the sheet as an 8-bit picture."""
        return Image.fromarray(_bytes(self.pixels))

    def enlarge(self, width: int, height: int) -> None:
        """Make the sheet larger, softly."""
        grown = self.image().resize((width, height), Image.Resampling.BICUBIC)
        self.width, self.height, self.unit = width, height, min(width, height)
        self.load(grown)

    def load(self, image: Image.Image) -> None:
        """Take an 8-bit picture as the new sheet."""
        self.pixels = np.ascontiguousarray(np.moveaxis(np.asarray(image, np.float32), 2, 0)) / np.float32(255)


def ink(colour: Colour) -> Ink:
    """Return a colour as Pillow draws it."""
    red, green, blue = (int(value * 255 + 0.5) for value in colour)
    return red, green, blue


@lru_cache(maxsize=8192)
def _tint(colour: Ink, light: int, hue: int) -> Ink:
    return ink(shifted(np.array(colour, np.float32) / np.float32(255), light=light / 50, hue=hue * 4))


def tint(colour: Ink, light: float = 0.0, hue: float = 0.0) -> Ink:
    """Return an ink a bit lighter or darker, or turned by degrees; in steps, so that it can be remembered."""
    return _tint(colour, round(light * 50), round(hue / 4))


def _bytes(pixels: np.ndarray) -> np.ndarray:
    """Return channels-last bytes."""
    rounded = (pixels * np.float32(255) + np.float32(0.5)).clip(0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(rounded, 0, 2))
