"""Silhouettes, written as lines of strokes, and the drawing of them.

Coordinates: 1 is the figure's height, 0,0 its middle at the ground, y grows downwards. A stroke is one of
`blob` (closed curve), `area` (polygon), `oval` x,y rx,ry [turn in degrees], `tube` w0,w1 (a limb that goes from one
width to another along a curve). A stroke with a minus before its name is cut out.
"""

from functools import cache
from math import cos, radians, sin

import numpy as np

from studio.sandbox.painter.canvas import Canvas, Ink, Pen, Points, Stencil
from studio.sandbox.painter.figures import FIGURES


def draw(
    pen: Pen,
    name: str,
    *,
    x: float,
    y: float,
    size: float,
    flip: bool = False,
    ink: Ink | int = 255,
    cut: Ink | int = 0,
) -> None:
    """Draw a figure of `size` pixels in height, standing at x, y."""
    for _, points, removed in _strokes(name):
        placed = [(x + (-px if flip else px) * size, y + py * size) for px, py in points]
        pen.area(placed, cut if removed else ink)


def stencil(canvas: Canvas, name: str, *, x: float, y: float, size: float, flip: bool = False) -> Stencil:
    """Return a figure as a stencil."""
    return canvas.stencil(lambda pen: draw(pen, name, x=x, y=y, size=size, flip=flip))


def windows(pen: Pen, name: str, *, x: float, y: float, size: float, flip: bool = False) -> None:
    """Draw only what `draw` cuts out: windows and doors, to be lit."""
    for _, points, removed in _strokes(name):
        if removed:
            pen.area([(x + (-px if flip else px) * size, y + py * size) for px, py in points])


@cache
def _strokes(name: str) -> list[tuple[str, Points, bool]]:
    """Return a figure's strokes as polygons."""
    strokes = []
    for text in FIGURES[name].strip().splitlines():
        kind, *pairs = text.split()
        values = [tuple(float(part) for part in pair.split(",")) for pair in pairs]
        strokes.append((kind, SHAPERS[kind.lstrip("-")](values), kind.startswith("-")))
    return strokes


def blob(points: Points, steps: int = 10) -> Points:
    """Return a closed smooth curve through the points."""
    ring = np.array([points[-1], *points, points[0], points[1]])
    return _curve(ring, steps)


def path(points: Points, steps: int = 10) -> Points:
    """Return an open smooth curve through the points."""
    ends = np.array([points[0], *points, points[-1]])
    return [*_curve(ends, steps), points[-1]]


def _curve(knots: np.ndarray, steps: int) -> Points:
    """Return a Catmull-Rom curve from the second knot to the last but one."""
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    a, b, c, d = (knots[index : len(knots) - 3 + index, None, :] for index in range(4))
    points = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return [(float(x), float(y)) for x, y in points.reshape(-1, 2)]


def tube(points: Points, first: float, last: float) -> Points:
    """Return the outline of a limb along a curve, `first` wide at its start and `last` at its end, with a round end."""
    spine = np.array(path(points))
    along = np.gradient(spine, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], 1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-9)
    half = np.linspace(first, last, len(spine))[:, None] / 2
    turn = np.linspace(0.5, -0.5, 7)[1:-1] * np.pi
    forward = np.array([normal[-1][1], -normal[-1][0]])
    cap = [spine[-1] + half[-1] * (np.sin(a) * normal[-1] + np.cos(a) * forward) for a in turn]
    outline = np.concatenate([spine + half * normal, np.array(cap), (spine - half * normal)[::-1]])
    return [(float(x), float(y)) for x, y in outline]


def oval(values: list[tuple[float, ...]]) -> Points:
    """Return an ellipse as a polygon."""
    (x, y), (rx, ry), turn = values[0], values[1], radians(values[2][0]) if len(values) > 2 else 0.0
    around = [radians(angle) for angle in range(0, 360, 8)]
    bent = [(rx * cos(a), ry * sin(a)) for a in around]
    return [(x + u * cos(turn) - v * sin(turn), y + u * sin(turn) + v * cos(turn)) for u, v in bent]


SHAPERS = {
    "blob": blob,
    "area": lambda values: values,
    "oval": oval,
    "tube": lambda values: tube(values[1:], *values[0]),
}
