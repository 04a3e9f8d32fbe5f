"""What falls or hangs before the scene: rain, snow, lightning, veils, rays of light."""

import numpy as np

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import mix


def paint(canvas: Canvas) -> None:
    """Let the weather of the prompt come down."""
    brief = canvas.brief
    if brief.has("storm") and not brief.has("no lightning"):
        lightning(canvas)
    if brief.has("rain"):
        rain(canvas)
    if brief.has("snow") and not brief.has("mountain", "volcano"):
        snow(canvas)
    elif brief.has("snow"):
        snow(canvas, count=140)


def rain(canvas: Canvas) -> None:
    """Draw slanting streaks, near ones longer, behind a thin veil."""
    rng = canvas.rng("rain")
    white = mix(canvas.palette.sky[-1], np.ones(3, np.float32), 0.45)
    slant = rng.choice([-1, 1]) * rng.uniform(0.10, 0.2)
    for count, long, wide, alpha in ((520, 0.035, 0.5, 0.22), (210, 0.075, 1.0, 0.34)):

        def draw(pen: Pen, count: int = count, long: float = long, wide: float = wide) -> None:
            x, y = rng.uniform(-0.1, 1.1, count) * canvas.width, rng.uniform(-0.1, 1, count) * canvas.height
            reach = canvas.unit * long * rng.uniform(0.6, 1.3, count)
            for left, top, size in zip(x, y, reach, strict=True):
                pen.line([(left, top), (left + slant * size, top + size)], wide * canvas.unit / 1024)

        canvas.shape(canvas.stencil(draw), white, alpha=alpha)


def snow(canvas: Canvas, *, count: int = 420) -> None:
    """Let flakes fall: many small and sharp, a few large and soft."""
    rng = canvas.rng("snow")
    white = mix(canvas.palette.sky[-1], np.ones(3, np.float32), 0.8)
    for share, size, blur, alpha in (
        (1.0, 0.0019, 0.0, 0.85),
        (0.3, 0.0042, 0.0016, 0.8),
        (0.06, 0.013, 0.006, 0.6),
    ):

        def draw(pen: Pen, share: float = share, size: float = size) -> None:
            amount = int(count * share)
            for x, y, big in zip(*rng.uniform(0, 1, (2, amount)), rng.uniform(0.6, 1.5, amount), strict=True):
                pen.oval(
                    x * canvas.width, y * canvas.height, size * big * canvas.unit, size * big * canvas.unit
                )

        canvas.shape(canvas.stencil(draw), white, blur=blur * canvas.unit, alpha=alpha)


def lightning(canvas: Canvas) -> None:
    """Strike once, with a branch and its light in the clouds."""
    rng = canvas.rng("lightning")
    x, y = canvas.width * rng.uniform(0.25, 0.75), canvas.horizon * 0.12
    foot = canvas.horizon * 0.98

    def bolt(pen: Pen, x: float, y: float, end: float, wide: float) -> None:
        points = [(x, y)]
        while y < end:
            y += canvas.unit * rng.uniform(0.012, 0.035)
            x += canvas.unit * rng.uniform(-0.026, 0.026)
            points.append((x, y))
            if wide > 1 and rng.random() < 0.16:
                bolt(pen, x, y, y + canvas.unit * rng.uniform(0.06, 0.16), wide * 0.45)
        pen.line(points, wide)

    stencil = canvas.stencil(lambda pen: bolt(pen, x, y, foot, 2.4 * canvas.unit / 1024))
    light = mix(canvas.palette.sun, np.ones(3, np.float32), 0.6)
    canvas.glow(x, y, canvas.unit * 0.2, light, 0.4)
    canvas.lamp(stencil, light, blur=canvas.unit * 0.012, strength=2.0)
    canvas.shape(stencil, light)


def rays(canvas: Canvas, *, x: float, y: float, strength: float = 0.4) -> None:
    """Let beams of light fan out from a point."""
    width, height = canvas.width // 4, canvas.height // 4
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = columns - x / 4, rows - y / 4
    angle = np.arctan2(across, down.clip(0.5, None) + 4)
    table = noise.line(canvas.rng("rays"), 1024, waves=15, octaves=2, gain=0.5)
    beams = table[((angle / np.pi + 0.5) * 1023).clip(0, 1023).astype(int)].clip(0, 1)
    fade = np.exp(-np.hypot(across, down) / (height * 0.7)) * (down > -4)
    canvas.shine(
        canvas.palette.sun,
        noise.stretched((beams * fade * strength).astype(np.float32), canvas.width, canvas.height),
    )


def veil(canvas: Canvas, strength: float) -> None:
    """Lay thin mist over everything, thicker below."""
    rows = np.linspace(0.35, 1, canvas.height, dtype=np.float32)[:, None]
    soft = noise.field(
        canvas.rng("veil"), canvas.width // 16, canvas.height // 16, across=2, down=3, octaves=2
    )
    thick = (rows + noise.stretched(soft, canvas.width, canvas.height) * np.float32(0.4)).clip(0, 1)
    canvas.blend(mix(canvas.palette.sky[-1], canvas.palette.sun, 0.2), thick * np.float32(strength))
