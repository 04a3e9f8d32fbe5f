"""Outer space: nebulae, stars, planets, galaxies."""

import numpy as np

from studio.sandbox.painter import land, noise, shapes, sky
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.colour import Colour, mix, named, shifted

DEEP = ("violet", "blue", "teal", "magenta", "orange")


def paint(canvas: Canvas) -> None:
    """Paint nebulae, stars, and a planet or a galaxy."""
    rng, brief = canvas.rng("space"), canvas.brief
    words = brief.colours or tuple(str(word) for word in rng.choice(DEEP, 3, replace=False))
    canvas.horizon = canvas.skyline = canvas.height
    canvas.wash(np.repeat(mix(named(words[0]), named("black"), 0.93)[:, None], canvas.height, 1))
    prompt = brief.prompt.lower()
    spiral = "galaxy" in prompt or "spiral" in prompt
    _nebula(canvas, words, strength=0.3 if spiral else 0.8)
    sky.stars(canvas, reach=canvas.height, density=2.0)
    if spiral:
        _galaxy(canvas, words)
    elif "nebula" not in prompt:
        x, y, radius = (
            canvas.width * rng.uniform(0.4, 0.62),
            canvas.height * rng.uniform(0.45, 0.6),
            canvas.unit * rng.uniform(0.24, 0.3),
        )
        ringed = any(word in prompt for word in ("saturn", "ring")) or rng.random() < 0.45
        planet(canvas, x, y, radius, named(words[-1]), ringed=ringed)
        planet(
            canvas,
            x - radius * 1.7,
            y - radius * 1.25,
            radius * 0.17,
            mix(named(words[0]), named("grey"), 0.6),
            ringed=False,
        )
    if brief.has("rocket"):
        canvas.shape(
            canvas.stencil(
                lambda pen: shapes.draw(
                    pen, "rocket", x=canvas.width * 0.24, y=canvas.height * 0.84, size=canvas.unit * 0.26
                )
            ),
            named("white"),
        )
    if brief.has("person", "man", "woman"):
        land.ranges(canvas, kind="hill", layers=1, top=canvas.height * 0.9, bottom=canvas.height)


def _nebula(canvas: Canvas, words: tuple[str, ...], *, strength: float) -> None:
    width, height = canvas.width // 4, canvas.height // 4
    for index, word in enumerate((words * 2)[:3]):
        rng = canvas.rng(f"nebula{index}")
        bend = noise.field(rng, width, height, across=2, down=2, octaves=2)
        cloud = noise.field(rng, width, height, across=2.4, down=2.4 * height / width, octaves=6, gain=0.58)
        wisps = 0.45 * (1 - np.abs(cloud + bend * 0.6) * 1.2).clip(0, 1) ** 1.8 + 0.55 * (
            cloud * 0.8 + 0.25
        ).clip(0, 1)
        mass = ((noise.field(rng, width, height, across=1.6, down=1.6, octaves=2) + 0.15) * 1.2).clip(0, 1)
        canvas.shine(
            shifted(named(word), light=-0.02),
            noise.stretched(wisps * mass * np.float32(strength), canvas.width, canvas.height),
        )


def planet(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, *, ringed: bool) -> None:
    """Paint a banded ball lit from one side, with or without a ring."""
    side = int(radius * 2) + 4
    rng = canvas.rng(f"planet{int(radius)}")
    rows, columns = (np.mgrid[0:side, 0:side].astype(np.float32) - side / 2) / np.float32(radius)
    distance = np.hypot(rows, columns)
    depth = np.sqrt((1 - distance**2).clip(0, 1))
    tilt = rows * 0.93 + columns * 0.37
    swirl = noise.field(rng, side, side, across=5, down=9, octaves=4) * 0.10
    bands = noise.line(rng, 512, waves=9, octaves=4)[
        ((tilt + swirl + 1.3) / 2.6 * 511).clip(0, 511).astype(int)
    ]
    light = (-0.62 * columns - 0.48 * rows + 0.62 * depth).clip(0, 1) ** 0.85
    base, other = shifted(colour, light=0.02), shifted(colour, light=0.16, hue=24)
    body = base[:, None, None] + (other - base)[:, None, None] * (0.5 + bands * 0.8).clip(0, 1)
    body = body * (0.03 + 1.05 * light)
    canvas.glow(x, y, radius * 1.25, shifted(colour, light=0.1), 0.35)
    if ringed:
        _ring(canvas, x, y, radius, colour, front=False)
    _paste(canvas, body.clip(0, 1), ((1 - distance) * radius + 0.5).clip(0, 1), x, y)
    if ringed:
        _ring(canvas, x, y, radius, colour, front=True)


def _paste(canvas: Canvas, body: np.ndarray, alpha: np.ndarray, x: float, y: float) -> None:
    """Lay a square patch around a point, cut at the sheet's edges."""
    side = alpha.shape[0]
    top, left = int(y - side / 2), int(x - side / 2)
    rows = slice(max(-top, 0), min(canvas.height - top, side))
    columns = slice(max(-left, 0), min(canvas.width - left, side))
    if rows.stop > rows.start and columns.stop > columns.start:
        canvas.blend(
            body[:, rows, columns],
            alpha[rows, columns].astype(np.float32),
            top=max(top, 0),
            left=max(left, 0),
        )


def _ring(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, *, front: bool) -> None:
    side = int(radius * 2.4)
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32) - side / 2
    across, up = columns * 0.93 - rows * 0.37, rows * 0.93 + columns * 0.37
    away = np.hypot(across, up * 3.6) / np.float32(radius / 2)
    stripes = noise.line(canvas.rng("ring"), 512, waves=26, octaves=3)[
        ((away - 1.2) / 1.2 * 511).clip(0, 511).astype(int)
    ]
    band = (
        ((away - 1.32) * 40).clip(0, 1)
        * ((2.28 - away) * 40).clip(0, 1)
        * ((up if front else -up) + 0.5).clip(0, 1)
    )
    alpha = noise.stretched(
        (band * (0.62 + 0.4 * stripes).clip(0.08, 0.95)).astype(np.float32), side * 2, side * 2
    )
    _paste(
        canvas,
        np.broadcast_to(shifted(colour, light=0.22, chroma=0.5)[:, None, None], (3, side * 2, side * 2)),
        alpha,
        x,
        y,
    )


def _galaxy(canvas: Canvas, words: tuple[str, ...]) -> None:
    width, height = canvas.width // 2, canvas.height // 2
    rng = canvas.rng("galaxy")
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, up = (columns - width * 0.5) / (canvas.unit / 2), (rows - height * 0.5) / (canvas.unit / 2)
    lean = rng.uniform(-0.6, 0.6)
    u, v = across * np.cos(lean) + up * np.sin(lean), (up * np.cos(lean) - across * np.sin(lean)) * 1.9
    away, angle = np.hypot(u, v) + 1e-4, np.arctan2(v, u)
    dust = noise.field(rng, width, height, across=9, down=9, octaves=5, gain=0.62)
    arms = 0.5 + 0.5 * np.cos(2 * angle - 7.5 * np.log(away + 0.06) + dust * 1.5)
    light = (arms**2.2 * np.exp(-away * 2.2) * (1.35 + dust * 1.0)).clip(0, 1)
    canvas.shine(
        shifted(named(words[0]), light=0.2),
        noise.stretched(light.astype(np.float32), canvas.width, canvas.height),
    )
    inner = (arms * np.exp(-away * 6)).clip(0, 1)
    canvas.shine(
        shifted(named(words[-1]), light=0.2),
        noise.stretched(inner.astype(np.float32), canvas.width, canvas.height),
    )
    canvas.glow(
        canvas.width / 2, canvas.height / 2, canvas.unit * 0.10, mix(named("gold"), named("white"), 0.6), 1.0
    )
