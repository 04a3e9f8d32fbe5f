"""Dry media: pencil with hatching, engraving, chalk."""

from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.colour import hexed
from studio.sandbox.painter.wet import luminance


def contours(light: np.ndarray, unit: int, *, fine: float = 1.0) -> np.ndarray:
    """Return lines (0 to 1) where brightness changes: the difference of a narrow and a wide blur."""
    image = Image.fromarray((light * 255).clip(0, 255).astype(np.uint8))
    half = fine >= 1.5  # broad lines lose nothing at half the size
    image = image.reduce(2) if half else image
    radius = max(unit / 1024, 0.5) * fine / (1 + half)
    narrow = np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32)
    wide = np.asarray(image.filter(ImageFilter.GaussianBlur(radius * 2.2)), np.float32)
    lines = ((wide - narrow - np.float32(0.6)) * np.float32(0.14)).clip(0, 1)
    return noise.stretched(lines, light.shape[1], light.shape[0]) if half else lines


def pencil(canvas: Canvas) -> None:
    """Draw contours and hatch the shadows, the darker the more directions."""
    width, height = canvas.width, canvas.height
    light = _levels(luminance(canvas.pixels))
    lines = contours(light, canvas.unit, fine=1.2)
    tone = (1 - light).clip(0, 1)
    graphite = lines * np.float32(0.85)
    for index, (start, strength) in enumerate(((0.12, 0.62), (0.42, 0.62), (0.68, 0.7))):
        hatch = noise.tiled(_hatch(index), width, height)
        graphite += ((tone - np.float32(start)) * np.float32(2.2)).clip(0, 1) * hatch * np.float32(strength)
    tooth = noise.tiled(noise.paper(), width, height)
    graphite += tone * tone * (np.float32(0.34) + tooth * np.float32(0.16))
    graphite = (graphite * (np.float32(0.92) + tooth * np.float32(0.30))).clip(0, 0.93)
    _on_paper(canvas, graphite, ink=hexed("#2e2f36"), paper=hexed("#f7f4ec"), keep=0.14)


def engraving(canvas: Canvas) -> None:
    """Engrave: contours, and level lines that swell where it is dark."""
    width, height = canvas.width, canvas.height
    light = _levels(luminance(canvas.pixels))
    tone = (1 - light).clip(0, 1)
    rows = np.arange(height, dtype=np.float32)[:, None]
    sway = noise.field(canvas.rng("engraving"), width // 8, height // 8, across=3, down=3, octaves=2)
    phase = (
        rows
        + noise.stretched(sway, width, height) * np.float32(canvas.unit * 0.012)
        + light * np.float32(canvas.unit * 0.010)
    ) / np.float32(max(canvas.unit / 145, 3))
    wave = np.abs(np.mod(phase, 1) - np.float32(0.5)) * 2
    swollen = ((tone * np.float32(0.92) - wave) * 4 + np.float32(0.2)).clip(0, 1) * (tone > 0.1)
    lines = np.maximum(swollen * np.float32(0.92), contours(light, canvas.unit, fine=1.5))
    blue = "blueprint" in canvas.brief.prompt.lower()
    ink, paper = ("#e8f1fb", "#1c3f78") if blue else ("#1b1d24", "#f6f2e7")
    if blue:
        lines = np.maximum(contours(light, canvas.unit, fine=1.6), swollen * np.float32(0.25))
    _on_paper(canvas, lines, ink=hexed(ink), paper=hexed(paper), keep=0.0)


def chalk(canvas: Canvas) -> None:
    """Rub chalk over toothed paper: the ground shows through in grains and strokes."""
    width, height = canvas.width, canvas.height
    tooth = noise.tiled(noise.paper(), width, height) + noise.tiled(_hatch(0), width, height) * np.float32(
        0.5
    )
    cover = ((tooth + np.float32(0.9)) * np.float32(1.3)).clip(0.15, 1)
    ground = hexed("#3a3733")
    canvas.pixels = (
        ground[:, None, None] + (canvas.pixels * np.float32(1.06) - ground[:, None, None]) * cover
    ).clip(0, 1)


def _levels(light: np.ndarray) -> np.ndarray:
    """Return brightness spread from the picture's own dark to its own light."""
    low, high = np.percentile(light[::8, ::8], (2, 98))
    return ((light - np.float32(low)) / np.float32(max(high - low, 0.15))).clip(0, 1)


def _on_paper(canvas: Canvas, marks: np.ndarray, *, ink: np.ndarray, paper: np.ndarray, keep: float) -> None:
    """Replace the picture by marks on paper; `keep` tints the paper with what was there."""
    tooth = 1 + noise.tiled(noise.paper(), canvas.width, canvas.height) * np.float32(0.015)
    for channel in range(3):
        ground = paper[channel] * tooth
        if keep:
            ground = ground * (1 - np.float32(keep) * (1 - canvas.pixels[channel]))
        canvas.pixels[channel] = ground + (ink[channel] - ground) * marks


@cache
def _hatch(direction: int, side: int = 512) -> np.ndarray:
    """Return a tile of parallel, uneven pencil strokes (0 to 1); it joins at its edges."""
    rng = np.random.default_rng(17 + direction)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    step = ((1, 1), (-1, 1), (1, 3))[direction]
    across = (x * step[0] + y * step[1]) * np.float32((64, 58, 34)[direction] / side)
    rough = rng.standard_normal((side // 16, side // 16)).astype(np.float32)
    wobble = noise.grown(np.pad(rough, 2, mode="wrap"), side + 32, side + 32)[16:-16, 16:-16]
    wave = np.cos((across + wobble * np.float32(0.10)) * np.float32(2 * np.pi)) * np.float32(
        0.5
    ) + np.float32(0.5)
    pressure = (np.float32(0.75) + wobble * np.float32(0.22)).clip(0.2, 1)
    return (wave**2.2 * pressure).astype(np.float32)
