"""The sky: its gradient, sun or moon, stars, clouds, northern lights, a rainbow."""

import numpy as np

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import gradient, mix, named, shifted


def paint(canvas: Canvas, *, bright: bool = True) -> None:
    """Paint the whole sky down to the horizon, and the light in it."""
    rows = np.arange(canvas.height) / max(canvas.horizon, 1)
    canvas.wash(gradient(canvas.palette.sky, rows.clip(0, 1)))
    brief = canvas.brief
    _drift(canvas)
    if brief.has("milkyway"):
        _milky_way(canvas)
    if canvas.palette.dark and not brief.has("no star", "storm"):
        stars(canvas, reach=canvas.horizon)
    if brief.has("aurora"):
        _aurora(canvas)
    if bright:
        light(canvas)
    if brief.has("cloud", "storm"):
        _clouds(canvas, heavy=brief.has("storm"))
    elif (
        not canvas.palette.dark
        and not printed(canvas)
        and not brief.has("no cloud", "mist")
        and "minimal" not in brief.tones
    ):
        _wisps(canvas)
    if brief.has("rainbow"):
        _rainbow(canvas)


def place_light(canvas: Canvas) -> None:
    """Decide where sun or moon stand; None when there is none."""
    brief, rng = canvas.brief, canvas.rng("light")
    asked = brief.has("sun", "moon")
    hidden = brief.has("no sun", "no moon") or (
        not asked and brief.has("storm", "aurora", "milkyway", "rain")
    )
    sides = {"left": rng.uniform(0.2, 0.42), "right": rng.uniform(0.58, 0.8)}
    asked_side = next(
        (side for side in sides if f"from the {side}" in brief.prompt.lower()), str(rng.choice(list(sides)))
    )
    x = sides[asked_side] * canvas.width
    low = bool({"dawn", "sunset", "dusk", "golden"} & set(brief.moods))
    y = rng.uniform(0.74, 0.93) if low else rng.uniform(0.3, 0.58)
    canvas.sun_radius = canvas.unit * rng.uniform(0.052, 0.075) * (1.35 if brief.accent("sun", "moon") else 1)
    canvas.sun = None if hidden else (float(x), float(y * canvas.skyline))


def light(canvas: Canvas) -> None:
    """Paint the sun or the moon with its halo."""
    if canvas.sun is None:
        return
    (x, y), radius, brief, palette = canvas.sun, canvas.sun_radius, canvas.brief, canvas.palette
    moon = is_moon(canvas)
    word = brief.accent("moon" if moon else "sun")
    body = named(word) if word else palette.sun
    halo = shifted(body, light=0.1) if word else palette.glow
    if not printed(canvas):
        canvas.glow(x, y, radius * 2.6, halo, 0.5, halo=0.2 if moon else 0.28, bottom=canvas.horizon)
    canvas.disc(x, y, radius, body)
    if moon:
        _seas(canvas, x, y, radius)
    if "crescent" in brief.prompt.lower():
        rows = canvas.palette.sky
        canvas.disc(x + radius * 0.45, y - radius * 0.2, radius * 0.92, mix(rows[0], rows[1], 0.8))


def printed(canvas: Canvas) -> bool:
    """Say whether the picture will be printed in few inks: no soft light then."""
    return canvas.brief.medium in ("flat", "woodblock", "lineart")


def is_moon(canvas: Canvas) -> bool:
    """Say whether the light is a moon."""
    return canvas.brief.has("moon") or (canvas.palette.dark and not canvas.brief.has("sun"))


def _seas(canvas: Canvas, x: float, y: float, radius: float) -> None:
    """Shade the moon's plains."""
    side = max(int(radius * 2), 8)
    rng = canvas.rng("moon")
    spots = noise.field(rng, side, side, across=3, down=3, octaves=3).clip(0.05, 0.8)
    rows, columns = np.ogrid[0:side, 0:side]
    inside = (radius - 1.5 - np.hypot(columns - radius, rows - radius)).clip(0, 1)
    top, left = int(y - radius), int(x - radius)
    if top >= 0 and left >= 0 and top + side <= canvas.height and left + side <= canvas.width:
        canvas.blend(
            shifted(canvas.palette.sun, light=-0.14),
            (spots * inside * 0.6).astype(np.float32),
            top=top,
            left=left,
        )


def stars(canvas: Canvas, *, reach: float, density: float = 1.0) -> None:
    """Sow stars down to a row: many faint ones, a few bright, some of them with rays."""
    rng, scale = canvas.rng("stars"), max(canvas.unit / 1024, 0.6)
    count = int(canvas.width * reach / 2600 * density * (2.2 if canvas.brief.has("star", "milkyway") else 1))
    x, y = rng.uniform(1, canvas.width - 2, count), rng.power(0.8, count) * reach * 0.97
    size = rng.power(0.22, count)
    for low, high, radius, alpha in (
        (0.0, 0.02, 0.55, 0.35),
        (0.02, 0.15, 0.7, 0.55),
        (0.15, 0.5, 0.85, 0.8),
        (0.5, 1.0, 1.35, 1.0),
    ):
        chosen = np.flatnonzero((size >= low) & (size < high))

        def draw(pen: Pen, chosen: np.ndarray = chosen, radius: float = radius) -> None:
            for index in chosen:
                pen.oval(x[index], y[index], radius * scale, radius * scale)

        colour = np.array([0.88 + 0.12 * alpha, 0.93, 1.0], np.float32)
        canvas.shape(canvas.stencil(draw, rows=(0, reach)), colour, alpha=alpha)
    for index in np.argsort(size)[-max(count // 90, 3) :]:
        _sparkle(canvas, x[index], y[index], (3 + 5 * size[index]) * scale)


def _sparkle(canvas: Canvas, x: float, y: float, reach: float) -> None:
    """Paint a small soft light with four rays."""
    side = int(reach * 3) * 2 + 1
    top, left = int(y) - side // 2, int(x) - side // 2
    if top < 0 or left < 0 or top + side > canvas.height or left + side > canvas.width:
        return
    at = np.abs(np.arange(side) - side // 2).astype(np.float32)
    rows, columns = at[:, None], at[None, :]
    near = np.exp(-np.hypot(rows, columns) / (reach * 0.35))
    rays = np.exp(-np.minimum(rows, columns) / 0.7) * np.exp(-np.maximum(rows, columns) / reach)
    canvas.shine(
        np.ones(3, np.float32), (near * 0.8 + rays * 0.8).clip(0, 1).astype(np.float32), top=top, left=left
    )


def _drift(canvas: Canvas) -> None:
    """Let the sky's colour wander a little from side to side: no sky is a perfect gradient."""
    soft = noise.field(
        canvas.rng("drift"), canvas.width // 8, canvas.height // 8, across=1.5, down=3, octaves=2
    )
    soft = noise.stretched(soft, canvas.width, canvas.height)
    for channel, share in enumerate((0.024, 0.016, 0.010)):
        canvas.pixels[channel] += soft * np.float32(share)


def _wisps(canvas: Canvas) -> None:
    """Paint a few thin, lit clouds."""
    width, height = canvas.width // 4, max(int(canvas.horizon) // 4, 8)
    soft = noise.field(canvas.rng("wisps"), width, height, across=2.2, down=11, octaves=4, gain=0.55)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    veil = ((soft - 0.35) * 1.3).clip(0, 1) * np.sin(np.pi * rows).clip(0, 1) ** 1.5
    canvas.blend(
        mix(canvas.palette.sky[-1], canvas.palette.sun, 0.45),
        noise.stretched(veil * np.float32(0.55), canvas.width, height * 4),
    )


def _clouds(canvas: Canvas, *, heavy: bool) -> None:
    """Paint clouds lit from the sun's side, flat and small near the horizon."""
    width, height = canvas.width // 2, max(int(canvas.horizon) // 2, 8)
    rng = canvas.rng("clouds")
    body = noise.field(rng, width, height * 2, across=3.2, down=5.5, octaves=6, gain=0.52)
    rows = np.linspace(0, 1, height)
    body = body[((1 - (1 - rows) ** 0.6) * (height * 2 - 1)).astype(int)]
    cover = 0.25 if heavy else 0.02
    thick = ((body + cover) * 2.4).clip(0, 1)
    thick = thick * thick * (3 - 2 * thick)
    step = max(width // 60, 3)
    side = 1 if canvas.sun is None or canvas.sun[0] < canvas.width / 2 else -1
    lit = (body - _moved(body, down=step, right=step * side)) * 1.1
    palette = canvas.palette
    dark, bright = mix(palette.sky[1], palette.far, 0.35), mix(palette.sun, palette.sky[-1], 0.25)
    if heavy:
        dark, bright = shifted(palette.sky[0], light=-0.08), mix(palette.sky[-1], palette.sun, 0.2)
    share = (0.52 + lit * 0.9).clip(0, 1)
    full = noise.stretched(thick * np.float32(0.94 if not palette.dark else 0.7), canvas.width, height * 2)
    share = noise.stretched(share.astype(np.float32), canvas.width, height * 2)
    canvas.blend(dark[:, None, None] + (bright - dark)[:, None, None] * share, full)


def _moved(values: np.ndarray, *, down: int, right: int) -> np.ndarray:
    """Return a field moved, its border repeated."""
    rows, columns = np.arange(values.shape[0]) - down, np.arange(values.shape[1]) - right
    return values[rows.clip(0, values.shape[0] - 1)][:, columns.clip(0, values.shape[1] - 1)]


def _aurora(canvas: Canvas) -> None:
    """Hang curtains of northern light."""
    width, height = canvas.width // 2, max(int(canvas.horizon) // 2, 8)
    rng = canvas.rng("aurora")
    rows = np.arange(height, dtype=np.float32)[:, None]
    words = canvas.brief.colours or ("green", "teal", "violet")
    light = np.zeros((3, height, width), np.float32)
    for index in range(3):
        foot = height * (0.72 - 0.17 * index) + noise.line(rng, width, waves=2.2, octaves=3) * height * 0.16
        reach = height * (0.5 + 0.16 * noise.line(rng, width, waves=9, octaves=3))
        folds = (0.55 + 0.45 * noise.line(rng, width, waves=16, octaves=3)).clip(0.05, 1)
        above = (foot[None, :] - rows) / reach[None, :].clip(height * 0.1)
        curtain = np.where(above > 0, np.exp(-3.0 * above), np.exp(above * 22)) * folds[None, :] ** 1.3
        hue = shifted(named(words[index % len(words)]), light=0.18)[:, None, None]
        glow = curtain * (
            hue * (1.15 - 0.2 * index) + named("violet")[:, None, None] * 0.9 * above.clip(0, 1)
        )
        light += (1 - light) * glow.clip(0, 1).astype(np.float32)
    for channel in range(3):
        part = canvas.pixels[channel, : height * 2]
        part += (1 - part) * noise.stretched(light[channel], canvas.width, height * 2)


def _milky_way(canvas: Canvas) -> None:
    """Paint the band of our galaxy across the sky."""
    width, height = canvas.width // 4, canvas.height // 4
    rng = canvas.rng("milky way")
    tilt = rng.choice([-1, 1]) * rng.uniform(0.6, 1.1)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = ((x / width - 0.5) - tilt * (y / height - 0.4)) * 3.4
    cloud = noise.field(rng, width, height, across=5, down=5, octaves=5, gain=0.6)
    band = np.exp(-((across + 0.35 * cloud) ** 2) * 1.6) * (0.6 + 0.5 * cloud).clip(0, 1.2)
    rift = np.exp(-((across * 3 + 0.9 * noise.field(rng, width, height, across=6, down=6, octaves=4)) ** 2))
    light = (band * (1 - 0.75 * rift)).clip(0, 1).astype(np.float32)
    canvas.shine(
        mix(named("violet"), canvas.palette.sun, 0.55),
        noise.stretched(light * np.float32(0.55), canvas.width, canvas.height),
    )


def _rainbow(canvas: Canvas) -> None:
    """Draw a faint bow opposite the sun."""
    centre = canvas.width * (0.3 if canvas.sun and canvas.sun[0] > canvas.width / 2 else 0.7)
    y, x = np.ogrid[0 : canvas.height, 0 : canvas.width]
    distance = np.hypot(x - centre, y - canvas.horizon * 1.05).astype(np.float32) / np.float32(canvas.unit)
    for index, word in enumerate(("violet", "blue", "teal", "green", "yellow", "orange", "red")):
        band = np.exp(-(((distance - 0.56 - index * 0.011) / 0.008) ** 2))
        canvas.shine(named(word), band * np.float32(0.32))
