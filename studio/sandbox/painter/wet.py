"""Wet media: watercolour and ink that bleed on paper, oil in strokes on canvas."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas, Pen
from studio.sandbox.painter.colour import hexed


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Return the brightness of channels-first colours."""
    return pixels[0] * np.float32(0.3) + pixels[1] * np.float32(0.59) + pixels[2] * np.float32(0.11)


def watercolour(canvas: Canvas) -> None:
    """Let the picture bleed, pool at its edges, granulate, and end in a ragged border of bare paper."""
    _bleed(canvas, reach=0.0032)
    _pigment(canvas, lift=0.10, pool=2.6, blotch=0.30, tooth=0.15)
    _border(canvas, paper=hexed("#faf7f0"), margin=0.035)


def ink_wash(canvas: Canvas) -> None:
    """Let ink bleed far into wet paper and leave much of it bare."""
    _bleed(canvas, reach=0.0055)
    rows = np.linspace(0, 1, canvas.height, dtype=np.float32)[:, None]
    bare = ((rows - np.float32(0.78)) * 3.2).clip(0, 0.75)
    canvas.blend(hexed("#efece3"), np.repeat(bare, canvas.width, 1))
    if not canvas.brief.accents and not canvas.brief.colours:
        canvas.pixels[:] = luminance(canvas.pixels)
    _pigment(canvas, lift=0.04, pool=3.2, blotch=0.34, tooth=0.13)
    _seal(canvas)


def _seal(canvas: Canvas) -> None:
    """Stamp a small red seal."""
    side, x, y = canvas.unit * 0.036, canvas.width * 0.065, canvas.height * 0.90

    def draw(pen: Pen) -> None:
        pen.box(x, y, x + side, y + side)
        for bar in (0.2, 0.48, 0.76):
            pen.box(x + side * 0.16, y + side * (bar - 0.05), x + side * 0.84, y + side * (bar + 0.04), 0)
        pen.box(x + side * 0.46, y + side * 0.1, x + side * 0.55, y + side * 0.9, 0)

    canvas.shape(canvas.stencil(draw, rows=(y - 2, y + side + 2)), hexed("#b3261e"), alpha=0.88)


def _bleed(canvas: Canvas, *, reach: float) -> None:
    """Move every point a little, each region its own way, so that no edge stays straight."""
    width, height, size = canvas.width, canvas.height, canvas.unit * reach
    rng = canvas.rng("bleed")
    rows, columns = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None, :]
    across, long = 16 * width / canvas.unit, 16 * height / canvas.unit
    small = [
        noise.field(rng, width // 2, height // 2, across=across, down=long, octaves=4, gain=0.7)
        for _ in range(2)
    ]
    moved = [noise.stretched(part, width, height) for part in small]
    down = (rows + moved[0] * np.float32(size)).clip(0, height - 1).astype(np.int32)
    aside = (columns + moved[1] * np.float32(size)).clip(0, width - 1).astype(np.int32)
    flat = down * width + aside
    canvas.pixels = np.stack([channel.ravel()[flat] for channel in canvas.pixels])


def _pigment(canvas: Canvas, *, lift: float, pool: float, blotch: float, tooth: float) -> None:
    """Make the colours pigment on paper: uneven, darker where a wash ended."""
    width, height = canvas.width, canvas.height
    light = Image.fromarray((luminance(canvas.pixels) * 255).clip(0, 255).astype(np.uint8))
    small = light.reduce(2)
    near = np.asarray(small.filter(ImageFilter.GaussianBlur(max(canvas.unit / 1000, 0.5))), np.float32)
    wide = np.asarray(small.filter(ImageFilter.GaussianBlur(canvas.unit / 220)), np.float32)
    pooled = noise.stretched(
        ((wide - near) / np.float32(255)).clip(-0.06, 0.14) * np.float32(pool), width, height
    )
    cloud = noise.field(canvas.rng("blotch"), width // 4, height // 4, across=5, down=5, octaves=5, gain=0.62)
    thick = 1 + noise.stretched(cloud, width, height) * np.float32(blotch) + pooled
    thick += noise.tiled(noise.paper(), width, height) * np.float32(tooth)
    canvas.pixels = (1 - (1 - canvas.pixels) * (thick * np.float32(1 - lift))).clip(0, 1)


def _border(canvas: Canvas, *, paper: np.ndarray, margin: float) -> None:
    """Leave the paper bare around the picture, with a darker rim where the wash stopped."""
    width, height, unit = canvas.width // 2, canvas.height // 2, canvas.unit / 2
    rng = canvas.rng("border")
    ragged = noise.field(
        rng, width, height, across=9 * width / unit, down=9 * height / unit, octaves=5, gain=0.42
    )
    x = np.minimum(np.arange(width), np.arange(width)[::-1])[None, :] / np.float32(unit)
    y = np.minimum(np.arange(height), np.arange(height)[::-1])[:, None] / np.float32(unit)
    inside = np.minimum(x, y).astype(np.float32) - np.float32(margin) + ragged * np.float32(0.010)
    rim = np.exp(-(((inside - 0.004) / np.float32(0.005)) ** 2)) * np.float32(0.16)
    canvas.pixels *= 1 - noise.stretched(rim, canvas.width, canvas.height)
    bare = noise.stretched((0.5 - inside * 150).clip(0, 1), canvas.width, canvas.height)
    tooth = 1 + noise.tiled(noise.paper(), canvas.width, canvas.height) * np.float32(0.012)
    canvas.blend(paper[:, None, None] * tooth, bare)


def oil(canvas: Canvas) -> None:
    """Build the picture from strokes: broad ones first, small ones where there is detail, lit as raised paint."""
    picture = canvas.image()
    scale = 2
    sheet = picture.resize((canvas.width * scale, canvas.height * scale), Image.Resampling.BILINEAR)
    angles, busy = _flow(picture, canvas.unit)
    rng = canvas.rng("strokes")
    pixels = np.asarray(picture)
    area = canvas.width * canvas.height / canvas.unit**2
    for long, wide, count, fine in (
        (0.050, 0.017, 1500, 0.0),
        (0.032, 0.0095, 2600, 0.15),
        (0.018, 0.0055, 2600, 0.5),
    ):
        _strokes(
            sheet,
            rng,
            pixels,
            angles,
            busy,
            long=long * canvas.unit,
            wide=wide * canvas.unit,
            count=int(count * area),
            fine=fine,
        )
    _relief(canvas, sheet)


def _flow(picture: Image.Image, unit: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the direction of strokes (along edges) and how much happens there, at a quarter of the size."""
    small = picture.convert("L").reduce(4).filter(ImageFilter.GaussianBlur(unit / 240))
    light = np.asarray(small, np.float32)
    down, across = np.gradient(light)
    busy = np.hypot(down, across)
    angles = np.arctan2(across, -down) + (busy < 0.6) * 0.5
    return angles, (busy / 9).clip(0, 1)


def _strokes(
    sheet: Image.Image,
    rng: np.random.Generator,
    pixels: np.ndarray,
    angles: np.ndarray,
    busy: np.ndarray,
    *,
    long: float,
    wide: float,
    count: int,
    fine: float,
) -> None:
    height, width = pixels.shape[:2]
    x, y = rng.integers(0, width, count), rng.integers(0, height, count)
    kept = (
        rng.random(count)
        < (1 - fine)
        + fine * 2.2 * busy[(y // 4).clip(0, busy.shape[0] - 1), (x // 4).clip(0, busy.shape[1] - 1)]
    )
    x, y = x[kept], y[kept]
    turn = angles[(y // 4).clip(0, busy.shape[0] - 1), (x // 4).clip(0, busy.shape[1] - 1)] + rng.normal(
        0, 0.22, len(x)
    )
    tone = (
        (pixels[y, x].astype(np.float32) * rng.normal(1, 0.055, (len(x), 1)) + rng.normal(0, 4, (len(x), 1)))
        .clip(0, 255)
        .astype(int)
    )
    half = long * rng.uniform(0.6, 1.2, len(x)) / 2
    ends = (
        np.stack(
            [
                x - np.cos(turn) * half,
                y - np.sin(turn) * half,
                x + np.cos(turn) * half,
                y + np.sin(turn) * half,
            ],
            1,
        )
        * 2
    )
    draw, thick = ImageDraw.Draw(sheet), max(int(wide * 2), 2)
    for line, colour in zip(ends.tolist(), tone.tolist(), strict=True):
        draw.line(line, fill=tuple(colour), width=thick)


def _relief(canvas: Canvas, sheet: Image.Image) -> None:
    """Light the paint from the upper left and let the linen show."""
    canvas.width, canvas.height, canvas.unit = sheet.width, sheet.height, min(sheet.size)
    canvas.load(sheet)
    light = luminance(canvas.pixels)
    raised = np.zeros_like(light)
    raised[2:, 2:] = light[2:, 2:] - light[:-2, :-2]
    raised = raised.clip(-0.16, 0.16) * np.float32(-0.55) + noise.tiled(
        noise.canvas_weave(), canvas.width, canvas.height
    ) * np.float32(0.012)
    canvas.pixels += raised
