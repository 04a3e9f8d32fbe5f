"""The inside of a birch wood."""

import numpy as np

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas, Pen, ink
from studio.sandbox.painter.colour import Colour, gradient, mix, named, shifted
from studio.sandbox.painter.trees import leaf_colour


def trunks(canvas: Canvas) -> None:
    """Paint pale trunks with dark marks, near ones before far ones, leaves above and below."""
    palette = canvas.palette
    for index in range(4):
        depth = (index + 1) / 4
        rng = canvas.rng(f"trunks{index}")
        _floor(canvas, rng, depth)
        wide = canvas.unit * (0.010 + 0.052 * depth**1.8)
        bark = mix(
            mix(palette.sky[-1], palette.far, 0.35),
            mix(np.ones(3, np.float32), palette.sun, 0.3),
            0.25 + 0.6 * depth,
        )
        _trunk_row(canvas, rng, wide=wide, bark=bark, depth=depth)
    _leaves(canvas)


def _floor(canvas: Canvas, rng: np.random.Generator, depth: float) -> None:
    edge = (
        canvas.height * (0.62 + 0.3 * depth**1.5)
        + noise.line(rng, canvas.width, waves=3, octaves=3) * canvas.unit * 0.015
    )
    ground = mix(leaf_colour(canvas, rng), canvas.palette.near, 0.35 + 0.25 * depth)
    ground = mix(canvas.palette.sky[-1], ground, 0.05 + 0.95 * depth**1.8)
    top, bottom = canvas.span(edge)
    canvas.below(
        edge.astype(np.float32),
        gradient((ground, shifted(ground, light=-0.06)), np.linspace(0, 1, max(bottom - top, 1))),
    )


def _trunk_row(canvas: Canvas, rng: np.random.Generator, *, wide: float, bark: Colour, depth: float) -> None:
    foot = canvas.height * (0.66 + 0.36 * depth**1.5)
    dark = mix(canvas.palette.near, named("black"), 0.4)
    dark = mix(bark, dark, 0.35 + 0.6 * depth)

    def draw(pen: Pen) -> None:
        x = rng.uniform(-wide, wide * 3)
        while x < canvas.width + wide:
            thick, lean = wide * rng.uniform(0.7, 1.2), rng.uniform(-0.03, 0.03) * canvas.height
            pen.area(
                [
                    (x - thick / 2, foot),
                    (x + lean - thick * 0.36, 0),
                    (x + lean + thick * 0.36, 0),
                    (x + thick / 2, foot),
                ],
                ink(bark),
            )
            shade = ink(mix(bark, dark, 0.28))
            pen.area(
                [
                    (x + thick * 0.18, foot),
                    (x + lean + thick * 0.14, 0),
                    (x + lean + thick * 0.36, 0),
                    (x + thick / 2, foot),
                ],
                shade,
            )
            _marks(pen, rng, x=x, lean=lean, foot=foot, thick=thick, dark=dark)
            x += wide * rng.uniform(2.2, 5.5)

    canvas.picture(draw, rows=(0, foot))


def _marks(
    pen: Pen, rng: np.random.Generator, *, x: float, lean: float, foot: float, thick: float, dark: Colour
) -> None:
    for at in rng.uniform(0.02, 0.95, 16):
        y, middle = foot * (1 - at), x + lean * at
        side = rng.choice([-1, 1])
        reach = thick * rng.uniform(0.12, 0.42)
        start = middle + side * thick * (0.5 - 0.14 * at)
        pen.area([(start, y - thick * 0.07), (start - side * reach, y), (start, y + thick * 0.05)], ink(dark))


def _leaves(canvas: Canvas) -> None:
    """Scatter leaves: a canopy above, some fallen below."""
    rng = canvas.rng("leaves")
    inks = [
        ink(shifted(leaf_colour(canvas, rng), light=light))
        for light in (-0.06, 0.0, 0.05, 0.12)
        for _ in range(2)
    ]

    def draw(pen: Pen) -> None:
        for index in range(900):
            above = index % 3 != 0
            x = rng.uniform(0, canvas.width)
            y = canvas.height * (rng.beta(1.0, 3.4) * 0.55 if above else 1 - rng.beta(1.0, 3.0) * 0.34)
            size = canvas.unit * rng.uniform(0.004, 0.012)
            pen.oval(x, y, size, size * (0.8 if above else 0.4), inks[index % len(inks)])

    canvas.picture(draw)
