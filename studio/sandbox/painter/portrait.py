"""Portraits as silhouettes: a head in profile before a great disc, a landscape inside it."""

import numpy as np

from studio.sandbox.painter import land, noise, sky, trees
from studio.sandbox.painter.canvas import Canvas, Pen, Points, Stencil
from studio.sandbox.painter.colour import gradient, mix, named, shifted
from studio.sandbox.painter.shapes import blob, path, tube

# Profile looking right; 1 is from the crown to the breast, y from 0 (crown) downwards, x from the middle of the neck.
FACE: Points = [
    (0.03, 0.005),
    (0.13, 0.03),
    (0.205, 0.10),
    (0.225, 0.175),
    (0.222, 0.215),
    (0.24, 0.245),
    (0.275, 0.315),
    (0.282, 0.332),
    (0.262, 0.348),
]
FACE += [
    (0.238, 0.355),
    (0.246, 0.378),
    (0.256, 0.396),
    (0.242, 0.408),
    (0.252, 0.424),
    (0.244, 0.442),
    (0.226, 0.452),
    (0.236, 0.478),
    (0.228, 0.515),
]
FACE += [
    (0.195, 0.535),
    (0.135, 0.535),
    (0.088, 0.55),
    (0.075, 0.60),
    (0.085, 0.68),
    (0.15, 0.745),
    (0.27, 0.80),
    (0.36, 0.90),
    (0.40, 1.06),
]
BACK: Points = [
    (-0.46, 1.06),
    (-0.42, 0.90),
    (-0.33, 0.80),
    (-0.20, 0.745),
    (-0.125, 0.68),
    (-0.12, 0.58),
    (-0.16, 0.48),
    (-0.215, 0.36),
    (-0.225, 0.22),
    (-0.17, 0.09),
    (-0.08, 0.02),
]

HAIR: dict[str, list[tuple[str, list[tuple[float, ...]]]]] = {
    "bun": [
        ("blob", [(-0.25, 0.02), (-0.17, 0.04), (-0.15, 0.14), (-0.22, 0.20), (-0.32, 0.17), (-0.34, 0.08)]),
        (
            "blob",
            [
                (0.20, 0.09),
                (0.05, -0.03),
                (-0.14, 0.0),
                (-0.25, 0.14),
                (-0.25, 0.32),
                (-0.16, 0.42),
                (-0.1, 0.2),
            ],
        ),
    ],
    "long": [
        (
            "blob",
            [
                (0.205, 0.10),
                (0.06, -0.035),
                (-0.13, -0.01),
                (-0.27, 0.14),
                (-0.31, 0.38),
                (-0.36, 0.62),
                (-0.40, 0.86),
                (-0.27, 0.95),
                (-0.13, 0.84),
                (-0.04, 0.60),
                (-0.02, 0.36),
                (0.08, 0.18),
            ],
        )
    ],
    "short": [
        (
            "blob",
            [
                (0.215, 0.13),
                (0.17, 0.02),
                (0.03, -0.035),
                (-0.13, -0.01),
                (-0.24, 0.12),
                (-0.25, 0.30),
                (-0.20, 0.42),
                (-0.13, 0.42),
                (0.0, 0.2),
            ],
        )
    ],
    "hat": [
        ("blob", [(0.20, 0.07), (0.16, -0.10), (0.02, -0.14), (-0.14, -0.11), (-0.21, 0.07)]),
        (
            "blob",
            [
                (0.40, 0.12),
                (0.20, 0.05),
                (-0.05, 0.03),
                (-0.24, 0.06),
                (-0.38, 0.15),
                (-0.20, 0.125),
                (0.0, 0.10),
                (0.2, 0.105),
            ],
        ),
    ],
    "pony": [
        ("blob", [(0.20, 0.09), (0.05, -0.03), (-0.14, 0.0), (-0.25, 0.14), (-0.24, 0.30), (-0.1, 0.2)]),
        ("tube", [(0.11, 0.03), (-0.20, 0.13), (-0.30, 0.12), (-0.38, 0.26), (-0.38, 0.44), (-0.33, 0.60)]),
    ],
}


def paint(canvas: Canvas) -> None:
    """Paint the ground, the disc, and the head with a world in it."""
    rng, brief, palette = canvas.rng("portrait"), canvas.brief, canvas.palette
    canvas.horizon = canvas.skyline = canvas.height
    canvas.wash(gradient((palette.sky[0], palette.sky[1], palette.sky[2]), np.linspace(0, 1, canvas.height)))
    _strokes(canvas)
    x, size = canvas.width * 0.5, min(canvas.height * 0.88, canvas.width * 1.3)
    radius = size * 0.41
    disc = (
        mix(named(brief.accent("sun", "moon")), palette.sun, 0.2)
        if brief.accent("sun", "moon")
        else mix(palette.sky[-1], palette.glow, 0.5)
    )
    middle = (x + size * rng.uniform(-0.06, 0.06), canvas.height - size * 0.66)
    canvas.glow(*middle, radius * 1.9, disc, 0.35)
    canvas.disc(*middle, radius, disc)
    flip = bool(rng.random() < 0.5)
    top = canvas.height - size * 1.0
    outlines = [
        [(x + (-px if flip else px) * size, top + py * size) for px, py in shape] for shape in _head(canvas)
    ]

    def draw(pen: Pen) -> None:
        for shape in outlines:
            pen.area(shape)

    stencil = canvas.stencil(draw)
    canvas.shape(stencil, _world(canvas))
    _rim(canvas, stencil, disc)


def _head(canvas: Canvas) -> list[Points]:
    """Return the silhouette: profile and hair."""
    brief, rng = canvas.brief, canvas.rng("hair")
    prompt = brief.prompt.lower()
    style = "short" if brief.has("man") or "boy" in prompt else str(rng.choice(["bun", "long", "pony"]))
    style = next((name for name in HAIR if name in prompt), style)
    if any(word in prompt for word in ("cowboy", "fisherman", "detective", "hat")):
        style = "hat"
    shapes = [[*path(FACE, 6), *path(BACK, 8)]]
    for kind, points in HAIR[style]:
        shapes.append(blob(points) if kind == "blob" else tube(points[1:], *points[0]))  # type: ignore[arg-type]
    return shapes


def _strokes(canvas: Canvas) -> None:
    """Brush the ground loosely."""
    soft = noise.field(
        canvas.rng("ground"), canvas.width // 4, canvas.height // 4, across=3, down=3, octaves=5, gain=0.6
    )
    canvas.pixels *= 1 + noise.stretched(soft, canvas.width, canvas.height) * np.float32(0.07)


def _world(canvas: Canvas) -> np.ndarray:
    """Return a landscape as wide as the picture: what the head is full of."""
    inner = Canvas(canvas.width, canvas.height, canvas.brief, canvas.palette, canvas.seed + 1)
    inner.horizon = inner.skyline = canvas.height * 0.62
    palette = canvas.palette
    rows = (np.arange(canvas.height) / canvas.height).clip(0, 1)
    deep = mix(palette.near, palette.far, 0.22)
    inner.wash(
        gradient(
            (shifted(deep, light=-0.05), mix(deep, palette.far, 0.55), palette.far), (rows * 1.5).clip(0, 1)
        )
    )
    sky.stars(inner, reach=canvas.height * 0.42, density=1.5)
    land.ranges(
        inner, kind="alp", layers=3, top=canvas.height * 0.58, bottom=canvas.height * 0.84, start=0.25
    )
    trees.woods(inner, layers=2, top=canvas.height * 0.80, bottom=canvas.height * 0.98, tall=0.2, first=0.75)
    return inner.pixels


def _rim(canvas: Canvas, stencil: Stencil, light: np.ndarray) -> None:
    """Let the disc's light run along the edge of the head."""
    mask, top, left = stencil.mask()
    step = max(canvas.unit // 300, 1)
    inside = mask - np.minimum(np.roll(mask, -step, 1), np.roll(mask, step, 1))
    canvas.blend(
        shifted(light, light=0.04), (inside * mask).clip(0, 1) * np.float32(0.55), top=top, left=left
    )
