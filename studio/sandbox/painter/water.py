"""Water: the picture above mirrored and broken by ripples, sun glitter, waves and shore."""

import numpy as np

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.colour import gradient, mix, named, shifted


def mirror(canvas: Canvas, *, calm: float = 1.0, clear: float = 0.8) -> None:
    """Fill everything below the horizon with the mirrored picture.

    `calm` 1 is a still lake and 0 an open sea; `clear` is how much of the mirror image is left.
    """
    top = int(canvas.horizon)
    height = canvas.height - top
    if height < 4:
        return
    ripple = _ripples(canvas, height)
    down = np.arange(height, dtype=np.float32)[:, None]
    near = (down / height) ** 1.2
    source = (
        top
        - 1
        - down * np.float32(0.92)
        + ripple * near * np.float32(canvas.unit * (0.05 + 0.09 * (1 - calm)))
    )
    aside = ripple * near * np.float32(canvas.unit * 0.012)
    rows = source.clip(0, top - 1).astype(np.int32)
    columns = (
        (np.arange(canvas.width, dtype=np.float32)[None, :] + aside)
        .clip(0, canvas.width - 1)
        .astype(np.int32)
    )
    flat = rows * canvas.width + columns
    tint = _tint(canvas, height)
    share = np.float32(clear) * (1 - np.float32(0.35) * near)
    for channel in range(3):
        seen = canvas.pixels[channel, :top].ravel()[flat]
        own = tint[channel][:, None] * (1 + ripple * np.float32(0.14))
        canvas.pixels[channel, top:] = own + (seen * np.float32(0.93) - own) * share
    _shoreline(canvas, top)


def _ripples(canvas: Canvas, height: int) -> np.ndarray:
    """Return ripples around 0: thin and close at the horizon, broad at the feet."""
    width = canvas.width // 2
    rng = canvas.rng("ripples")
    deep = noise.field(rng, width // 2, 256, across=5, down=46, octaves=3, gain=0.6)
    rows = (np.linspace(0, 1, height // 2 + 1) ** 0.62 * 255).astype(int)
    return noise.stretched(noise.stretched(deep, width, 256)[rows], canvas.width, height)


def _tint(canvas: Canvas, height: int) -> np.ndarray:
    palette = canvas.palette
    word = canvas.brief.accent("sea", "lake", "river")
    deep = mix(named(word), palette.near, 0.35) if word else mix(palette.near, palette.sky[0], 0.5)
    return gradient(
        (mix(palette.sky[-1], palette.far, 0.4), mix(deep, palette.far, 0.4), deep), np.linspace(0, 1, height)
    )


def _shoreline(canvas: Canvas, top: int) -> None:
    """Draw the thin bright line where water meets land."""
    line = np.exp(-(((np.arange(-6, 7)) / 1.6) ** 2)).astype(np.float32)[:, None] * np.float32(0.28)
    at = max(top - 6, 0)
    canvas.blend(
        mix(canvas.palette.sky[-1], canvas.palette.sun, 0.4),
        np.repeat(line, canvas.width, 1)[: canvas.height - at],
        top=at,
    )


def glitter(canvas: Canvas, *, strength: float = 1.0) -> None:
    """Lay the path of light under sun or moon."""
    if canvas.sun is None:
        return
    top = int(canvas.horizon)
    height = canvas.height - top
    rng = canvas.rng("glitter")
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    across = (np.arange(canvas.width, dtype=np.float32)[None, :] - canvas.sun[0]) / np.float32(canvas.unit)
    path = np.exp(-((across / (0.035 + 0.13 * down)) ** 2))
    rows = (np.linspace(0, 1, height) ** 0.6 * 255).astype(int)
    flakes = noise.field(rng, canvas.width // 2, 256, across=34, down=70, octaves=2, gain=0.7)[rows]
    flakes = ((noise.stretched(np.ascontiguousarray(flakes), canvas.width, height) - 0.05) * 3).clip(0, 1)
    word = canvas.brief.accent("sun", "moon")
    colour = mix(named(word), canvas.palette.sun, 0.5) if word else canvas.palette.sun
    canvas.shine(colour, path * flakes * np.float32(0.85 * strength) * (1 - 0.45 * down), top=top)


def waves(canvas: Canvas, *, rough: float) -> None:
    """Roll waves towards the shore: crests with light on their backs and foam on their heads."""
    palette, rng = canvas.palette, canvas.rng("waves")
    top, height = canvas.horizon, canvas.height - canvas.horizon
    count = 6 if rough < 0.6 else 7
    tint = _tint(canvas, 64)
    for index in range(1, count + 1):
        near = (index / count) ** 1.5
        row = top + height * near * 0.94
        size = canvas.unit * (0.004 + 0.05 * near * rough)
        edge = row - size * _swell(rng, canvas.width, waves=(9 - 6 * near) * canvas.width / canvas.unit)
        body = tint[:, min(int(near * 63), 63)]
        reach = int(canvas.unit * (0.05 + 0.16 * near))
        start, end = canvas.span(edge, int(row + reach))
        if end - start < 3:
            continue
        fall = np.linspace(0, 1, end - start)
        light = mix(body, palette.sky[-1], 0.45)
        colours = gradient((light, shifted(body, light=-0.03), body), fall)
        rows = np.arange(start, end, dtype=np.float32)[:, None]
        deep = rows - edge[None, :]
        alpha = (deep + 0.5).clip(0, 1) * (1 - (deep / reach).clip(0, 1)) ** 0.8
        canvas.blend(colours[:, :, None], alpha * np.float32(0.8), top=start)
        _foam(canvas, edge, rng, near=near, rough=rough)


def _swell(rng: np.random.Generator, width: int, *, waves: float) -> np.ndarray:
    walk = noise.line(rng, width, waves=max(waves, 2), octaves=3, gain=0.45)
    return (1 - 1.6 * np.abs(walk)).astype(np.float32)


def _foam(canvas: Canvas, edge: np.ndarray, rng: np.random.Generator, *, near: float, rough: float) -> None:
    thick = canvas.unit * (0.0015 + 0.012 * near * rough)
    top, bottom = canvas.span(edge, int(edge.max() + thick * 6))
    if bottom - top < 2:
        return
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    deep = (rows - edge[None, :]) / np.float32(thick)
    lace = noise.field(
        rng, canvas.width // 2, (bottom - top) // 2 + 2, across=60, down=10, octaves=3, gain=0.7
    )
    lace = noise.stretched(lace, canvas.width, bottom - top)
    crest = (0.5 + noise.line(rng, canvas.width, waves=14, octaves=2)).clip(0, 1)[None, :]
    alpha = (np.exp(-(deep.clip(0, None) * 0.75)) + lace * 0.5 - 0.35).clip(0, 1) * (deep > -0.6) * crest
    white = mix(canvas.palette.sky[-1], np.ones(3, np.float32), 0.5)
    canvas.blend(white, alpha.astype(np.float32) * np.float32(0.3 + 0.5 * rough), top=top)


def beach(canvas: Canvas) -> None:
    """Lay a strip of sand along the bottom, wet and foaming at its edge."""
    rng = canvas.rng("beach")
    base = (
        canvas.height * 0.86
        + noise.line(rng, canvas.width, waves=1.4, octaves=3, gain=0.4) * canvas.unit * 0.04
    )
    slant = np.linspace(-1, 1, canvas.width) * canvas.unit * 0.05 * rng.choice([-1, 1])
    edge = (base + slant).astype(np.float32)
    sand = mix(mix(named("gold"), named("white"), 0.55), canvas.palette.sky[-1], 0.35)
    if canvas.palette.dark:
        sand = mix(sand, canvas.palette.near, 0.7)
    lap = edge - canvas.unit * 0.012 * (1 + noise.line(rng, canvas.width, waves=8, octaves=3))
    white = mix(sand, np.ones(3, np.float32), 0.75)
    top, bottom = canvas.span(lap.astype(np.float32))
    canvas.below(lap.astype(np.float32), gradient((white, white), np.linspace(0, 1, bottom - top)))
    top, bottom = canvas.span(edge)
    wet = shifted(sand, light=-0.12)
    canvas.below(
        edge,
        gradient((wet, sand, shifted(sand, light=-0.04)), (np.linspace(0, 1, bottom - top) * 1.2).clip(0, 1)),
    )


def fall(canvas: Canvas, *, top: float, bottom: float) -> None:
    """Let a waterfall come down a dark wall of rock into its own spray."""
    rng = canvas.rng("fall")
    x, half = canvas.width * rng.uniform(0.4, 0.6), canvas.unit * 0.055
    rock = shifted(mix(canvas.palette.near, canvas.palette.far, 0.25), light=0.0)
    jag = noise.line(rng, canvas.width, waves=14, octaves=4, sharp=True) * canvas.unit * 0.02
    across = np.abs(np.arange(canvas.width) - x) / canvas.unit
    edge = (
        top
        + jag
        + (across > 0.09) * -canvas.unit * 0.03
        + (across.clip(0.1, None) - 0.1) ** 1.5 * canvas.unit * 1.1
    ).astype(np.float32)
    first, last = canvas.span(edge, int(bottom))
    wall = noise.field(
        rng, canvas.width // 2, max((last - first) // 2, 2), across=40, down=4, octaves=3, gain=0.6
    )
    canvas.below(
        edge,
        gradient((shifted(rock, light=0.06), rock), np.linspace(0, 1, max(last - first, 1))),
        bottom=int(bottom),
        shade=noise.stretched(wall * np.float32(0.5), canvas.width, last - first),
    )
    rows = np.arange(int(top), int(bottom), dtype=np.float32)[:, None]
    down = (rows - top) / (bottom - top)
    wide = half * (0.8 + 0.5 * down)
    away = np.abs(np.arange(canvas.width, dtype=np.float32)[None, :] - x) / wide
    streaks = noise.field(rng, canvas.width, 64, across=150 * canvas.width / canvas.unit, down=2, octaves=2)
    streaks = noise.stretched(streaks, canvas.width, len(rows))
    alpha = (
        ((1.05 - away) * 7).clip(0, 1) * (0.78 + 0.35 * streaks).clip(0.2, 1) * ((rows - edge[None, :]) > -2)
    )
    canvas.blend(
        mix(canvas.palette.sky[-1], np.ones(3, np.float32), 0.7), alpha.astype(np.float32), top=int(top)
    )
    canvas.glow(x, bottom, canvas.unit * 0.10, mix(canvas.palette.sky[-1], np.ones(3, np.float32), 0.6), 0.8)
