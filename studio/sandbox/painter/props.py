"""What stands, floats or flies in a landscape: buildings, boats, balloons, people, animals."""

import numpy as np

from studio.sandbox.painter import city, meadows, noise, shapes, turning
from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import Colour, mix, named, shifted, to_lab
from studio.sandbox.painter.lexicon import PEOPLE
from studio.sandbox.painter.words import BEASTS, BUILDINGS


def buildings(canvas: Canvas, row: float, *, before_water: bool = False) -> None:
    brief, rng = canvas.brief, canvas.rng("buildings")
    name = next((name for name in BUILDINGS if brief.has(name)), "")
    if name == "bridge":
        city.bridge(canvas, row)
        return
    if not name:
        return
    size = canvas.unit * {
        "pyramid": 0.2,
        "torii": 0.26,
        "lighthouse": 0.30,
        "castle": 0.24,
        "temple": 0.30,
    }.get(name, 0.17)
    x = canvas.width * (spot(canvas) + rng.uniform(-0.05, 0.05))
    dark = mix(canvas.palette.near, canvas.palette.far, 0.12)
    if brief.accent(name):
        dark = mix(named(brief.accent(name)), dark, 0.55 if canvas.palette.dark else 0.3)
    if name == "torii":
        dark = mix(named(brief.accent("torii") or "red"), dark, 0.35)
    if before_water and name in ("lighthouse", "castle", "tower", "house", "temple"):
        _knoll(canvas, x, row, size)
    foot = row - (size * 0.22 if before_water and name != "torii" else 0)
    stencil = canvas.stencil(lambda pen: shapes.draw(pen, name, x=x, y=foot, size=size))
    panes = canvas.stencil(lambda pen: shapes.windows(pen, name, x=x, y=foot, size=size))
    lit = canvas.palette.dark or bool({"dusk", "sunset", "golden"} & set(brief.moods))
    canvas.shape(
        panes, mix(named("gold"), named("orange"), 0.3) if lit else mix(canvas.palette.sky[-1], dark, 0.35)
    )
    canvas.shape(stencil, dark)
    if lit:
        canvas.lamp(panes, named("gold"), blur=size * 0.03, strength=0.8)
    if name == "lighthouse":
        top = row - size * 1.05
        canvas.glow(x, top, canvas.unit * 0.06, named("gold"), 0.9)


def spot(canvas: Canvas) -> float:
    """Return the share of the width where the main thing stands: one of the two lines of thirds."""
    return float(canvas.rng("spot").choice([0.3, 0.7]))


def _knoll(canvas: Canvas, x: float, row: float, size: float) -> None:
    """Raise ground for a building by the water."""
    across = (np.arange(canvas.width) - x) / (size * 1.5)
    rough = noise.line(canvas.rng("knoll"), canvas.width, waves=24, octaves=3, sharp=True) * size * 0.02
    edge = row + 3 - size * 0.27 * np.exp(-(across**4)) + rough
    first, last = canvas.span(edge.astype(np.float32), int(row + 2))
    canvas.below(
        edge.astype(np.float32),
        np.repeat(mix(canvas.palette.near, canvas.palette.far, 0.08)[:, None], max(last - first, 1), 1),
        bottom=int(row + 2),
    )


def boats(canvas: Canvas) -> None:
    rng, prompt = canvas.rng("boats"), canvas.brief.prompt.lower()
    name = (
        "rowboat" if any(word in prompt for word in ("row", "canoe", "fishing boat", "fisherman")) else "boat"
    )
    x, y = (
        canvas.width * float(rng.choice([0.32, 0.68])),
        canvas.horizon + (canvas.height - canvas.horizon) * 0.22,
    )
    size = canvas.unit * (0.15 if name == "boat" else 0.09)
    word = canvas.brief.accent("boat")
    tone = (
        mix(named(word), canvas.palette.near, 0.2)
        if word
        else mix(canvas.palette.near, canvas.palette.sky[-1], 0.06)
    )
    image = shapes.stencil(canvas, name, x=x, y=y, size=size, flip=x > canvas.width / 2)
    below = shapes.stencil(canvas, name, x=x, y=y, size=-size * 0.8, flip=x <= canvas.width / 2)
    canvas.shape(below, mix(tone, canvas.palette.far, 0.3), blur=canvas.unit * 0.004, alpha=0.45)
    canvas.shape(image, tone)


def whale(canvas: Canvas) -> None:
    """Let a whale pass under the surface."""
    x, y = canvas.width * 0.45, canvas.horizon + (canvas.height - canvas.horizon) * 0.62
    stencil = canvas.stencil(lambda pen: shapes.draw(pen, "whale", x=x, y=y, size=canvas.unit * 0.23))
    canvas.shape(stencil, shifted(canvas.palette.near, light=-0.05), blur=canvas.unit * 0.002, alpha=0.62)


def balloons(canvas: Canvas) -> None:
    rng = canvas.rng("balloons")
    words = canvas.brief.colours or ("red", "gold", "teal", "violet", "orange")
    for index, size in enumerate((0.22, 0.11, 0.07, 0.05)):
        x, y = canvas.width * rng.uniform(0.14, 0.86), canvas.height * rng.uniform(0.26, 0.5)
        tone = mix(
            named(canvas.brief.accent("balloon") or words[index % len(words)]),
            canvas.palette.sky[-1],
            0.12 + 0.12 * index,
        )
        stencil = shapes.stencil(canvas, "balloon", x=x, y=y, size=canvas.unit * size)
        turning.solid(canvas, stencil, x=x, half=canvas.unit * size * 0.42, colour=tone)


FUR = {"fox": "orange", "swan": "white", "crane": "white", "rabbit": "brown", "bear": "brown"}


def figures(canvas: Canvas, *, foot: float, wet: bool) -> None:
    """Set people and animals of the prompt into the foreground."""
    brief, rng = canvas.brief, canvas.rng("figures")
    dark = shifted(canvas.palette.near, light=-0.03)
    names = [name for name in BEASTS if brief.has(name) and name not in ("bird", "whale", "fish")]
    names += (
        ["woman" if brief.has("woman", "girl") else "person"]
        if brief.has(*PEOPLE) and not brief.has("portrait")
        else []
    )
    for index, name in enumerate(names[:3]):
        x = canvas.width * (float(rng.choice([0.36, 0.62])) + 0.14 * index)
        size = canvas.unit * {
            "person": 0.19,
            "woman": 0.19,
            "cat": 0.13,
            "rabbit": 0.10,
            "owl": 0.14,
            "swan": 0.14,
            "butterfly": 0.1,
            "crane": 0.24,
        }.get(name, 0.22)
        word = brief.accent(name)
        tone = (
            mix(named(word), dark, 0.25)
            if word
            else mix(named(FUR[name]), dark, 0.45)
            if name in FUR and not canvas.palette.dark
            else dark
        )
        if index == 0 and not brief.has("grass"):
            meadows.grass(canvas, top=foot - canvas.unit * 0.02, tall=0.03, colour=dark)
        tone = _clear(canvas, tone, x=x, y=foot - size * 0.5, reach=size * 0.3)
        canvas.shape(
            shapes.stencil(canvas, name, x=x, y=foot, size=size, flip=bool(rng.random() < 0.5)), tone
        )
    if brief.has("bird"):
        birds(canvas)


def _clear(canvas: Canvas, tone: Colour, *, x: float, y: float, reach: float) -> Colour:
    """Return the tone, or one that can be told from what is behind it."""
    behind = canvas.pixels[:, int(y - reach) : int(y + reach), max(int(x - reach), 0) : int(x + reach)].mean(
        axis=(1, 2)
    )
    light = float(to_lab(behind.astype(np.float32))[0])
    if abs(float(to_lab(tone)[0]) - light) > 0.13:
        return tone
    return (
        shifted(canvas.palette.near, light=-0.06)
        if light > 0.42
        else mix(canvas.palette.sky[-1], np.ones(3, np.float32), 0.5)
    )


def birds(canvas: Canvas) -> None:
    """Let a loose flock cross the sky."""
    rng = canvas.rng("birds")
    x0, y0 = canvas.width * rng.uniform(0.3, 0.6), canvas.horizon * rng.uniform(0.2, 0.4)
    tone = mix(canvas.palette.near, canvas.palette.sky[0], 0.15)
    word = canvas.brief.accent("bird")

    def draw(pen: Pen) -> None:
        for index in range(9):
            size = canvas.unit * rng.uniform(0.022, 0.05)
            x = x0 + canvas.unit * (index - 4) * 0.06 + rng.normal(0, 0.02) * canvas.unit
            shapes.draw(
                pen,
                "bird",
                x=x,
                y=y0 + abs(index - 4) * canvas.unit * 0.022 + rng.normal(0, 0.015) * canvas.unit,
                size=size,
                flip=bool(index % 3),
            )

    canvas.shape(canvas.stencil(draw), named(word) if word else tone)
