"""Flowers: single heads of many kinds, meadows of them, a blossoming branch, one great bloom."""

from functools import cache
from math import cos, pi, sin

import numpy as np

from studio.sandbox.painter.canvas import Canvas, Ink, Pen, Points, ink, tint
from studio.sandbox.painter.colour import Colour, mix, named, shifted

HEADS = {
    "poppy": "red",
    "daisy": "white",
    "tulip": "red",
    "rose": "red",
    "sunflower": "yellow",
    "lavender": "violet",
    "lotus": "pink",
}
WILD = (
    ("poppy", "red"),
    ("daisy", "white"),
    ("cosmos", "pink"),
    ("cosmos", "violet"),
    ("daisy", "gold"),
    ("cosmos", "blue"),
)


def petal(x: float, y: float, angle: float, long: float, wide: float, point: float = 0.0) -> Points:
    """Return one petal growing from x, y; `point` 1 makes it pointed."""
    outline = []
    for t, side in (
        (0.0, 0.22),
        (0.3, 0.8),
        (0.62, 1.0),
        (0.88, 0.72 - 0.5 * point),
        (1.0, 0.3 - 0.3 * point),
    ):
        outline.append((t, side))
    left = [(t * long, side * wide / 2) for t, side in outline]
    ring = left + [(u, -v) for u, v in reversed(left)]
    c, s = cos(angle), sin(angle)
    return [(x + u * c - v * s, y + u * s + v * c) for u, v in ring]


def head(
    pen: Pen,
    kind: str,
    *,
    x: float,
    y: float,
    size: float,
    colour: Ink,
    rng: np.random.Generator,
    flat: float = 0.75,
) -> None:
    """Draw a flower's head of `size` pixels across, seen a little from the side (`flat` squeezes it)."""
    turn = rng.uniform(0, pi)
    if kind == "tulip":
        _tulip(pen, x, y, size, colour)
    elif kind == "lavender":
        _spike(pen, x, y, size, colour, rng)
    elif kind == "rose":
        _rose(pen, x, y, size, colour, turn)
    else:
        count, wide, point = {
            "daisy": (13, 0.20, 0),
            "sunflower": (18, 0.22, 0.8),
            "lotus": (11, 0.34, 1),
            "cosmos": (7, 0.42, 0),
        }.get(kind, (5, 0.78, 0))
        _wheel(pen, x, y, size, colour, count=count, wide=wide, point=point, turn=turn, flat=flat)
        heart = {"poppy": ("black", 0.17), "sunflower": ("brown", 0.34), "lotus": ("gold", 0.14)}.get(
            kind, ("gold", 0.16)
        )
        pen.oval(x, y, size * heart[1], size * heart[1] * flat, _heart(heart[0]))


def _wheel(
    pen: Pen,
    x: float,
    y: float,
    size: float,
    colour: Ink,
    *,
    count: int,
    wide: float,
    point: float,
    turn: float,
    flat: float,
) -> None:
    laps = ((-0.07, 0.52), (0.02, 0.46)) if size > 16 else ((-0.01, 0.52),)  # small ones need no second ring
    for lap, (light, long) in enumerate(laps):
        tone = tint(colour, light)
        for index in range(count):
            angle = turn + (index + lap * 0.5) * 2 * pi / count
            outline = petal(0, 0, angle, size * long, size * wide * (1 if count > 5 else 0.8), point)
            pen.area([(x + px, y + py * flat) for px, py in outline], tone)


def _tulip(pen: Pen, x: float, y: float, size: float, colour: Ink) -> None:
    for side, light in ((-1, -0.06), (1, -0.02)):
        pen.area(
            petal(
                x + side * size * 0.12, y + size * 0.42, -pi / 2 + side * 0.2, size * 1.0, size * 0.52, 0.9
            ),
            tint(colour, light),
        )
    pen.area(petal(x, y + size * 0.45, -pi / 2, size * 0.92, size * 0.56, 0.7), tint(colour, 0.05))


def _spike(pen: Pen, x: float, y: float, size: float, colour: Ink, rng: np.random.Generator) -> None:
    for index in range(9):
        up = index / 9
        for side in (-1, 1):
            tone = tint(colour, rng.uniform(-0.08, 0.1))
            pen.oval(
                x + side * size * 0.13 * (1 - up),
                y + size * (0.6 - 1.5 * up),
                size * 0.14 * (1.1 - up),
                size * 0.11,
                tone,
            )


def _rose(pen: Pen, x: float, y: float, size: float, colour: Ink, turn: float) -> None:
    for lap in range(6):
        radius = size * (0.5 - 0.078 * lap)
        tone = tint(colour, 0.05 - 0.045 * lap + 0.03 * (lap % 2))
        for index in range(5 - lap // 2):
            angle = turn + lap * 0.9 + index * 2 * pi / (5 - lap // 2)
            pen.oval(
                x + cos(angle) * radius * 0.42,
                y + sin(angle) * radius * 0.36,
                radius * 0.66,
                radius * 0.6,
                tone,
            )


@cache
def _heart(word: str) -> Ink:
    return ink(shifted(named(word), light=-0.02))


def kinds(canvas: Canvas) -> list[tuple[str, Colour]]:
    """Return the flowers that grow in this picture: those the prompt names, else a wild mixture."""
    brief = canvas.brief
    grown = []
    for kind, usual in HEADS.items():
        if brief.has(kind):
            grown.append((kind, brief.accent(kind) or usual))
    if not grown:
        word = brief.accent("flower")
        words = (word,) if word else brief.colours
        grown = (
            [(kind, words[index % len(words)]) for index, (kind, _) in enumerate(WILD)]
            if words
            else list(WILD)
        )
    share = 0.5 if canvas.palette.dark else 0.14
    return [(kind, mix(named(word), canvas.palette.near, share)) for kind, word in grown]
