"""The inside of a birch wood."""

import numpy as np

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas, Ink, Pen, ink
from studio.sandbox.painter.colour import mix, named, shifted
from studio.sandbox.painter.trees import leaf_colour


def trunks(canvas: Canvas) -> None:
    """Paint pale trunks with dark marks, near ones before far ones, leaves above and below."""

    def draw(pen: Pen) -> None:
        for index in range(4):
            depth = (index + 1) / 4
            rng = canvas.rng(f"trunks{index}")
            _floor(canvas, pen, rng, depth)
            _trunk_row(canvas, pen, rng, depth)
        _leaves(canvas, pen)

    canvas.picture(draw)


def _floor(canvas: Canvas, pen: Pen, rng: np.random.Generator, depth: float) -> None:
    middle = canvas.height * (0.62 + 0.3 * depth**1.5)
    edge = middle + noise.line(rng, 65, waves=3, octaves=3) * canvas.unit * 0.015
    ground = mix(leaf_colour(canvas, rng), canvas.palette.near, 0.35 + 0.25 * depth)
    ground = mix(canvas.palette.sky[-1], ground, 0.05 + 0.95 * depth**1.8)
    line = [(float(x), float(y)) for x, y in zip(np.linspace(0, canvas.width, 65), edge, strict=True)]
    pen.area([(0, canvas.height), *line, (canvas.width, canvas.height)], ink(ground))


def _trunk_row(canvas: Canvas, pen: Pen, rng: np.random.Generator, depth: float) -> None:
    palette, wide = canvas.palette, canvas.unit * (0.010 + 0.052 * depth**1.8)
    foot = canvas.height * (0.66 + 0.36 * depth**1.5)
    far, near = mix(palette.sky[-1], palette.far, 0.35), mix(np.ones(3, np.float32), palette.sun, 0.3)
    bark = mix(far, near, 0.25 + 0.6 * depth)
    dark = mix(bark, mix(palette.near, named("black"), 0.4), 0.35 + 0.6 * depth)
    tones = ink(bark), ink(mix(bark, dark, 0.28)), ink(dark)
    x = rng.uniform(-wide, wide * 3)
    while x < canvas.width + wide:
        thick, lean = wide * rng.uniform(0.7, 1.2), rng.uniform(-0.03, 0.03) * canvas.height
        for inner, outer, tone in ((-0.5, -0.36, tones[0]), (0.18, 0.14, tones[1])):
            left = [(x + thick * inner, foot), (x + lean + thick * outer, 0)]
            pen.area([*left, (x + lean + thick * 0.36, 0), (x + thick * 0.5, foot)], tone)
        _marks(pen, rng, x=x, lean=lean, foot=foot, thick=thick, dark=tones[2])
        x += wide * rng.uniform(2.2, 5.5)


def _marks(
    pen: Pen, rng: np.random.Generator, *, x: float, lean: float, foot: float, thick: float, dark: Ink
) -> None:
    for at in rng.uniform(0.02, 0.95, 16):
        y, middle = foot * (1 - at), x + lean * at
        side = rng.choice([-1, 1])
        reach = thick * rng.uniform(0.12, 0.42)
        start = middle + side * thick * (0.5 - 0.14 * at)
        pen.area([(start, y - thick * 0.07), (start - side * reach, y), (start, y + thick * 0.05)], dark)


def _leaves(canvas: Canvas, pen: Pen) -> None:
    """Scatter leaves: a canopy above, some fallen below."""
    rng = canvas.rng("leaves")
    lights = (-0.06, 0.0, 0.05, 0.12) * 2
    inks = [ink(shifted(leaf_colour(canvas, rng), light=light)) for light in lights]
    for index in range(900):
        above = index % 3 != 0
        x = rng.uniform(0, canvas.width)
        y = canvas.height * (rng.beta(1.0, 3.4) * 0.55 if above else 1 - rng.beta(1.0, 3.0) * 0.34)
        size = canvas.unit * rng.uniform(0.004, 0.012)
        pen.oval(x, y, size, size * (0.8 if above else 0.4), inks[index % len(inks)])
