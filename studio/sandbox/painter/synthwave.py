"""The grid of the eighties: a striped sun over a glowing plain."""

import numpy as np

from studio.sandbox.painter import land, sky
from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import Colour, gradient, mix, named, shifted


def synthwave(canvas: Canvas) -> None:
    """Paint a striped sun over a glowing grid."""
    palette = canvas.palette
    canvas.horizon = canvas.height * 0.6
    canvas.skyline = canvas.horizon * 0.9
    canvas.sun, canvas.sun_radius = (canvas.width / 2, canvas.horizon * 0.72), canvas.unit * 0.25
    rows = np.arange(canvas.height) / canvas.horizon
    canvas.wash(gradient(palette.sky, rows.clip(0, 1)))
    sky.stars(canvas, reach=canvas.horizon * 0.7)
    _striped_sun(canvas)
    land.ranges(canvas, kind="alp", layers=2, top=canvas.horizon * 1.02, bottom=canvas.horizon * 1.08)
    canvas.pixels[:, int(canvas.horizon) :] = mix(palette.near, palette.sky[0], 0.5)[:, None, None]
    _grid(canvas, named((canvas.brief.colours or ("magenta",))[0]))


def _striped_sun(canvas: Canvas) -> None:
    (x, y), radius = canvas.sun or (0, 0), canvas.sun_radius
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    distance = np.hypot(rows - y, np.arange(canvas.width, dtype=np.float32)[None, :] - x)
    place = (rows - y) / radius
    gaps = (np.mod(place * 7, 1) < (0.12 + 0.34 * place.clip(0, 1))) & (place > 0.02)
    canvas.glow(x, y, radius * 1.6, canvas.palette.glow, 0.6)
    body = gradient(
        (named("yellow"), named("orange"), named("magenta")),
        ((np.arange(canvas.height) - y) / radius / 2 + 0.5).clip(0, 1),
    )
    canvas.blend(body[:, :, None], ((radius - distance + 0.5).clip(0, 1) * ~gaps).astype(np.float32))


def _grid(canvas: Canvas, colour: Colour) -> None:
    top, bottom, centre = canvas.horizon, canvas.height, canvas.width / 2

    def draw(pen: Pen) -> None:
        for index in range(1, 15):
            y = top + (bottom - top) * (index / 14) ** 2.1
            pen.line([(0, y), (canvas.width, y)], 1 + 1.6 * index / 14)
        for index in range(-26, 27):
            pen.line(
                [(centre + index * canvas.unit * 0.022, top), (centre + index * canvas.unit * 0.30, bottom)],
                1.5,
            )

    stencil = canvas.stencil(draw)
    canvas.lamp(stencil, colour, blur=canvas.unit * 0.008, strength=1.6)
    canvas.shape(stencil, shifted(colour, light=0.15))
