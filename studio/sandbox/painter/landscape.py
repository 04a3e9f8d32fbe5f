"""Land under a sky, with water where the prompt has water; and the inside of a wood."""

from studio.sandbox.painter import birches, blossoms, land, meadows, palms, props, sky, trees, water, weather
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.words import FLOWERS

KINDS = (("volcano", "volcano"), ("canyon", "mesa"), ("desert", "dune"), ("hill", "hill"))


WATER = ("sea", "lake", "river", "beach", "island", "ice", "waterfall")


def landscape(canvas: Canvas) -> None:
    """Paint land under a sky, with water where the prompt has water, and the things that stand in it."""
    brief = canvas.brief
    wet = brief.has(*WATER, "bridge")
    canvas.horizon = canvas.height * (0.64 if wet else 0.78)
    open_sea = brief.has("sea", "beach") and not brief.has("mountain", "hill", "volcano", "island", "canyon")
    canvas.skyline = canvas.horizon * (1.0 if open_sea else 0.66)
    sky.place_light(canvas)
    sky.paint(canvas)
    if not open_sea:
        _land(canvas, wet=wet)
    if wet:
        _water(canvas)
    _things(canvas, wet=wet)
    weather.paint(canvas)


def _land(canvas: Canvas, *, wet: bool) -> None:
    brief = canvas.brief
    kind = next(
        (kind for word, kind in KINDS if brief.has(word)),
        "alp" if brief.has("mountain", "aurora", "lake", "waterfall") else "hill",
    )
    foot = canvas.horizon * 1.015 if wet else canvas.height
    on_ridge = (
        None
        if wet
        else lambda line: props.buildings(
            canvas, float(line[int(canvas.width * props.spot(canvas))]) + canvas.unit * 0.012
        )
    )
    wooded = brief.has("forest") or (kind == "alp" and not wet and not brief.has("snow", "desert"))
    if kind == "alp":
        land.ranges(
            canvas,
            kind=kind,
            layers=3,
            top=canvas.horizon * 0.76,
            bottom=canvas.horizon * (1.0 if wet else 1.02),
            close=0.95 if wet else 0.6,
        )
    elif kind == "mesa":
        land.ranges(
            canvas, kind=kind, layers=3, top=canvas.horizon * 0.84, bottom=canvas.horizon * 1.06, close=0.6
        )
        land.ranges(
            canvas, kind="dune", layers=2, top=canvas.horizon * 1.06, bottom=foot, close=0.9, start=0.65
        )
    elif kind == "dune":
        land.ranges(canvas, kind=kind, layers=4, top=canvas.horizon * 0.72, bottom=foot, before_last=on_ridge)
    else:
        lines = land.ranges(
            canvas,
            kind=kind,
            layers=3 if wet else 4,
            top=canvas.horizon * 0.74,
            bottom=foot,
            close=1 if wet else 0.8,
            before_last=on_ridge,
        )
        if brief.has("cypress"):
            trees.cypresses(canvas, lines=lines)
    if brief.has("waterfall"):
        water.fall(canvas, top=canvas.horizon * 0.62, bottom=canvas.horizon * 1.01)
    if brief.has("mist"):
        land.mist(canvas, canvas.horizon * 0.93, canvas.unit * 0.05)
    if wooded:
        close = (
            (canvas.horizon * 0.93, canvas.horizon * 1.0)
            if wet
            else (canvas.height * 0.78, canvas.height * 0.99)
        )
        trees.woods(
            canvas,
            layers=2 if wet else 3,
            top=close[0],
            bottom=close[1],
            tall=0.09 if wet else 0.2,
            first=0.5,
        )


def _water(canvas: Canvas) -> None:
    brief = canvas.brief
    rough = 0.9 if brief.has("storm") else 0.45
    still_water = not brief.has("sea")
    props.buildings(canvas, canvas.horizon, before_water=True)
    water.mirror(canvas, calm=1.0 if still_water else 0.25, clear=0.85 if still_water else 0.55)
    if not still_water:
        water.waves(canvas, rough=rough)
    water.glitter(canvas, strength=1.0 if not brief.has("mist", "storm") else 0.5)
    if brief.has("mist"):
        land.mist(canvas, canvas.horizon, canvas.unit * 0.045, 0.75)
        land.mist(canvas, canvas.horizon * 1.14, canvas.unit * 0.03, 0.35)
    if brief.has("whale"):
        props.whale(canvas)
    if brief.has("beach"):
        water.beach(canvas)


def _things(canvas: Canvas, *, wet: bool) -> None:
    """Set the things the prompt names into the land."""
    brief = canvas.brief
    if not wet and brief.has("mountain", "canyon", "aurora"):
        props.buildings(canvas, canvas.height * 0.8)
    if brief.has("boat"):
        props.boats(canvas)
    if brief.has("balloon"):
        props.balloons(canvas)
    if brief.has("tree", "birch") and not brief.has("forest"):
        trees.lone(
            canvas,
            x=canvas.width * (0.28 if props.spot(canvas) > 0.5 else 0.72),
            foot=canvas.height * (0.9 if not wet else 0.99),
            size=canvas.unit * 0.42,
        )
    if brief.has("palm"):
        palms.palms(canvas)
    if brief.has("lotus") and wet:
        meadows.pads(canvas)
    elif brief.has(*FLOWERS, "garden") and not brief.has("beach"):
        meadows.meadow(canvas, top=canvas.height * 0.84, dense=0.7)
    elif brief.has("grass"):
        meadows.steppe(canvas, top=canvas.height * (0.8 if not wet else 0.93))
    if brief.has("blossom"):
        blossoms.branch(canvas)
    if brief.has("road"):
        land.road(canvas, top=canvas.horizon * 0.96)
    props.figures(canvas, foot=canvas.height * (0.93 if not wet else 0.95), wet=wet)


def forest(canvas: Canvas) -> None:
    """Paint the inside and the edge of a wood."""
    brief = canvas.brief
    canvas.horizon, canvas.skyline = canvas.height * 0.62, canvas.height * 0.52
    sky.place_light(canvas)
    sky.paint(canvas)
    if brief.has("birch"):
        birches.trunks(canvas)
    elif "autumn" in brief.moods or "spring" in brief.moods:
        made = land.ranges(
            canvas, kind="hill", layers=3, top=canvas.height * 0.5, bottom=canvas.height * 0.86, close=0.7
        )
        for index, line in enumerate(made):
            trees.grove(
                canvas,
                edge=line,
                size=canvas.unit * (0.16 + 0.13 * index),
                count=int((26, 13, 6)[index] * canvas.width / canvas.unit),
            )
    else:
        trees.woods(
            canvas, layers=5, top=canvas.height * 0.5, bottom=canvas.height * 1.0, tall=0.46, misty=True
        )
        if canvas.sun and not brief.has("snow"):
            weather.rays(canvas, x=canvas.sun[0], y=canvas.sun[1], strength=0.28)
        trees.frame(canvas)
    props.figures(canvas, foot=canvas.height * 0.96, wet=True)
    weather.paint(canvas)
