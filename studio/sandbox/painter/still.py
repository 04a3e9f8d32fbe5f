"""Still lives: a table, a wall with the light of a window, and vessels turned in that light."""

import numpy as np

from studio.sandbox.painter import flora, noise, vessels
from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import gradient, mix, named, shifted


def paint(canvas: Canvas) -> None:
    """Compose what the prompt names on a table, the tallest things at the back."""
    rng, brief = canvas.rng("still"), canvas.brief
    canvas.horizon = canvas.height * 0.66
    canvas.sun = (canvas.width * float(rng.choice([0.08, 0.92])), canvas.height * 0.1)
    _room(canvas)
    wanted = [
        name
        for name in ("bottle", "vase", "teapot", "lamp", "candle", "cup", "books", "bowl", "fruit")
        if brief.has(name)
    ]
    if brief.has(*flora.HEADS, "flower") and "vase" not in wanted:
        wanted.insert(0, "vase")
    wanted = wanted or ["cup"]
    places = _places(len(wanted), rng)
    for name, place in zip(wanted, places, strict=True):
        x = canvas.width * (0.5 + place[0] * min(canvas.unit / canvas.width, 1))
        y = canvas.horizon + canvas.unit * (0.10 + place[1])
        size = canvas.unit * (0.42 if len(wanted) == 1 else 0.36 if len(wanted) == 2 else 0.30)
        _shadow(canvas, x, y, size)
        vessels.THINGS[name](canvas, x, y, size)


def _places(count: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    if count == 1:
        return [(rng.uniform(-0.05, 0.05), 0.05)]
    spread = np.linspace(-0.24, 0.24, count) * (1 if count > 2 else 0.75)
    order = rng.permutation(count)
    return [(float(spread[order[index]]), 0.02 + 0.07 * index / count) for index in range(count)]


def _room(canvas: Canvas) -> None:
    """Paint wall and table, and light that falls through a window."""
    palette, rng = canvas.palette, canvas.rng("room")
    wall = gradient(
        (shifted(palette.sky[1], light=-0.05), palette.sky[2], palette.sky[-1]),
        np.linspace(0, 1, canvas.height),
    )
    canvas.wash(wall)
    plaster = noise.field(rng, canvas.width // 4, canvas.height // 4, across=4, down=4, octaves=5, gain=0.6)
    canvas.pixels *= 1 + noise.stretched(plaster, canvas.width, canvas.height) * np.float32(0.035)
    side = 1 if canvas.sun and canvas.sun[0] < canvas.width / 2 else -1
    left = canvas.width * (0.5 - side * 0.10)
    w, h, slant = canvas.unit * 0.15, canvas.unit * 0.22, canvas.unit * 0.12 * side

    def window(pen: Pen) -> None:
        for column in (0, 1):
            for row in (0, 1):
                x, y = left + side * column * w * 1.12, canvas.height * 0.10 + row * h * 1.08
                pen.area(
                    [
                        (x, y + slant * column * 0.5),
                        (x + side * w, y + slant * 0.3 + slant * column * 0.5),
                        (x + side * w, y + h + slant * 0.3),
                        (x, y + h),
                    ]
                )

    canvas.shape(
        canvas.stencil(window), palette.sun, blur=canvas.unit * 0.006, alpha=0.10 if palette.dark else 0.42
    )
    edge = np.full(canvas.width, canvas.horizon, np.float32)
    table = mix(palette.near, named("brown"), 0.55)
    rows = np.linspace(0, 1, canvas.height - int(canvas.horizon))
    canvas.below(edge, gradient((shifted(table, light=0.16), table, shifted(table, light=-0.08)), rows))
    grain = noise.field(rng, canvas.width // 2, canvas.height // 2, across=3, down=90, octaves=3, gain=0.7)
    part = canvas.pixels[:, int(canvas.horizon) :]
    part *= 1 + noise.stretched(grain, canvas.width, canvas.height)[int(canvas.horizon) :] * np.float32(0.06)


def _shadow(canvas: Canvas, x: float, y: float, size: float) -> None:
    away = 1 if canvas.sun and canvas.sun[0] < canvas.width / 2 else -1
    stencil = canvas.stencil(lambda pen: pen.oval(x + away * size * 0.3, y, size * 0.55, size * 0.10))
    canvas.shape(stencil, canvas.palette.near, blur=canvas.unit * 0.018, alpha=0.55)
