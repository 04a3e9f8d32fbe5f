"""Towns: skylines in the distance, lit windows, neon, and wet streets."""

from functools import partial

import numpy as np

from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import gradient, hexed, mix, named, shifted

STONE = hexed("#3c4657")

type Block = tuple[float, float, float]
"""Left, right and top of one building."""


def skyline(canvas: Canvas, *, layers: int, foot: float, tall: float) -> None:
    """Paint rows of buildings, far to near, standing on row `foot`; `tall` is the highest one in units."""
    tall *= max(1.0, canvas.height / canvas.width * 0.8)
    for index in range(layers):
        depth = (index + 1) / layers
        rng = canvas.rng(f"city{index}")
        blocks = _blocks(canvas, rng, depth=depth, foot=foot, tall=tall * (1.0 - 0.42 * depth))
        _row(canvas, rng, blocks, depth=depth, foot=foot)


def _blocks(
    canvas: Canvas, rng: np.random.Generator, *, depth: float, foot: float, tall: float
) -> list[Block]:
    """Return buildings from left to right; the middle of town is higher."""
    blocks, x = [], -canvas.unit * 0.02
    centre = canvas.rng("town").uniform(0.3, 0.7)
    while x < canvas.width:
        wide = canvas.unit * rng.uniform(0.035, 0.085) * (0.75 + 0.75 * depth)
        middle = np.exp(-(((x / canvas.width - centre) / 0.33) ** 2))
        high = canvas.unit * tall * (0.25 + 0.75 * rng.random() ** 1.4) * (0.45 + 0.65 * middle)
        blocks.append((x, x + wide, foot - high))
        x += wide + canvas.unit * rng.choice([0, 0, 0.004, 0.02]) * depth
    return blocks


def _row(canvas: Canvas, rng: np.random.Generator, blocks: list[Block], *, depth: float, foot: float) -> None:
    palette = canvas.palette
    near = palette.near if palette.dark else mix(palette.near, STONE, 0.55)
    body = mix(palette.far, near, depth**1.1)
    if not palette.dark:
        body = mix(body, palette.sky[-2], 0.42 * (1 - depth))
    top = min(block[2] for block in blocks) - canvas.unit * 0.12
    rows = np.arange(canvas.height)
    fall = ((rows - top) / max(foot - top, 1)).clip(0, 1)
    haze = mix(body, palette.sky[-1], 0.62 * (1 - depth) + 0.10)
    colours = gradient((body, body, haze), fall)[:, :, None]
    canvas.shape(
        canvas.stencil(lambda pen: _houses(pen, rng, blocks, foot, canvas.unit), rows=(top, foot)), colours
    )
    if palette.dark or {"dusk", "sunset"} & set(canvas.brief.moods):
        _light_up(canvas, rng, blocks, depth=depth, foot=foot, top=top)
    else:
        _panes(canvas, rng, blocks, depth=depth, foot=foot, top=top)


def _houses(pen: Pen, rng: np.random.Generator, blocks: list[Block], foot: float, unit: float) -> None:
    """Draw walls and roofs: flat, stepped, pointed, with masts."""
    for left, right, top in blocks:
        pen.box(left, top, right, foot + 2)
        wide, kind = right - left, rng.integers(0, 8)
        if kind == 0:
            pen.box(left + wide * 0.2, top - wide * 0.35, right - wide * 0.2, top)
            pen.box(left + wide * 0.36, top - wide * 0.6, right - wide * 0.36, top)
        elif kind == 1:
            pen.area([(left, top), ((left + right) / 2, top - wide * 0.7), (right, top)])
        elif kind == 2:
            pen.box(left + wide * 0.47, top - wide * 1.3, left + wide * 0.53, top)
            pen.box(left + wide * 0.3, top - wide * 0.16, right - wide * 0.3, top)
        elif kind == 3:
            pen.area([(left, top), (left, top - wide * 0.5), (right, top)])
        elif kind == 4:
            pen.box(left + wide * 0.12, top - unit * 0.014, left + wide * 0.4, top)


def _windows(
    rng: np.random.Generator, blocks: list[Block], foot: float, unit: float, share: float, depth: float
) -> list[Block]:
    """Return left, top and size of the windows that are lit."""
    lit = []
    pitch = unit * (0.0085 + 0.006 * depth)
    for left, right, top in blocks:
        columns, rows = int((right - left) / pitch) - 1, int((foot - top) / (pitch * 1.25)) - 1
        if columns < 1 or rows < 1:
            continue
        alive = rng.random((rows, columns)) < share * rng.uniform(0.35, 1.3)
        margin = (right - left - columns * pitch) / 2 + pitch * 0.25
        for row, column in np.argwhere(alive):
            lit.append((left + margin + column * pitch, top + (row + 0.8) * pitch * 1.25, pitch * 0.52))
    return lit


def _light_up(
    canvas: Canvas, rng: np.random.Generator, blocks: list[Block], *, depth: float, foot: float, top: float
) -> None:
    """Light windows in two warmths, with their glow, and neon where it is asked for."""
    brief = canvas.brief
    neon = "neon" in brief.moods
    lit = _windows(rng, blocks, foot, canvas.unit, 0.34, depth)
    warm = [
        mix(named("gold"), named("white"), 0.35),
        mix(named("orange"), named("gold"), 0.4),
        mix(named("cyan"), named("white"), 0.4),
    ]
    words = brief.colours or ("magenta", "cyan", "violet")
    if neon:
        warm = [shifted(named(word), light=0.12) for word in (*words, "pink")][:3]
    for index, colour in enumerate(warm):
        part = [
            window
            for place, window in enumerate(lit)
            if (place * 7 + place // 5) % 5 in ((0, 1, 2), (3,), (4,))[index]
        ]
        stencil = canvas.stencil(partial(_boxes, windows=part), rows=(top, foot))
        canvas.shape(stencil, mix(colour, canvas.palette.far, 0.5 * (1 - depth)), alpha=0.92)
        if depth > 0.6:
            canvas.lamp(stencil, colour, blur=canvas.unit * 0.008, strength=0.75)
    if neon and depth > 0.5:
        _signs(canvas, rng, blocks, words=words, foot=foot)


def _boxes(pen: Pen, windows: list[Block]) -> None:
    for x, y, size in windows:
        pen.box(x, y, x + size, y + size * 1.3)


def _panes(
    canvas: Canvas, rng: np.random.Generator, blocks: list[Block], *, depth: float, foot: float, top: float
) -> None:
    """Let the windows of the day shimmer a little."""
    panes = _windows(rng, blocks, foot, canvas.unit, 0.75, depth)
    stencil = canvas.stencil(lambda pen: _boxes(pen, panes), rows=(top, foot))
    canvas.shape(stencil, mix(canvas.palette.sky[-1], canvas.palette.sky[0], 0.35), alpha=0.12 + 0.2 * depth)


def _signs(
    canvas: Canvas, rng: np.random.Generator, blocks: list[Block], *, words: tuple[str, ...], foot: float
) -> None:
    """Hang glowing signs on some walls."""
    for word in words[:3]:
        chosen = [block for block in blocks if rng.random() < 0.3]

        def draw(pen: Pen, chosen: list[Block] = chosen) -> None:
            for left, right, top in chosen:
                wide, x = canvas.unit * 0.008, left + (right - left) * rng.uniform(0.15, 0.8)
                y = top + (foot - top) * rng.uniform(0.1, 0.45)
                for part in range(rng.integers(3, 6)):
                    pen.box(x, y + part * wide * 2.1, x + wide * 1.5, y + part * wide * 2.1 + wide * 1.5)

        stencil = canvas.stencil(draw)
        colour = shifted(named(word), light=0.1)
        canvas.shape(stencil, mix(colour, np.ones(3, np.float32), 0.35))
        canvas.lamp(stencil, colour, blur=canvas.unit * 0.022, strength=1.5)


def street(canvas: Canvas) -> None:
    """Lay a street that runs to the horizon, with a line down its middle."""
    palette, top = canvas.palette, canvas.horizon
    x, half = canvas.width * 0.5, canvas.width * 0.62
    rows = np.linspace(0, 1, canvas.height)
    asphalt = gradient((mix(palette.far, palette.near, 0.6), palette.near), rows)[:, :, None]
    body = canvas.stencil(
        lambda pen: pen.area(
            [(x - 6, top), (x + 6, top), (x + half, canvas.height + 1), (x - half, canvas.height + 1)]
        )
    )
    canvas.shape(body, asphalt, alpha=0.72)

    def dashes(pen: Pen) -> None:
        for index in range(9):
            near, far = (index / 9) ** 2, ((index + 0.45) / 9) ** 2
            y, z = top + (canvas.height - top) * near, top + (canvas.height - top) * far
            pen.area(
                [
                    (x - 9 * near - 0.5, y),
                    (x + 9 * near + 0.5, y),
                    (x + 9 * far + 0.5, z),
                    (x - 9 * far - 0.5, z),
                ]
            )

    canvas.shape(canvas.stencil(dashes), mix(palette.sun, palette.sky[-1], 0.3), alpha=0.6)


def bridge(canvas: Canvas, row: float) -> None:
    """Hang a bridge across the whole picture."""
    palette, unit, width = canvas.palette, canvas.unit, canvas.width
    word = canvas.brief.accent("bridge")
    tone = mix(named(word), palette.near, 0.2) if word else mix(palette.near, palette.far, 0.1)
    deck, top = row - unit * 0.075, row - unit * 0.30
    towers = (width * 0.27, width * 0.73)

    def cable(x: float) -> float:
        """Return the row of the main cable: it hangs between the towers and falls to the banks."""
        if towers[0] <= x <= towers[1]:
            share = (x - towers[0]) / (towers[1] - towers[0]) * 2 - 1
            return top + (deck - top - unit * 0.012) * (1 - share * share)
        away = (towers[0] - x) / towers[0] if x < towers[0] else (x - towers[1]) / (width - towers[1])
        return top + (deck - top) * min(away * 1.05, 1.0) ** 0.8

    def draw(pen: Pen) -> None:
        pen.box(0, deck, width, deck + unit * 0.014)
        xs = np.linspace(0, width, 90)
        pen.line([(float(x), cable(float(x))) for x in xs], unit * 0.005)
        for x in xs[1:-1]:
            pen.line([(float(x), cable(float(x))), (float(x), deck)], unit * 0.0012)
        for x in towers:
            pen.box(x - unit * 0.012, top - unit * 0.014, x + unit * 0.012, row + 2)
            pen.box(x - unit * 0.020, row - unit * 0.05, x + unit * 0.020, row + 2)

    canvas.shape(canvas.stencil(draw), tone)
