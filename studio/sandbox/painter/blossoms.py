"""Flowers close by: a blossoming branch before the sky, one bloom that fills the picture."""

from math import cos, pi, sin

import numpy as np

from studio.sandbox.painter.canvas import Canvas, Ink, Pen, Points, ink, tint
from studio.sandbox.painter.colour import mix, named, shifted
from studio.sandbox.painter.flora import head, kinds, petal
from studio.sandbox.painter.shapes import blob, tube


def branch(canvas: Canvas) -> None:
    """Let a blossoming branch reach into the picture, and a few petals fall."""
    rng = canvas.rng("branch")
    side = rng.choice([-1, 1])
    wood = ink(mix(canvas.palette.near, named("black"), 0.35))
    pink = ink(mix(named(canvas.brief.accent("blossom", "tree") or "pink"), canvas.palette.sun, 0.3))
    twigs: list[Points] = []
    _fork(
        rng,
        twigs,
        x=0.5 + side * 0.58,
        y=0.16 + rng.uniform(0, 0.2),
        angle=(pi if side > 0 else 0) - rng.uniform(0.10, 0.30) * side,
        reach=0.66,
        wide=0.026,
    )
    _fork(
        rng,
        twigs,
        x=0.5 + side * 0.58,
        y=0.62,
        angle=(pi if side > 0 else 0) + 0.35 * side,
        reach=0.42,
        wide=0.016,
    )

    def draw(pen: Pen) -> None:
        placed = [[(x * canvas.width, y * canvas.height) for x, y in twig[:-1]] for twig in twigs]
        for twig, points in zip(twigs, placed, strict=True):
            wide = twig[-1][0] * canvas.unit
            pen.area(tube(points, wide, wide * 0.5), wood)
        for twig, points in zip(twigs, placed, strict=True):
            if twig[-1][0] < 0.016:
                _cluster(pen, rng, points, pink, canvas.unit)
        for x, y in rng.uniform(0, 1, (26, 2)):
            size = canvas.unit * rng.uniform(0.006, 0.012)
            pen.area(
                petal(x * canvas.width, y * canvas.height, rng.uniform(0, 6.3), size * 1.5, size),
                tint(pink, 0.02),
            )

    canvas.picture(draw)


def _fork(
    rng: np.random.Generator,
    twigs: list[Points],
    *,
    x: float,
    y: float,
    angle: float,
    reach: float,
    wide: float,
) -> None:
    """Grow a branch and what grows from it; each ends with a marker that holds its width."""
    points: Points = [(x, y)]
    for _ in range(3):
        x, y = x + cos(angle) * reach / 3, y + sin(angle) * reach / 3
        angle += rng.uniform(-0.28, 0.28)
        points.append((float(x), float(y)))
    twigs.append([*points, (wide, 0.0)])
    if wide < 0.0045:
        return
    for start, turn in (
        (3, rng.uniform(-0.3, 0.3)),
        (2, rng.uniform(0.4, 0.9)),
        (2, -rng.uniform(0.4, 0.9)),
        (1, rng.choice([-1, 1]) * 0.7),
    ):
        _fork(
            rng,
            twigs,
            x=points[start][0],
            y=points[start][1],
            angle=angle + float(turn),
            reach=reach * rng.uniform(0.34, 0.55),
            wide=wide * 0.52,
        )


def _cluster(pen: Pen, rng: np.random.Generator, points: Points, pink: Ink, unit: float) -> None:
    for x, y in points[1:]:
        for _ in range(rng.integers(0, 3)):
            size = unit * rng.uniform(0.024, 0.050)
            place = (x + rng.normal(0, 0.017) * unit, y + rng.normal(0, 0.017) * unit)
            head(
                pen,
                "blossom",
                x=place[0],
                y=place[1],
                size=size,
                colour=tint(pink, rng.uniform(-0.06, 0.07)),
                rng=rng,
                flat=0.92,
            )


def bloom(canvas: Canvas) -> None:
    """Paint one flower that fills the picture: rings of petals, darker and smaller towards the heart."""
    rng = canvas.rng("bloom")
    kind, colour = kinds(canvas)[0]
    x, y, reach = canvas.width * 0.5, canvas.height * 0.5, canvas.unit * 0.43
    point, wide, laps, most = BLOOMS.get(kind, (0.1, 0.8, 6, 9))
    turn = rng.uniform(0, pi)

    def draw(pen: Pen) -> None:
        for lap in range(laps):
            size, count = reach * (1 - lap / (laps + 0.6)) ** 0.9, max(most - lap, 4)
            for index in range(count):
                angle = turn + lap * 0.74 + index * 2 * pi / count + rng.uniform(-0.09, 0.09)
                tone = ink(shifted(colour, light=0.02 - 0.2 * lap / laps))
                _shaded_petal(pen, x, y, angle, size * rng.uniform(0.93, 1.05), size * wide, point, tone)
        if kind != "rose":
            pen.oval(
                x,
                y,
                reach * 0.11,
                reach * 0.11,
                ink(mix(named("brown" if kind == "sunflower" else "gold"), colour, 0.25)),
            )

    canvas.picture(draw)
    canvas.glow(x - reach * 0.5, y - reach * 0.6, reach * 0.6, canvas.palette.sun, 0.16)


# Per kind: how pointed and how wide the petals are, how many rings, how many petals outside.
BLOOMS = {
    "rose": (0.0, 1.05, 9, 6),
    "lotus": (1.0, 0.6, 5, 11),
    "sunflower": (0.9, 0.34, 3, 22),
    "daisy": (0.0, 0.3, 2, 18),
    "poppy": (0.0, 1.2, 2, 4),
    "tulip": (0.5, 0.9, 4, 6),
}


def _shaded_petal(
    pen: Pen, x: float, y: float, angle: float, long: float, wide: float, point: float, colour: Ink
) -> None:
    """Draw a petal from its shaded rim inwards: a light lip, then darker towards the heart."""
    for step, light in enumerate((-0.10, 0.06, 0.045, 0.03, 0.01, -0.01, -0.03, -0.05, -0.08)):
        part = 1.0 - 0.105 * max(step - 1, 0)
        pen.area(
            blob(
                petal(x, y, angle, long * (part if step else 1.025), wide * (part if step else 1.03), point),
                4,
            ),
            tint(colour, light),
        )
