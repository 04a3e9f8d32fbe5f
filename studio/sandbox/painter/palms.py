"""Palms that lean into the picture."""

from math import cos, pi, sin

import numpy as np

from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import shifted
from studio.sandbox.painter.shapes import tube


def palms(canvas: Canvas) -> None:
    """Lean a few palms over the picture from one side."""
    rng = canvas.rng("palms")
    side = -1 if canvas.sun is None or canvas.sun[0] > canvas.width / 2 else 1
    edge = canvas.width * (0.06 if side < 0 else 0.94)

    def draw(pen: Pen) -> None:
        for index in range(3):
            foot_x = edge - side * canvas.unit * 0.10 * index
            top = (
                foot_x - side * canvas.unit * rng.uniform(0.06, 0.2),
                canvas.height * (0.22 + 0.13 * index + rng.uniform(0, 0.05)),
            )
            middle = ((foot_x + top[0]) / 2 + side * canvas.unit * 0.05, (canvas.height + top[1]) / 2)
            pen.area(
                tube([(foot_x, canvas.height * 1.02), middle, top], canvas.unit * 0.026, canvas.unit * 0.013)
            )
            for angle in np.linspace(-0.35, pi + 0.35, 9):
                _frond(
                    pen, top, float(angle) + rng.uniform(-0.12, 0.12), canvas.unit * rng.uniform(0.13, 0.19)
                )

    canvas.shape(canvas.stencil(draw), shifted(canvas.palette.near, light=-0.03))


def _frond(pen: Pen, top: tuple[float, float], angle: float, reach: float) -> None:
    """Draw one hanging leaf with its fringe."""
    steps = np.linspace(0, 1, 14)
    spine = [
        (top[0] + cos(angle) * reach * t, top[1] - sin(angle) * reach * t * 0.75 + reach * 0.75 * t * t)
        for t in steps
    ]
    pen.line([(float(x), float(y)) for x, y in spine], reach * 0.02)
    for t, (x, y) in zip(steps[1:], spine[1:], strict=True):
        long = reach * 0.26 * sin(pi * min(t + 0.12, 1.0))
        for lean in (-0.5, 0.5):
            pen.area([(x - reach * 0.02, y), (x + lean * long * 0.7, y + long), (x + reach * 0.025, y)])
