"""Trees, one by one and as woods: conifers, leafy trees, birches, palms."""

from functools import cache
from math import pi

import numpy as np

from studio.sandbox.painter import land, outlines
from studio.sandbox.painter.canvas import Canvas, Ink, Pen, Points, ink, tint
from studio.sandbox.painter.colour import Colour, gradient, mix, named, shifted
from studio.sandbox.painter.shapes import blob, tube


def conifer(rng: np.random.Generator, x: float, foot: float, height: float) -> Points:
    """Return the outline of a fir: tiers of drooping branches, no two alike."""
    tiers = 10
    wide = height * rng.uniform(0.15, 0.21)
    sides: list[Points] = []
    for side in (-1, 1):
        points: Points = [
            (x + side * height * 0.018, foot),
            (x + side * height * 0.018, foot - height * 0.06),
        ]
        for tier in range(tiers):
            up = 0.06 + 0.9 * tier / tiers
            reach = wide * (1 - tier / tiers) ** 0.85 * rng.uniform(0.72, 1.12)
            points.append((x + side * reach, foot - height * (up - 0.012)))
            points.append((x + side * reach * 0.42, foot - height * (up + 0.055)))
        sides.append(points)
    return [*sides[0], (x, foot - height), *reversed(sides[1])]


def woods(
    canvas: Canvas,
    *,
    layers: int,
    top: float,
    bottom: float,
    tall: float,
    first: float = 0.0,
    misty: bool = False,
) -> None:
    """Paint rows of firs on hills, far to near, haze at their feet; `tall` is the nearest row's height in units."""
    for index in range(layers):
        depth = (index + 1) / layers
        if misty and index == layers - 2:
            land.mist(canvas, top + (bottom - top) * 0.55, canvas.unit * 0.06, 0.6)
        rng = canvas.rng(f"woods{index}")
        made = outlines.make("hill", rng, canvas, depth)
        edge = (
            top + (bottom - top) * ((index + 0.4) / layers) ** 1.1 - canvas.unit * made.heights * 0.8
        ).astype(np.float32)
        size = canvas.unit * tall * (0.16 + 0.84 * depth**1.6)
        _row(canvas, edge, rng=rng, size=size, depth=first + (1 - first) * depth)


def _row(canvas: Canvas, edge: np.ndarray, *, rng: np.random.Generator, size: float, depth: float) -> None:
    """Paint one row of firs and the ground it stands on as one body."""
    body = mix(canvas.palette.far, canvas.palette.near, depth**1.1)
    haze = mix(body, canvas.palette.sky[-1], 0.70 * (1 - depth) + (0.12 if canvas.brief.has("mist") else 0))
    fall = ((np.arange(canvas.height) - edge.min() + size * 0.1) / (size * 0.5 + canvas.unit * 0.16)).clip(
        0, 1
    )
    colours = gradient((body, haze), fall)

    def draw(pen: Pen) -> None:
        x = -size * 0.1
        while x < canvas.width + size * 0.1:
            foot = edge[min(max(int(x), 0), canvas.width - 1)] + size * 0.05
            pen.area(conifer(rng, x, float(foot), size * rng.uniform(0.55, 1.1)))
            x += size * rng.uniform(0.05, 0.17) * (1 + 3 * (rng.random() < 0.10))

    canvas.below(edge, colours[:, canvas.span(edge)[0] :])
    canvas.shape(
        canvas.stencil(draw, rows=(edge.min() - size * 1.2, edge.max() + size * 0.1)), colours[:, :, None]
    )


def frame(canvas: Canvas, *, size: float = 1.0) -> None:
    """Set a few great firs at the sides, darker than all, so that the eye goes between them."""
    rng = canvas.rng("frame")

    def draw(pen: Pen) -> None:
        for side in (0, 1):
            for index in range(3):
                x = canvas.width * side + (1 - 2 * side) * canvas.unit * (
                    0.02 + 0.10 * index + rng.uniform(-0.03, 0.03)
                )
                tall = canvas.unit * size * (0.95 - 0.24 * index) * rng.uniform(0.85, 1.1)
                pen.area(conifer(rng, x, canvas.height * 1.02, tall))

    canvas.shape(canvas.stencil(draw), shifted(canvas.palette.near, light=-0.05))


def leafy(
    pen: Pen,
    rng: np.random.Generator,
    *,
    x: float,
    foot: float,
    size: float,
    leaf: Ink,
    bark: Ink,
    side: float = 1,
) -> None:
    """Draw a round tree: trunk, boughs, and leaves in three tones, lit from one side."""
    for limb in _wood():
        pen.area(_placed(limb, x, foot, size), bark)
    fewer = min(size / 150, 1.0)  # small trees need fewer leaves
    for tone, moved, small, count in LEAVES:
        for px, py, radius in _crown(rng, int(count * max(fewer, 0.4))):
            hue = tint(leaf, tone + rng.uniform(-0.03, 0.03), rng.uniform(-9, 9))
            wide = radius * small * size * (1 + 0.3 * (1 - fewer))
            pen.oval(x + (px - side * moved) * size, foot + (py - moved) * size, wide, wide * 0.86, hue)


# Leaves from the shade to the light: how much lighter, how far towards the light, how large, how many.
LEAVES = ((-0.11, 0.0, 1.0, 26), (-0.03, 0.02, 0.62, 40), (0.05, 0.045, 0.42, 44), (0.12, 0.07, 0.28, 36))


@cache
def _wood() -> list[Points]:
    """Return trunk and boughs of a tree one unit high."""
    trunk = tube([(0.0, 0.02), (0.02, -0.2), (-0.01, -0.42)], 0.075, 0.04)
    leans = (-0.24, -0.12, 0.14, 0.26)
    return [
        trunk,
        *(tube([(0.0, -0.28), (lean * 0.6, -0.46), (lean, -0.66)], 0.035, 0.012) for lean in leans),
    ]


def _crown(rng: np.random.Generator, count: int) -> list[tuple[float, float, float]]:
    angle, away = rng.uniform(0, 2 * pi, count), np.sqrt(rng.uniform(0, 1, count))
    x, y = np.cos(angle) * away * 0.30, -0.66 + np.sin(angle) * away * 0.25
    return [
        (float(a), float(b), float(c)) for a, b, c in zip(x, y, rng.uniform(0.06, 0.115, count), strict=True)
    ]


def _placed(points: Points, x: float, y: float, size: float) -> Points:
    return [(x + px * size, y + py * size) for px, py in points]


def leaf_colour(canvas: Canvas, rng: np.random.Generator) -> Colour:
    """Return a leaf's colour for the season, in the light of the picture."""
    brief = canvas.brief
    word = brief.accent("tree", "forest", "birch")
    if not word:
        season = next((mood for mood in brief.moods if mood in ("autumn", "spring", "winter")), "")
        words = {
            "autumn": ("orange", "gold", "red", "brown"),
            "spring": ("pink", "lime", "green"),
            "winter": ("white", "grey"),
        }
        word = str(rng.choice(words.get(season, ("green", "green", "teal", "lime"))))
    lit = mix(named(word), canvas.palette.near, 0.72 if canvas.palette.dark else 0.28)
    return mix(lit, canvas.palette.far, 0.18)


def cypresses(canvas: Canvas, *, lines: list[np.ndarray]) -> None:
    """Set slim dark cypresses in loose rows on the hills."""
    rng = canvas.rng("cypresses")
    for index, line in enumerate(lines[1:], 1):
        tall = canvas.unit * (0.035 + 0.05 * index)
        tone = mix(mix(named("green"), canvas.palette.near, 0.7), canvas.palette.far, 0.35 - 0.1 * index)
        start = rng.uniform(0.05, 0.6) * canvas.width

        def draw(pen: Pen, line: np.ndarray = line, tall: float = tall, start: float = start) -> None:
            for x in start + np.cumsum(rng.uniform(0.35, 1.5, 7)) * tall * 0.55:
                if x < canvas.width:
                    foot, size = float(line[int(x)]) + tall * 0.04, tall * rng.uniform(0.75, 1.15)
                    flame = [
                        (x, foot - size),
                        (x + size * 0.085, foot - size * 0.45),
                        (x + size * 0.06, foot),
                        (x - size * 0.06, foot),
                        (x - size * 0.085, foot - size * 0.45),
                    ]
                    pen.area(blob(flame, 6))

        canvas.shape(canvas.stencil(draw), tone)


def grove(canvas: Canvas, *, edge: np.ndarray, size: float, count: int) -> None:
    """Set leafy trees along a line."""
    rng = canvas.rng(f"grove{int(size)}")
    side = land.side(canvas)
    bark = ink(mix(canvas.palette.near, named("brown"), 0.25))
    leaves = [ink(leaf_colour(canvas, rng)) for _ in range(6)]

    def draw(pen: Pen) -> None:
        for x in np.sort(rng.uniform(0, canvas.width, count)):
            foot = float(edge[min(int(x), canvas.width - 1)]) + size * 0.04
            leafy(
                pen,
                rng,
                x=float(x),
                foot=foot,
                size=size * rng.uniform(0.7, 1.15),
                leaf=leaves[rng.integers(0, 6)],
                bark=bark,
                side=side,
            )

    canvas.picture(draw, rows=(edge.min() - size * 1.3, edge.max() + size * 0.2))


def lone(canvas: Canvas, *, x: float, foot: float, size: float) -> None:
    """Set one tree."""
    rng = canvas.rng("lone tree")
    bark = ink(mix(canvas.palette.near, named("brown"), 0.2))
    leaf = ink(leaf_colour(canvas, rng))

    def draw(pen: Pen) -> None:
        leafy(pen, rng, x=x, foot=foot, size=size, leaf=leaf, bark=bark, side=land.side(canvas))

    canvas.picture(draw, rows=(foot - size * 1.15, foot + size * 0.1))
