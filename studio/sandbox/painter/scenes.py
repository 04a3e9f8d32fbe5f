"""The kinds of picture: each composes sky, land, water and things into one."""

import numpy as np

from studio.sandbox.painter import (
    abstract,
    blossoms,
    city,
    deep,
    land,
    landscape,
    meadows,
    portrait,
    props,
    shapes,
    sky,
    space,
    still,
    synthwave,
    trees,
    water,
    weather,
)
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.colour import gradient, mix, named, shifted
from studio.sandbox.painter.words import BEASTS


def town(canvas: Canvas) -> None:
    """Paint a skyline, over water or at the end of a street when the prompt has them."""
    brief = canvas.brief
    wet = brief.has(*landscape.WATER, "bridge") or (brief.has("rain") and "neon" in brief.moods)
    canvas.horizon = canvas.height * (0.7 if wet or brief.has("road") else 1.0)
    canvas.skyline = canvas.height * 0.5
    sky.place_light(canvas)
    foot, canvas.horizon = canvas.horizon, canvas.height * 0.72
    sky.paint(canvas)
    canvas.horizon = foot
    if brief.has("mountain", "hill", "volcano"):
        land.ranges(
            canvas,
            kind="volcano" if brief.has("volcano") else "alp",
            layers=2,
            top=canvas.height * 0.52,
            bottom=canvas.height * 0.6,
            close=0.4,
        )
    city.skyline(canvas, layers=4, foot=foot, tall=0.56 if foot < canvas.height else 0.78)
    if brief.has("bridge"):
        city.bridge(canvas, foot)
    if wet:
        water.mirror(canvas, calm=0.8, clear=0.9)
        water.glitter(canvas, strength=0.6)
    elif brief.has("road"):
        canvas.pixels[:, int(foot) :] = mix(canvas.palette.near, canvas.palette.far, 0.2)[:, None, None]
        city.street(canvas)
    if brief.has("boat"):
        props.boats(canvas)
    props.figures(canvas, foot=canvas.height * 0.985, wet=True)
    weather.paint(canvas)


def meadow(canvas: Canvas) -> None:
    """Paint flowers up close, hills behind them."""
    canvas.horizon, canvas.skyline = canvas.height * 0.5, canvas.height * 0.42
    sky.place_light(canvas)
    sky.paint(canvas)
    lines = land.ranges(
        canvas, kind="hill", layers=3, top=canvas.height * 0.42, bottom=canvas.height * 0.56, close=0.55
    )
    if canvas.brief.has("tree", "garden"):
        trees.grove(canvas, edge=lines[-1], size=canvas.unit * 0.16, count=9)
    props.buildings(canvas, canvas.height * 0.52)
    meadows.meadow(canvas, top=canvas.height * 0.55)
    props.figures(canvas, foot=canvas.height * 0.86, wet=True)
    weather.paint(canvas)


def blossom(canvas: Canvas) -> None:
    """Paint a blossoming branch before an almost empty sky."""
    canvas.horizon, canvas.skyline = canvas.height, canvas.height * 0.8
    sky.place_light(canvas)
    sky.paint(canvas)
    blossoms.branch(canvas)
    props.figures(canvas, foot=canvas.height * 0.97, wet=True)
    weather.paint(canvas)


def bloom(canvas: Canvas) -> None:
    """Paint one flower close up before lights out of focus."""
    palette, rng = canvas.palette, canvas.rng("bokeh")
    canvas.horizon = canvas.skyline = canvas.height
    green = meadows.grass_colour(canvas)
    canvas.wash(
        gradient(
            (shifted(green, light=-0.16), mix(green, palette.sky[-1], 0.25), shifted(green, light=-0.2)),
            np.linspace(0, 1, canvas.height),
        )
    )
    for _ in range(26):
        x, y = rng.uniform(0, 1, 2)
        canvas.disc(
            x * canvas.width,
            y * canvas.height,
            canvas.unit * rng.uniform(0.03, 0.09),
            mix(palette.glow, green, rng.uniform(0.2, 0.7)),
            rng.uniform(0.08, 0.22),
        )
    blossoms.bloom(canvas)


def beast(canvas: Canvas) -> None:
    """Paint an animal's silhouette before a great sun or moon."""
    brief, rng, palette = canvas.brief, canvas.rng("beast"), canvas.palette
    canvas.horizon = canvas.skyline = canvas.height * 0.86
    sky.place_light(canvas)
    if not brief.has("no sun", "no moon"):
        canvas.sun = (canvas.width * (0.5 + rng.uniform(-0.05, 0.05)), canvas.height * 0.46)
        canvas.sun_radius = canvas.unit * 0.29
    sky.paint(canvas)
    land.ranges(
        canvas, kind="hill", layers=2, top=canvas.height * 0.8, bottom=canvas.height * 0.9, close=0.55
    )
    foot = canvas.height * 0.87
    name = next((name for name in BEASTS if brief.has(name)), "cat")
    if name == "bird":
        canvas.horizon = canvas.height
        props.birds(canvas)
        return
    meadows.grass(canvas, top=foot - canvas.unit * 0.015, tall=0.045)
    size = canvas.unit * {
        "cat": 0.56,
        "fox": 0.56,
        "owl": 0.5,
        "rabbit": 0.5,
        "butterfly": 0.5,
        "swan": 0.42,
        "crane": 0.62,
        "deer": 0.5,
    }.get(name, 0.48)
    high = canvas.height * 0.72 if name == "butterfly" else foot
    word = brief.accent(name)
    usual = (
        mix(named("orange"), palette.near, 0.5)
        if name == "fox" and not palette.dark
        else shifted(palette.near, light=-0.02)
    )
    tone = mix(named(word), palette.near, 0.18) if word else usual
    stencil = canvas.stencil(
        lambda pen: shapes.draw(
            pen, name, x=canvas.width * 0.5, y=high, size=size, flip=bool(rng.random() < 0.5)
        )
    )
    canvas.shape(stencil, tone)


COMPOSERS = {
    "land": landscape.landscape,
    "city": town,
    "meadow": meadow,
    "blossom": blossom,
    "bloom": bloom,
    "beast": beast,
    "still": still.paint,
    "portrait": portrait.paint,
    "space": space.paint,
    "underwater": deep.underwater,
    "synthwave": synthwave.synthwave,
    "abstract": abstract.paint,
}


def compose(canvas: Canvas) -> None:
    """Paint the scene of the brief."""
    brief = canvas.brief
    wooded = brief.has("forest", "birch") and not brief.has(
        "mountain", *landscape.WATER, "hill", "desert", "canyon", "volcano", "waterfall", "road"
    )
    composer = landscape.forest if brief.scene == "land" and wooded else COMPOSERS[brief.scene]
    composer(canvas)
