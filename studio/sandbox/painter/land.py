"""Land: mountains, hills, dunes and mesas, each paler the farther it lies and lit from the side of the light."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.sandbox.painter import noise, outlines
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.colour import HUES, Colour, gradient, lch, mix, shifted, to_lab
from studio.sandbox.painter.outlines import Range


@dataclass(frozen=True, kw_only=True)
class Relief:
    """How a kind of land takes the light."""

    soft: float  # width of the border between light and shadow, in units
    jag: float  # how far that border wanders
    depth: float  # contrast
    fade: float  # how far down light and shadow reach, in units
    rough: float  # contrast of the gullies that run down from each summit
    coarse: bool = False  # the border swings instead of being torn
    strata: float = 0.0  # contrast of level bands of rock


WORDS = {
    "alp": ("mountain",),
    "volcano": ("volcano",),
    "hill": ("hill", "field"),
    "dune": ("desert",),
    "mesa": ("canyon",),
}
RELIEF = {
    "alp": Relief(soft=0.008, jag=0.07, depth=0.58, fade=0.22, rough=0.34),
    "volcano": Relief(soft=0.10, jag=0.03, depth=0.42, fade=0.4, rough=0.3),
    "hill": Relief(soft=0.42, jag=0.0, depth=0.42, fade=0.16, rough=0.0),
    "dune": Relief(soft=0.004, jag=0.05, depth=0.6, fade=0.5, rough=0.0, coarse=True),
    "mesa": Relief(soft=0.03, jag=0.03, depth=0.45, fade=0.3, rough=0.3, strata=0.28),
}


def ranges(
    canvas: Canvas,
    *,
    kind: str,
    layers: int,
    top: float,
    bottom: float,
    close: float = 1.0,
    start: float = 0.0,
    before_last: Callable[[np.ndarray], None] | None = None,
) -> list[np.ndarray]:
    """Paint `layers` ranges from far to near between two rows and return their lines.

    `before_last` is given the last but one line, to set things on it that the last range hides the feet of.
    `start` and `close` say how near the first and the last one are: 1 takes the near colour, 0 the far one.
    """
    lines: list[np.ndarray] = []
    for index in range(layers):
        depth = index / max(layers - 1, 1)
        rng = canvas.rng(f"{kind}{index}")
        if before_last and lines and index == layers - 1:
            before_last(lines[-1])
        made = outlines.make(kind if depth < 1 or kind != "volcano" else "hill", rng, canvas, depth)
        edge = top + (bottom - top) * depth**1.15 - canvas.unit * made.heights
        _layer(
            canvas, edge.astype(np.float32), made, kind=kind, depth=start + depth * (close - start), rng=rng
        )
        lines.append(edge)
    return lines


def _layer(
    canvas: Canvas, edge: np.ndarray, made: Range, *, kind: str, depth: float, rng: np.random.Generator
) -> None:
    """Paint one range: darker at its edge, dissolving into haze at its foot."""
    palette = canvas.palette
    body = _own_colour(canvas, mix(palette.far, palette.near, depth**1.25), kind)
    haze = mix(
        body, palette.sky[-1], min((0.72 - 0.45 * depth) * (1.3 if canvas.brief.has("mist") else 1), 1)
    )
    top, bottom = canvas.span(edge)
    if bottom <= top:
        return
    fall = (np.arange(bottom - top) / (canvas.unit * 0.30)).clip(0, 1)
    colours = gradient((body, mix(body, haze, 0.55), haze), fall)
    relief = RELIEF["hill" if kind == "volcano" and depth > 0 else kind]
    shade = _shade(canvas, edge, made, top, bottom, relief=relief, rng=rng)
    canvas.below(edge, colours, shade=noise.stretched(shade, canvas.width, bottom - top))
    snowy = {"alp": canvas.brief.has("snow", "ice"), "volcano": depth == 0}
    if snowy.get(kind):
        _snow(canvas, edge, shade, depth=depth, rng=rng)


def _own_colour(canvas: Canvas, body: Colour, kind: str) -> Colour:
    """Return the land's colour, turned to the one its word has ("red mountains", "green hills")."""
    word = canvas.brief.accent(*WORDS[kind])
    if not word:
        return body
    light, chroma, hue = HUES[word]
    own = float(to_lab(body)[0])
    return mix(body, lch(own * 0.75 + light * 0.25, chroma * 0.8, hue), 0.85)


def _shade(
    canvas: Canvas,
    edge: np.ndarray,
    made: Range,
    top: int,
    bottom: int,
    *,
    relief: Relief,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return light and shadow (-1 to 1, at half size): a wandering ridge parts each summit's lit and dark side."""
    width, height, unit = canvas.width // 2, max((bottom - top) // 2, 1), canvas.unit / 2
    rows = np.arange(height, dtype=np.float32)[:, None] + top / 2
    columns = np.arange(width, dtype=np.float32)[None, :]
    fine = 1 if relief.coarse else 4
    wander = noise.field(
        rng, width, height, across=8 * width / unit, down=8 * height / unit + 1, octaves=fine, gain=0.5
    )
    below = (rows - edge[::2][None, :width] / 2).clip(0, None)
    at = (columns + wander * np.minimum(below * 0.3, unit * 0.03)).clip(0, width - 1).astype(np.int32)
    summit, fall = made.summit[::2][at] / 2, rows - made.crest_rows(edge)[::2][at] / 2
    aside = columns - summit
    if relief.soft > 0.3:
        return _gentle(canvas, edge, below, relief=relief)
    border = aside - made.drift[::2][at] * fall - wander * np.float32(unit * relief.jag)
    shade = -np.tanh(border / np.float32(unit * relief.soft + 1)) * np.float32(side(canvas) * relief.depth)
    if relief.rough:
        spread = aside / (fall.clip(0, None) + np.float32(unit * 0.05)) + wander * np.float32(0.10)
        shade += _gullies(rng, spread, summit) * np.float32(relief.rough)
    if relief.strata:
        bands = noise.line(rng, 2048, waves=90, octaves=2)
        shade += bands[((rows + wander * unit * 0.02) * 512 / unit).astype(np.int32) % 2048] * np.float32(
            relief.strata
        )
    deep = np.exp(-below / np.float32(unit * relief.fade))
    return (shade * deep).clip(-1, 1).astype(np.float32)


def _gentle(canvas: Canvas, edge: np.ndarray, below: np.ndarray, *, relief: Relief) -> np.ndarray:
    """Return the shade of round hills: the slope of their line, fading downwards."""
    slope = np.gradient(edge[::2][: below.shape[1]]) * np.float32(relief.depth * 2.2 * side(canvas))
    return (np.tanh(slope)[None, :] * np.exp(-below / np.float32(canvas.unit / 2 * relief.fade))).astype(
        np.float32
    )


def _gullies(rng: np.random.Generator, spread: np.ndarray, summit: np.ndarray) -> np.ndarray:
    """Return streaks that run down and apart from each summit."""
    table = np.gradient(noise.line(rng, 4096, waves=150, octaves=3, gain=0.6)) * 9
    return table[((spread * 0.09 + summit * 0.0137) * 4096).astype(np.int32) % 4096].astype(np.float32)


def side(canvas: Canvas) -> float:
    """Return 1 when the light comes from the left, -1 from the right."""
    return 1.0 if canvas.sun is None or canvas.sun[0] < canvas.width / 2 else -1.0


def _snow(
    canvas: Canvas, edge: np.ndarray, shade: np.ndarray, *, depth: float, rng: np.random.Generator
) -> None:
    """Lay snow on everything high: white in the light, blue in the shadow, torn at its lower edge."""
    top, bottom = canvas.span(edge)
    height, width = shade.shape
    torn = noise.field(rng, width, height, across=20, down=20 * height / width + 1, octaves=4, gain=0.62)
    rows = np.arange(height, dtype=np.float32)[:, None] + top / 2
    line = (edge.min() + (edge.max() - edge.min()) * 0.55 + canvas.unit * 0.015) / 2
    deep = (line - rows) / np.float32(canvas.unit * 0.075) + torn * 0.85 + shade * 0.35
    cover = noise.stretched((deep * 1.8).clip(0, 1).astype(np.float32), canvas.width, bottom - top)
    inside = (np.arange(top, bottom, dtype=np.float32)[:, None] - edge[None, :] + 0.5).clip(0, 1)
    light = mix(
        mix(canvas.palette.sun, np.ones(3, np.float32), 0.4),
        canvas.palette.sky[-1],
        0.25 + 0.3 * canvas.palette.dark,
    )
    dark = mix(canvas.palette.far, light, 0.38)
    share = noise.stretched((0.5 + shade * 0.8).clip(0, 1), canvas.width, bottom - top)
    canvas.blend(
        dark[:, None, None] + (light - dark)[:, None, None] * share,
        cover * inside * np.float32(0.95 - 0.3 * depth),
        top=top,
    )


def mist(
    canvas: Canvas, row: float, thickness: float, strength: float = 0.7, colour: Colour | None = None
) -> None:
    """Lay a bank of mist along a row."""
    top, bottom = max(int(row - thickness * 2.5), 0), min(int(row + thickness * 2.5), canvas.height)
    height = bottom - top
    if height < 8:
        return
    rng = canvas.rng(f"mist{int(row)}")
    soft = noise.field(rng, canvas.width // 8, height // 8 + 1, across=2.5, down=2.5, octaves=3)
    soft = noise.stretched(soft, canvas.width, height)
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    veil = np.exp(-(((rows - row) / np.float32(thickness) + soft * 0.9) ** 2))
    pale = mix(canvas.palette.sky[-1], canvas.palette.sun, 0.35) if colour is None else colour
    canvas.blend(shifted(pale, light=0.02), veil * np.float32(strength), top=top)


def road(canvas: Canvas, *, top: float) -> None:
    """Lead a winding road from the horizon to the viewer's feet."""
    rng = canvas.rng("road")
    t = np.linspace(0, 1, 60)
    swing = np.sin(t * 5.2 + rng.uniform(0, 6)) * (1 - t) * 0.13 * np.sqrt(t)
    middle = canvas.width * (0.5 + rng.uniform(-0.08, 0.08) * (1 - t) + swing)
    rows, half = top + (canvas.height - top) * t**1.5, canvas.unit * (0.004 + 0.30 * t**2.0)
    points = [*zip(middle - half, rows, strict=True), *zip((middle + half)[::-1], rows[::-1], strict=True)]
    pale = shifted(mix(canvas.palette.far, canvas.palette.sky[-1], 0.6), light=0.05)
    shade = gradient((pale, mix(pale, canvas.palette.near, 0.35)), np.linspace(0, 1, canvas.height))[
        :, :, None
    ]
    canvas.shape(canvas.stencil(lambda pen: pen.area([(float(x), float(y)) for x, y in points])), shade)
