"""Things for a table: cups, pots, vases, fruit, candles and books, round and lit from the window's side."""

from functools import partial

import numpy as np

from studio.sandbox.painter import flora, turning
from studio.sandbox.painter.canvas import Canvas, Pen, ink, tint
from studio.sandbox.painter.colour import Colour, gradient, mix, named, shifted
from studio.sandbox.painter.shapes import blob, path, tube

CLAY = ("teal", "white", "blue", "white", "grey", "green")


def _clay(canvas: Canvas, *things: str) -> Colour:
    word = canvas.brief.accent(*things) or CLAY[int(canvas.rng(things[0]).integers(0, len(CLAY)))]
    return mix(mix(named(word), canvas.palette.sky[-1], 0.18), canvas.palette.near, 0.10)


def cup(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Set a cup on a saucer, with steam."""
    clay, wide = _clay(canvas, "cup"), size * 0.46
    saucer = canvas.stencil(
        lambda pen: pen.oval(x, y - size * 0.01, wide * 1.55, size * 0.13), rows=(y - size, y + size * 0.3)
    )
    turning.solid(canvas, saucer, x=x, half=wide * 1.6, colour=shifted(clay, light=-0.03))
    inner = canvas.stencil(
        lambda pen: pen.oval(x, y - size * 0.02, wide * 0.8, size * 0.065), rows=(y - size, y + size * 0.3)
    )
    canvas.shape(inner, shifted(clay, light=-0.16))
    side = -1 if canvas.sun and canvas.sun[0] < canvas.width / 2 else 1
    handle = tube(
        [(-side * 0.40, -0.52), (-side * 0.66, -0.55), (-side * 0.68, -0.30), (-side * 0.32, -0.16)],
        0.075,
        0.06,
    )
    canvas.shape(
        canvas.stencil(lambda pen: pen.area([(x + px * size, y + py * size) for px, py in handle])),
        shifted(clay, light=-0.13),
    )
    turning.turned(canvas, x, y, [(0.46, -0.66), (0.45, -0.45), (0.38, -0.2), (0.24, -0.03)], size, clay)
    rim = canvas.stencil(lambda pen: pen.oval(x, y - size * 0.66, wide, size * 0.10), rows=(y - size, y))
    turning.solid(canvas, rim, x=x, half=wide, colour=shifted(clay, light=0.06))
    drink = mix(named("brown"), named("black"), 0.25) if canvas.brief.has("cup") else clay
    filled = canvas.stencil(
        lambda pen: pen.oval(x, y - size * 0.645, wide * 0.91, size * 0.08), rows=(y - size, y)
    )
    canvas.shape(
        filled,
        gradient((shifted(drink, light=-0.05), shifted(drink, light=0.12)), np.linspace(0, 1, canvas.height))[
            :, :, None
        ],
    )
    _steam(canvas, x, y - size * 0.68, size)


def _steam(canvas: Canvas, x: float, y: float, size: float) -> None:
    rng = canvas.rng("steam")
    for index in range(3):
        sway = rng.uniform(-0.12, 0.12, 5)
        line = [
            (x + (index - 1) * size * 0.16 + sway[step] * size * step * 0.35, y - size * 0.2 * step)
            for step in range(5)
        ]
        curl = tube(line, size * 0.03, size * 0.11)
        stencil = canvas.stencil(partial(Pen.area, points=curl))
        canvas.shape(
            stencil, mix(canvas.palette.sun, np.ones(3, np.float32), 0.5), blur=size * 0.035, alpha=0.34
        )


def teapot(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Set a round pot with spout, lid and handle."""
    clay = _clay(canvas, "teapot")
    parts = [
        tube([(0.34, -0.26), (0.56, -0.36), (0.64, -0.56), (0.76, -0.62)], 0.19, 0.07),
        tube([(-0.34, -0.52), (-0.66, -0.62), (-0.70, -0.28), (-0.36, -0.16)], 0.07, 0.06),
    ]

    def draw(pen: Pen) -> None:
        for part in parts:
            pen.area([(x + px * size, y + py * size) for px, py in part])

    stencil = canvas.stencil(draw)
    turning.solid(canvas, stencil, x=x, half=size * 0.8, colour=shifted(clay, light=-0.05))
    turning.turned(
        canvas, x, y, [(0.16, -0.68), (0.36, -0.56), (0.46, -0.34), (0.36, -0.10), (0.2, 0.0)], size, clay
    )
    turning.turned(
        canvas,
        x,
        y,
        [(0.02, -0.84), (0.06, -0.80), (0.04, -0.75), (0.18, -0.68), (0.2, -0.64)],
        size,
        shifted(clay, light=0.03),
    )


def vase(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Set a vase with flowers."""
    rng = canvas.rng("bouquet")
    green = ink(mix(named("green"), canvas.palette.near, 0.35))
    grown = flora.kinds(canvas)
    tops = [(x + rng.normal(0, 0.26) * size, y - size * rng.uniform(1.0, 1.75)) for _ in range(15)]

    def draw(pen: Pen) -> None:
        for top in tops:
            pen.line(
                path([(x, y - size * 0.7), ((x + top[0]) / 2, y - size * 1.0), top]),
                size * 0.016,
                tint(green, rng.uniform(-0.08, 0.04)),
            )
        for top in tops:
            for _ in range(2):
                pen.area(
                    flora.petal(
                        (x + top[0]) / 2,
                        (y - size * 0.75 + top[1]) / 2,
                        rng.uniform(-2.8, -0.3),
                        size * 0.26,
                        size * 0.09,
                        0.8,
                    ),
                    tint(green, rng.uniform(-0.1, 0.08)),
                )
        for index, top in enumerate(sorted(tops, key=lambda place: place[1])):
            kind, colour = grown[index % len(grown)]
            flora.head(
                pen,
                kind,
                x=top[0],
                y=top[1],
                size=size * rng.uniform(0.24, 0.36),
                colour=tint(ink(colour), rng.uniform(-0.05, 0.05)),
                rng=rng,
                flat=0.85,
            )

    canvas.picture(draw)
    turning.turned(
        canvas,
        x,
        y,
        [(0.17, -0.86), (0.13, -0.76), (0.15, -0.62), (0.29, -0.38), (0.27, -0.14), (0.15, 0.0)],
        size,
        _clay(canvas, "vase"),
    )


def bottle(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Set a bottle."""
    word = canvas.brief.accent("bottle") or "green"
    glass = mix(named(word), named("black"), 0.45)
    turning.turned(
        canvas,
        x,
        y,
        [(0.06, -1.25), (0.065, -1.0), (0.08, -0.88), (0.18, -0.72), (0.19, -0.4), (0.18, -0.02)],
        size,
        glass,
    )


def fruit(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Lay a few fruits."""
    rng = canvas.rng("fruit")
    words = {
        "orange": "orange",
        "lemon": "yellow",
        "citrus": "yellow",
        "pear": "lime",
        "grape": "violet",
        "cherry": "red",
        "peach": "orange",
        "plum": "violet",
    }
    prompt = canvas.brief.prompt.lower()
    colours = [value for key, value in words.items() if key in prompt] or [
        canvas.brief.accent("fruit") or "red",
        "orange",
        "lime",
    ]
    for index, (dx, dy) in enumerate(((-0.34, 0.0), (0.30, -0.02), (0.0, 0.08))):
        radius, hue = size * rng.uniform(0.23, 0.27), named(colours[index % len(colours)])
        px, py = x + dx * size, y + dy * size - radius * 0.8
        ball = blob(
            [
                (px + radius * a, py + radius * b)
                for a, b in (
                    (0, -0.86),
                    (0.6, -0.84),
                    (1, -0.1),
                    (0.62, 0.8),
                    (0, 0.88),
                    (-0.62, 0.8),
                    (-1, -0.1),
                    (-0.6, -0.84),
                )
            ]
        )
        turning.solid(
            canvas,
            canvas.stencil(partial(Pen.area, points=ball), rows=(py - radius * 1.2, py + radius * 1.2)),
            x=px,
            half=radius,
            colour=mix(hue, canvas.palette.near, 0.12),
        )
        stem = tube(
            [(px, py - radius * 0.8), (px + radius * 0.1, py - radius * 1.2)], radius * 0.09, radius * 0.06
        )
        canvas.shape(canvas.stencil(partial(Pen.area, points=stem)), mix(named("brown"), named("black"), 0.4))


def bowl(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Set a bowl full of something warm."""
    turning.turned(
        canvas, x, y, [(0.62, -0.42), (0.55, -0.2), (0.3, -0.02), (0.2, 0.0)], size, _clay(canvas, "bowl")
    )
    rim = canvas.stencil(lambda pen: pen.oval(x, y - size * 0.42, size * 0.62, size * 0.13))
    canvas.shape(rim, shifted(_clay(canvas, "bowl"), light=0.08))
    canvas.shape(
        canvas.stencil(lambda pen: pen.oval(x, y - size * 0.41, size * 0.56, size * 0.105)),
        mix(named("orange"), named("brown"), 0.45),
    )
    _steam(canvas, x, y - size * 0.46, size)


def candle(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Set a burning candle and its light."""
    turning.turned(
        canvas,
        x,
        y,
        [(0.11, -0.72), (0.115, -0.6), (0.12, -0.02)],
        size,
        mix(named("white"), named("gold"), 0.25),
    )
    top = y - size * 0.76
    canvas.glow(x, top - size * 0.1, size * 0.9, named("orange"), 0.55)
    flame = blob(
        [
            (x, top - size * 0.30),
            (x + size * 0.055, top - size * 0.1),
            (x, top),
            (x - size * 0.055, top - size * 0.1),
        ]
    )
    canvas.shape(
        canvas.stencil(lambda pen: pen.area(flame)), mix(named("yellow"), named("white"), 0.5), blur=1.2
    )


def lamp(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Set a paper lantern that glows."""
    canvas.glow(x, y - size * 0.4, size * 1.1, named("orange"), 0.5)
    turning.turned(
        canvas,
        x,
        y,
        [(0.16, -0.8), (0.34, -0.66), (0.38, -0.4), (0.32, -0.14), (0.16, 0.0)],
        size,
        mix(named("gold"), named("orange"), 0.35),
    )


def books(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Stack some books."""
    rng = canvas.rng("books")
    words = canvas.brief.colours or ("red", "teal", "gold", "blue")
    for index in range(4):
        foot, half, slip = (
            y - size * 0.14 * index,
            size * rng.uniform(0.42, 0.56),
            rng.uniform(-0.05, 0.05) * size,
        )
        cover = mix(named(words[index % len(words)]), canvas.palette.near, 0.3)
        box = canvas.stencil(
            partial(
                Pen.box, left=x + slip - half, top=foot - size * 0.135, right=x + slip + half, bottom=foot
            )
        )
        turning.solid(canvas, box, x=x + slip, half=half * 1.6, colour=cover)
        pages = canvas.stencil(
            partial(
                Pen.box,
                left=x + slip + half * 0.6,
                top=foot - size * 0.115,
                right=x + slip + half,
                bottom=foot - size * 0.02,
            )
        )
        canvas.shape(pages, mix(named("white"), named("gold"), 0.15))


THINGS = {made.__name__: made for made in (cup, teapot, vase, bottle, fruit, bowl, candle, lamp, books)}
