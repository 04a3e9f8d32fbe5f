"""Meadows of flowers, tall grass, lily pads on water."""

import numpy as np

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas, Ink, Pen, ink, tint
from studio.sandbox.painter.colour import Colour, gradient, mix, named, shifted
from studio.sandbox.painter.flora import head, kinds


def meadow(canvas: Canvas, *, top: float, dense: float = 1.0) -> None:
    """Grow grass and flowers from a row down to the feet of the viewer."""
    rng = canvas.rng("meadow")
    green = grass_colour(canvas)
    _ground(canvas, top, green)
    grown = [
        (kind, [ink(mix(colour, canvas.palette.sky[-1], 0.35 * (1 - step / 7))) for step in range(8)])
        for kind, colour in kinds(canvas)
    ]
    stalk, large = ink(green), 1.7 if canvas.brief.has("sunflower") else 1.0
    count = int(460 * dense * canvas.width / canvas.unit)
    near = np.sort(rng.random(count) ** 1.25)
    across = rng.uniform(-0.03, 1.03, count) * canvas.width
    patch = noise.line(rng, 256, waves=7, octaves=2)

    def draw(pen: Pen) -> None:
        for index in range(count):
            t = float(near[index])
            y = top + (canvas.height * 1.06 - top) * t**1.35
            size = canvas.unit * (0.006 + 0.062 * t**1.8) * large
            kind, tones = grown[int((patch[(index * 37) % 256] + 1.2) * 3 + rng.uniform(0, 1.5)) % len(grown)]
            _plant(
                pen,
                rng,
                kind,
                x=float(across[index]),
                y=y,
                size=size,
                near=t,
                colour=tones[int(t * 7.99)],
                green=stalk,
            )

    canvas.picture(draw, rows=(top - canvas.unit * 0.04, canvas.height))


def grass_colour(canvas: Canvas) -> Colour:
    """Return the green of the grass in this light and season."""
    hue = "gold" if {"autumn", "golden"} & set(canvas.brief.moods) or canvas.brief.has("desert") else "green"
    word = canvas.brief.accent("field", "grass", "hill") or hue
    return mix(
        mix(named(word), canvas.palette.near, 0.62 if canvas.palette.dark else 0.42),
        canvas.palette.glow,
        0.08,
    )


def _ground(canvas: Canvas, top: float, green: Colour) -> None:
    edge = (
        top + noise.line(canvas.rng("ground"), canvas.width, waves=2.5, octaves=3) * canvas.unit * 0.012
    ).astype(np.float32)
    first, last = canvas.span(edge)
    far = mix(green, canvas.palette.sky[-1], 0.45)
    canvas.below(
        edge,
        gradient((far, green, shifted(green, light=-0.12)), np.linspace(0, 1, max(last - first, 1)) ** 0.7),
    )


def _plant(
    pen: Pen,
    rng: np.random.Generator,
    kind: str,
    *,
    x: float,
    y: float,
    size: float,
    near: float,
    colour: Ink,
    green: Ink,
) -> None:
    """Draw one plant: blades, a stem, a head; far ones are only a touch of colour."""
    stem = size * rng.uniform(1.1, 2.0)
    if near > 0.25:
        for _ in range(2 + int(3 * near)):
            lean, tall = rng.uniform(-0.6, 0.6) * size, stem * rng.uniform(0.5, 1.15)
            tone = tint(green, rng.uniform(-0.10, 0.07) - 0.05 * near)
            foot = x + rng.uniform(-1, 1) * size
            pen.area([(foot - size * 0.05, y), (foot + lean, y - tall), (foot + size * 0.05, y)], tone)
        pen.line([(x, y), (x + size * 0.06, y - stem)], max(size * 0.05, 0.6), tint(green, -0.04))
    if near < 0.3 and kind != "lavender":
        pen.oval(x, y - stem, size * 0.45, size * 0.36, tint(colour, rng.uniform(-0.06, 0.06)))
        return
    head(
        pen,
        kind,
        x=x,
        y=y - stem,
        size=size * (1.0 if kind not in ("lavender", "tulip") else 0.9),
        colour=tint(colour, rng.uniform(-0.04, 0.04)),
        rng=rng,
    )


def grass(canvas: Canvas, *, top: float, tall: float = 0.05, colour: Colour | None = None) -> None:
    """Draw a dark fringe of blades along the bottom."""
    rng = canvas.rng("grass")
    count = int(420 * canvas.width / canvas.unit)

    def draw(pen: Pen) -> None:
        pen.box(0, top + canvas.unit * tall * 0.6, canvas.width, canvas.height + 1)
        for x, high, lean in zip(
            rng.uniform(0, canvas.width, count),
            rng.uniform(0.3, 1.3, count),
            rng.uniform(-0.5, 0.5, count),
            strict=True,
        ):
            size = canvas.unit * tall * high
            foot = top + canvas.unit * tall
            pen.area([(x - size * 0.05, foot), (x + lean * size, foot - size), (x + size * 0.06, foot)])

    canvas.shape(
        canvas.stencil(draw, rows=(top - canvas.unit * tall, canvas.height)),
        canvas.palette.near if colour is None else colour,
    )


def steppe(canvas: Canvas, *, top: float) -> None:
    """Let tall grass stand from a row downwards, near blades large and dark, seeds on some."""
    rng = canvas.rng("steppe")
    base = grass_colour(canvas)
    for index in range(4):
        depth = (index + 1) / 4
        row = top + (canvas.height - top) * (index / 4)
        tone = shifted(mix(base, canvas.palette.sky[-1], 0.35 * (1 - depth)), light=-0.12 * depth)
        _sward(canvas, rng, row=row, tall=canvas.unit * (0.02 + 0.09 * depth), tone=tone)


def _sward(canvas: Canvas, rng: np.random.Generator, *, row: float, tall: float, tone: Colour) -> None:
    count = int(canvas.width / tall * 16)

    def draw(pen: Pen) -> None:
        pen.box(0, row, canvas.width, canvas.height + 1)
        for x, high, lean in zip(
            rng.uniform(-20, canvas.width + 20, count),
            rng.uniform(0.35, 1.1, count),
            rng.uniform(-0.1, 0.4, count),
            strict=True,
        ):
            size = tall * high
            tip = (x + lean * size, row - size)
            pen.area(
                [
                    (x - tall * 0.03, row + tall * 0.2),
                    (x + lean * size * 0.3, row - size * 0.55),
                    tip,
                    (x + tall * 0.035, row + tall * 0.2),
                ]
            )

    shade = gradient(
        (shifted(tone, light=0.07), shifted(tone, light=-0.03)),
        ((np.arange(canvas.height) - row + tall) / (tall * 2.5)).clip(0, 1),
    )
    canvas.shape(canvas.stencil(draw, rows=(row - tall * 1.2, canvas.height)), shade[:, :, None])


def pads(canvas: Canvas) -> None:
    """Float lily pads and lotus flowers on the water, small and close together far away."""
    rng = canvas.rng("pads")
    leaf = ink(mix(mix(named("green"), canvas.palette.near, 0.4), canvas.palette.sky[-1], 0.15))
    pink = ink(mix(named(canvas.brief.accent("lotus") or "pink"), canvas.palette.sun, 0.15))
    depth = np.sort(rng.random(46) ** 0.8)
    patch = rng.uniform(0.2, 0.8)

    def draw(pen: Pen) -> None:
        for t in depth:
            y = canvas.horizon + (canvas.height - canvas.horizon) * (0.16 + 0.86 * t**1.3)
            x = canvas.width * (patch + rng.normal(0, 0.34))
            size = canvas.unit * (0.012 + 0.075 * t**1.4)
            pen.oval(x, y + size * 0.07, size, size * 0.34, tint(leaf, -0.12))
            pen.oval(x, y, size, size * 0.34, tint(leaf, rng.uniform(-0.04, 0.08)))
            pen.area(
                [(x, y), (x + size * 1.05, y - size * 0.12), (x + size * 1.05, y + size * 0.16)],
                tint(leaf, -0.16),
            )
            if rng.random() < 0.4:
                head(
                    pen,
                    "lotus",
                    x=x,
                    y=y - size * 0.42,
                    size=size * 1.25,
                    colour=tint(pink, rng.uniform(-0.05, 0.05)),
                    rng=rng,
                    flat=0.62,
                )

    canvas.picture(draw, rows=(canvas.horizon, canvas.height))
