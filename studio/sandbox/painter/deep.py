"""The deep sea: light from above, weed below, and who swims between."""

import numpy as np

from studio.sandbox.painter import noise, shapes
from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import Colour, gradient, mix, named, shifted
from studio.sandbox.painter.shapes import tube


def underwater(canvas: Canvas) -> None:
    """Paint the deep: light from above, weed and coral below, and who swims there."""
    brief, palette = canvas.brief, canvas.palette
    words = brief.colours or ("teal", "blue")
    canvas.horizon = canvas.skyline = canvas.height
    stops = (
        mix(named(words[0]), named("white"), 0.55),
        named(words[0]),
        mix(named(words[-1]), named("black"), 0.35),
        mix(named(words[-1]), named("black"), 0.75),
    )
    canvas.wash(gradient(stops, np.linspace(0, 1, canvas.height) ** 0.85))
    _beams(canvas)
    for index in range(3):
        depth = index / 2
        rng = canvas.rng(f"reef{index}")
        edge = canvas.height * (0.82 + 0.07 * index) - canvas.unit * 0.07 * noise.line(
            rng, canvas.width, waves=3, octaves=4
        )
        tone = mix(stops[2], stops[3], 0.35 + 0.6 * depth)
        first, last = canvas.span(edge)
        canvas.below(edge, np.repeat(tone[:, None], max(last - first, 1), 1))
        _weed(canvas, rng, edge, tone, tall=0.10 + 0.14 * depth)
    _swimmers(canvas, dark=mix(stops[3], palette.near, 0.3))
    _bubbles(canvas)


def _beams(canvas: Canvas) -> None:
    width, height = canvas.width // 4, canvas.height // 4
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = canvas.rng("beams")
    lean = rng.uniform(-0.5, 0.5)
    table = noise.line(rng, 1024, waves=17, octaves=3)
    beams = table[((columns - rows * lean) / (1 + rows / height * 0.6) * 2.2 + 400).astype(int) % 1024].clip(
        0, 1
    )
    canvas.shine(
        np.array([0.85, 1, 0.95], np.float32),
        noise.stretched(
            (beams * np.exp(-rows / height * 2.4) * 0.55).astype(np.float32), canvas.width, canvas.height
        ),
    )


def _weed(canvas: Canvas, rng: np.random.Generator, edge: np.ndarray, tone: Colour, *, tall: float) -> None:
    def draw(pen: Pen) -> None:
        for x in rng.uniform(0, canvas.width, 34):
            foot, size = float(edge[int(x)]) + 4, canvas.unit * tall * rng.uniform(0.4, 1.2)
            sway = rng.uniform(-0.25, 0.25, 4)
            spine = [(x + sway[step] * size * (step > 0), foot - size * step / 3) for step in range(4)]
            pen.area(tube(spine, size * 0.07, size * 0.015))

    canvas.shape(canvas.stencil(draw), tone)


def _swimmers(canvas: Canvas, *, dark: Colour) -> None:
    brief, rng = canvas.brief, canvas.rng("swimmers")
    kind = next((name for name in ("whale", "jellyfish", "fish") if brief.has(name)), "school")
    word = brief.accent("fish", "whale", "jellyfish")
    colour = named(word) if word else (named("orange") if kind == "fish" else dark)
    if kind == "whale":
        _swim(canvas, "whale", [(0.5, 0.45, 0.26)], mix(dark, colour, 0.7), flip=bool(rng.random() < 0.5))
    elif kind == "jellyfish":
        places = [(rng.uniform(0.15, 0.85), rng.uniform(0.25, 0.7), rng.uniform(0.1, 0.26)) for _ in range(5)]
        glow = shifted(named(word or "pink"), light=0.1)
        for x, y, size in places:
            canvas.glow(
                canvas.width * x,
                canvas.height * y - canvas.unit * size * 0.6,
                canvas.unit * size * 0.8,
                glow,
                0.35,
            )
        _swim(canvas, "jellyfish", places, glow, alpha=0.78)
    else:
        count, size = (7, 0.13) if kind == "fish" else (26, 0.045)
        places = [
            (rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.72), size * rng.uniform(0.6, 1.3))
            for _ in range(count)
        ]
        _swim(canvas, "fish", places, colour, flip=bool(rng.random() < 0.5))


def _swim(
    canvas: Canvas,
    name: str,
    places: list[tuple[float, float, float]],
    colour: Colour,
    *,
    flip: bool = False,
    alpha: float = 1.0,
) -> None:
    def draw(pen: Pen) -> None:
        for x, y, size in places:
            shapes.draw(
                pen, name, x=canvas.width * x, y=canvas.height * y, size=canvas.unit * size, flip=flip
            )

    shade = gradient(
        (shifted(colour, light=0.12), colour, shifted(colour, light=-0.10)), np.linspace(0, 1, canvas.height)
    )
    canvas.shape(canvas.stencil(draw), shade[:, :, None], alpha=alpha)


def _bubbles(canvas: Canvas) -> None:
    rng = canvas.rng("bubbles")
    for x, y, size in zip(
        rng.uniform(0, 1, 40), rng.uniform(0.05, 0.95, 40), rng.power(0.4, 40), strict=True
    ):
        canvas.disc(
            x * canvas.width,
            y * canvas.height,
            canvas.unit * (0.002 + 0.006 * size),
            np.ones(3, np.float32),
            0.30,
        )
