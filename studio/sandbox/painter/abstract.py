"""Pictures of nothing: flowing ribbons, marbled ink, fields of colour, circles and lines."""

import numpy as np

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas, Pen, ink
from studio.sandbox.painter.colour import Colour, gradient, hexed, mix, named, shifted

HARMONIES = (
    "#f2e8d5 #e07a5f #3d405b #81b29a #f2cc8f",
    "#faf3dd #c8553d #588b8b #ffd5c2 #f28f3b",
    "#0d1b2a #1b4965 #5fa8d3 #cae9ff #f4a259",
    "#fefae0 #606c38 #283618 #dda15e #bc6c25",
    "#f8edeb #d08c9f #6d597a #355070 #e8a87c",
    "#f1ede4 #d62828 #003049 #f77f00 #eae2b7",
    "#ecebe4 #8d99ae #2b2d42 #d90429 #edf2f4",
    "#fff8f0 #9a031e #5f0f40 #fb8b24 #0f4c5c",
    "#f3efe0 #22577a #38a3a5 #80ed99 #f6bd60",
    "#f5ebe0 #7f5539 #b08968 #ddb892 #344e41",
)


def paint(canvas: Canvas) -> None:
    """Paint in the manner the prompt names, else in one that belongs to its words."""
    prompt = canvas.brief.prompt.lower()
    for words, manner in MANNERS:
        if any(word in prompt for word in words):
            manner(canvas, colours(canvas))
            return
    manners = (ribbons, marble, fields, geometry)
    manners[(canvas.brief.key >> 3) % len(manners)](canvas, colours(canvas))


def colours(canvas: Canvas) -> list[Colour]:
    """Return five colours, the ground first: the prompt's own or a harmony of its own."""
    brief = canvas.brief
    if not brief.colours and not brief.moods and not brief.tones & {"mono", "dark"}:
        return [hexed(text) for text in HARMONIES[brief.key % len(HARMONIES)].split()]
    if not brief.colours:
        palette = canvas.palette
        return [palette.sky[-1], palette.far, palette.near, palette.sky[0], palette.glow]
    own = [named(word) for word in brief.colours]
    ground = (
        mix(own[0], named("white"), 0.86) if "dark" not in brief.tones else mix(own[0], named("black"), 0.85)
    )
    made = [
        ground,
        own[0],
        shifted(own[-1], light=-0.22),
        own[len(own) // 2],
        shifted(own[-1], light=0.12, hue=18),
    ]
    return [shifted(colour, chroma=0.0) for colour in made] if "mono" in brief.tones else made


def ribbons(canvas: Canvas, tones: list[Colour]) -> None:
    """Lay long waves over each other, each shaded like folded silk."""
    rows = np.linspace(0, 1, canvas.height)
    canvas.wash(gradient((tones[0], mix(tones[0], tones[1], 0.3)), rows))
    count = 9
    tilt = canvas.rng("tilt").uniform(-0.25, 0.25)
    for index in range(count):
        rng = canvas.rng(f"ribbon{index}")
        middle = canvas.height * (0.12 + 0.88 * index / count)
        swing = noise.line(rng, canvas.width, waves=1.1, octaves=2, gain=0.35) * canvas.unit * 0.15
        edge = (middle + swing + np.linspace(-1, 1, canvas.width) * tilt * canvas.unit).astype(np.float32)
        tone = tones[1 + index % 4]
        top, bottom = canvas.span(edge)
        if bottom - top < 2:
            continue
        deep = np.arange(top, bottom, dtype=np.float32)[:, None] - edge[None, :]
        share = np.exp(-deep.clip(0, None) / np.float32(canvas.unit * 0.13))
        light, dark = shifted(tone, light=0.10), shifted(tone, light=-0.10)
        shadow = np.exp(-(((deep + canvas.unit * 0.012) / np.float32(canvas.unit * 0.028)) ** 2)) * (deep < 1)
        canvas.blend(shifted(tone, light=-0.3, chroma=0.6), shadow * np.float32(0.22), top=top)
        canvas.blend(
            dark[:, None, None] + (light - dark)[:, None, None] * share, (deep + 0.5).clip(0, 1), top=top
        )


def marble(canvas: Canvas, tones: list[Colour]) -> None:
    """Pour paints that were stirred: noise bent by noise, with veins of light."""
    width, height = canvas.width // 2, canvas.height // 2
    rng = canvas.rng("marble")
    long = width / min(width, height)
    first = noise.field(rng, width, height, across=2.2 * long, down=2.2 * height / width * long, octaves=4)
    second = noise.field(rng, width, height, across=2.2 * long, down=2.2 * height / width * long, octaves=4)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(min(width, height))
    u = ((x + 0.42 * first) * 300).astype(int) % 512
    v = ((y + 0.42 * second) * 300).astype(int) % 512
    base = noise.field(rng, 512, 512, across=4, down=4, octaves=4, gain=0.5)
    value = base[v, u] + 0.35 * first
    value = (value - value.min()) / np.ptp(value)
    table = gradient(
        (tones[2], tones[3], tones[1], tones[0], tones[4], tones[1], tones[2]), np.linspace(0, 1, 512)
    )
    veins = np.exp(-((np.mod(value * 7, 1) - 0.5) ** 2) / 0.0016)
    full = noise.stretched(value.astype(np.float32), canvas.width, canvas.height)
    canvas.pixels[:] = table[:, (full * 511).clip(0, 511).astype(np.int32)]
    canvas.shine(
        tones[0], noise.stretched(veins.astype(np.float32) * np.float32(0.35), canvas.width, canvas.height)
    )


def fields(canvas: Canvas, tones: list[Colour]) -> None:
    """Hang soft-edged fields of colour over one another."""
    rng = canvas.rng("fields")
    ground = mix(tones[2], tones[1], 0.3)
    canvas.wash(np.repeat(ground[:, None], canvas.height, 1))
    cuts = np.sort(rng.uniform(0.25, 0.8, 2))
    spans = [(0.06, cuts[0] - 0.02), (cuts[0] + 0.02, cuts[1] - 0.02), (cuts[1] + 0.02, 0.94)]
    for index, (top, bottom) in enumerate(spans):
        cloud = noise.field(rng, canvas.width // 4, canvas.height // 4, across=9, down=9, octaves=4, gain=0.6)
        cloud = noise.stretched(cloud, canvas.width, canvas.height) * np.float32(0.014)
        x = np.linspace(0, 1, canvas.width, dtype=np.float32)[None, :] + cloud
        y = np.linspace(0, 1, canvas.height, dtype=np.float32)[:, None] + cloud
        soft = np.float32(60)
        inside = (
            ((x - 0.07) * soft).clip(0, 1)
            * ((0.93 - x) * soft).clip(0, 1)
            * ((y - top) * soft).clip(0, 1)
            * ((bottom - y) * soft).clip(0, 1)
        )
        tone = (tones[1], tones[4], tones[3])[index]
        canvas.blend(tone, inside * (np.float32(0.90) + cloud * 9).clip(0, 1))


def geometry(canvas: Canvas, tones: list[Colour]) -> None:
    """Balance circles, arcs, bars and lines."""
    rng = canvas.rng("geometry")
    canvas.wash(np.repeat(tones[0][:, None], canvas.height, 1))
    w, h, unit = canvas.width, canvas.height, canvas.unit
    inks = [ink(tone) for tone in tones]

    def draw(pen: Pen) -> None:
        x, y, r = w * rng.uniform(0.36, 0.64), h * rng.uniform(0.34, 0.55), unit * rng.uniform(0.22, 0.30)
        pen.oval(x, y, r, r, inks[1])
        pen.oval(x + r * 0.2, y - r * 0.15, r * 0.62, r * 0.62, inks[4])
        pen.oval(x + r * 0.2, y - r * 0.15, r * 0.26, r * 0.26, inks[2])
        _half(
            pen,
            w * rng.uniform(0.15, 0.35),
            h * rng.uniform(0.62, 0.8),
            unit * 0.19,
            float(rng.uniform(0, 6.3)),
            inks[3],
        )
        _half(
            pen,
            w * rng.uniform(0.65, 0.85),
            h * rng.uniform(0.6, 0.82),
            unit * 0.15,
            float(rng.uniform(0, 6.3)),
            inks[2],
        )
        for index in range(5):
            _bar(
                pen,
                w * rng.uniform(0.1, 0.9),
                h * rng.uniform(0.1, 0.9),
                unit * rng.uniform(0.14, 0.5),
                unit * rng.uniform(0.006, 0.035),
                float(rng.choice([-0.6, -0.6, 0.97, 0.0])),
                inks[1 + index % 4],
            )
        a, b = w * rng.uniform(0.62, 0.82), h * rng.uniform(0.08, 0.2)
        for row in range(5):
            for column in range(5):
                pen.oval(
                    a + column * unit * 0.034, b + row * unit * 0.034, unit * 0.007, unit * 0.007, inks[2]
                )
        for index in range(3):
            r2 = unit * (0.36 + 0.035 * index)
            pen.draw.arc(
                pen._at([(x - r2, y - r2), (x + r2, y + r2)]),
                200 + 20 * index,
                310,
                fill=inks[2],
                width=max(int(unit * 0.005), 2),
            )

    canvas.picture(draw)


def _half(pen: Pen, x: float, y: float, radius: float, turn: float, tone: tuple[int, int, int]) -> None:
    angles = np.linspace(turn, turn + np.pi, 40)
    pen.area([(float(x + radius * np.cos(a)), float(y + radius * np.sin(a))) for a in angles], tone)


def _bar(
    pen: Pen, x: float, y: float, long: float, wide: float, turn: float, tone: tuple[int, int, int]
) -> None:
    c, s = float(np.cos(turn)), float(np.sin(turn))
    corners = [(-long / 2, -wide / 2), (long / 2, -wide / 2), (long / 2, wide / 2), (-long / 2, wide / 2)]
    pen.area([(x + u * c - v * s, y + u * s + v * c) for u, v in corners], tone)


MANNERS = (
    (("geometr", "kandinsky", "bauhaus", "circle", "shape", "suprematis", "mondrian", "cubis"), geometry),
    (("fluid", "marble", "swirl", "liquid", "smoke", "pour", "psychedel"), marble),
    (("rothko", "field", "minimal", "texture"), fields),
    (("wave", "ribbon", "silk", "flow", "curve", "fold"), ribbons),
)
