"""Round bodies: light on one side, shadow on the other, a thin reflection."""

import numpy as np

from studio.sandbox.painter.canvas import Canvas, Points, Stencil
from studio.sandbox.painter.colour import Colour, gradient, shifted
from studio.sandbox.painter.shapes import path


def turned(canvas: Canvas, x: float, y: float, profile: Points, size: float, colour: Colour) -> None:
    """Paint a vessel as if turned on a wheel: half widths by height, lit from the window's side."""
    right = path(profile, 12)
    outline = [(x + px * size, y + py * size) for px, py in right] + [
        (x - px * size, y + py * size) for px, py in reversed(right)
    ]
    stencil = canvas.stencil(lambda pen: pen.area(outline), rows=(y - 1.3 * size, y + 0.2 * size))
    solid(canvas, stencil, x=x, half=max(px for px, _ in right) * size, colour=colour)


def solid(canvas: Canvas, stencil: Stencil, *, x: float, half: float, colour: Colour) -> None:
    """Lay a round body through a stencil: a light side, a dark side, a thin reflection."""
    light = -1 if canvas.sun and canvas.sun[0] < canvas.width / 2 else 1
    across = ((np.arange(canvas.width) - x) / half * light).clip(-1.1, 1.1)
    tones = (
        shifted(colour, light=-0.26),
        shifted(colour, light=-0.20),
        shifted(colour, light=-0.04),
        shifted(colour, light=0.10),
        shifted(colour, light=0.03),
    )
    body = gradient(tones, (across + 1.1) / 2.2)
    shine = np.exp(-(((across - 0.55) / 0.10) ** 2)) * 0.32
    body = body + (1 - body) * shine
    canvas.shape(
        stencil, np.broadcast_to(body[:, None, :], (3, canvas.height, canvas.width)).astype(np.float32)
    )
