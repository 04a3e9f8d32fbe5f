"""Printed media: flat posters, woodblock prints, pixels, coloured glass."""

import numpy as np
from PIL import Image, ImageFilter

from studio.sandbox.painter import drawn, noise
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.colour import hexed
from studio.sandbox.painter.wet import luminance


def reduced(image: Image.Image, colours: int) -> Image.Image:
    """Return the picture in its own few most important colours."""
    return _printed(np.asarray(image), _inks(image, colours))


def _inks(image: Image.Image, colours: int) -> np.ndarray:
    """Return (colours, 3) inks: the common colours, and some that are rare but far from all others (a red sun)."""
    small = image.resize((96, 96), Image.Resampling.BOX)
    common = small.quantize(colours - 3, method=Image.Quantize.MEDIANCUT).getpalette() or [0, 0, 0]
    inks = np.array(common, np.float32).reshape(-1, 3)[: colours - 3]
    samples = np.asarray(small, np.float32).reshape(-1, 3)
    for _ in range(3):
        inks = np.vstack([inks, samples[_distances(samples, inks).min(1).argmax()]])
    for _ in range(3):
        nearest = _distances(samples, inks).argmin(1)
        owned = [samples[nearest == index] for index in range(len(inks))]
        inks = np.array([part.mean(0) if len(part) else ink for part, ink in zip(owned, inks, strict=True)])
    return inks


def _distances(samples: np.ndarray, inks: np.ndarray) -> np.ndarray:
    return (samples**2).sum(1)[:, None] - 2 * samples @ inks.T + (inks**2).sum(1)[None, :]


def _printed(pixels: np.ndarray, inks: np.ndarray) -> Image.Image:
    """Return each pixel in its nearest ink, looked up in a cube of 32 steps per channel."""
    steps = np.arange(32, dtype=np.float32) * 8 + 4
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    nearest = _distances(cube, inks.astype(np.float32)).argmin(1).astype(np.uint8)
    place = pixels.astype(np.uint16) >> 3
    chosen = nearest[(place[..., 0] << 10) | (place[..., 1] << 5) | place[..., 2]]
    return Image.fromarray((inks + 0.5).clip(0, 255).astype(np.uint8)[chosen])


BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32)


def pixelated(image: Image.Image, *, side: int) -> Image.Image:
    """Return the picture with `side` pixels on its shorter side and 32 colours, as large as before."""
    share = side / min(image.size)
    tiny = image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.BOX)
    pattern = np.tile(BAYER, (tiny.height // 4 + 1, tiny.width // 4 + 1))[: tiny.height, : tiny.width]
    rough = (np.asarray(tiny, np.float32) + (pattern[..., None] - 7.5) * 0.9).clip(0, 255).astype(np.uint8)
    return _printed(rough, _inks(tiny, 32)).resize(image.size, Image.Resampling.NEAREST)


def poster(canvas: Canvas) -> None:
    """Print flat colours without shading, inside a margin of paper."""
    soft = canvas.image().filter(ImageFilter.BoxBlur(max(canvas.unit // 400, 1)))
    canvas.load(reduced(soft, 16).filter(ImageFilter.GaussianBlur(0.7)))
    speck = noise.tiled(noise.grain(), canvas.width, canvas.height)
    canvas.pixels += speck * np.float32(0.014) * (1 - luminance(canvas.pixels) * np.float32(0.6))
    _margin(canvas, hexed("#f5f0e4"), 0.042)


def _margin(canvas: Canvas, paper: np.ndarray, share: float) -> None:
    wide = int(canvas.unit * share)
    for part in (np.s_[:, :wide], np.s_[:, -wide:], np.s_[:, :, :wide], np.s_[:, :, -wide:]):
        canvas.pixels[part] = paper[:, None, None]


def woodblock(canvas: Canvas) -> None:
    """Print from blocks: few inks, dark contours, the grain of the wood, a graded sky."""
    width, height = canvas.width, canvas.height
    lines = drawn.contours(luminance(canvas.pixels), canvas.unit, fine=2.0)
    inked = reduced(canvas.image().reduce(2).filter(ImageFilter.BoxBlur(max(canvas.unit // 600, 1))), 10)
    canvas.load(inked.resize((width, height), Image.Resampling.BICUBIC))  # the contours hide the soft edges
    grain = noise.field(canvas.rng("wood"), width // 4, height // 2, across=3, down=120, octaves=2, gain=0.8)
    worn = noise.stretched(grain, width, height) * np.float32(0.05) + noise.tiled(
        noise.paper(), width, height
    ) * np.float32(0.035)
    canvas.pixels = (1 - (1 - canvas.pixels) * (1 + worn)).clip(0, 1)
    canvas.blend(hexed("#f1e6cf"), np.full((height, width), 0.12, np.float32))
    top = np.linspace(1, 0, height // 5, dtype=np.float32)[:, None] ** 1.6 * np.float32(0.6)
    canvas.blend(hexed("#1f3a63"), np.repeat(top, width, 1))
    canvas.blend(hexed("#1a1f2e"), (lines * np.float32(1.5)).clip(0, 0.9))
    _margin(canvas, hexed("#f1e6cf"), 0.03)


def stained_glass(canvas: Canvas) -> None:
    """Break the picture into panes held by lead; a mosaic when the prompt says so, facets when it says low poly."""
    width, height = canvas.width, canvas.height
    prompt = canvas.brief.prompt.lower()
    facets, mosaic = any(word in prompt for word in ("poly", "facet", "tessell")), "mosaic" in prompt
    pitch = canvas.unit / (52 if mosaic else 30 if facets else 24)
    rng = canvas.rng("glass")
    nearest, border, seeds = _cells(rng, width // 2, height // 2, pitch / 2)
    nearest = np.asarray(Image.fromarray(nearest).resize((width, height), Image.Resampling.NEAREST))
    border = noise.stretched(border * 2, width, height)
    small = np.asarray(canvas.image().filter(ImageFilter.BoxBlur(int(pitch / 9))), np.float32) / np.float32(
        255
    )
    at = (seeds * 2).astype(int).clip(0, (width - 1, height - 1))
    tone = (small[at[:, 1], at[:, 0]] * rng.normal(1, 0.08, (len(seeds), 1))).clip(0, 1).astype(np.float32)
    lead = np.zeros_like(border) if facets else _lead(canvas, border, pitch)
    share = np.float32(0.75 if facets else 0.55)
    glow = (
        1 if facets else 1 + np.float32(0.16) - np.exp(-border / np.float32(pitch * 0.3)) * np.float32(0.30)
    )
    joint = hexed("#e9e2d4" if mosaic else "#14141a")
    for channel in range(3):
        pane = (tone[:, channel][nearest] * share + small[..., channel] * (1 - share)) * glow
        canvas.pixels[channel] = (pane + (joint[channel] - pane) * lead).clip(0, 1)


def _lead(canvas: Canvas, border: np.ndarray, pitch: float) -> np.ndarray:
    """Return the joints: between panes, and along the contours of the picture."""
    edges = (drawn.contours(luminance(canvas.pixels), canvas.unit, fine=3.5) * 2 - np.float32(0.35)).clip(
        0, 1
    )
    return np.maximum(edges, 1 - ((border - np.float32(pitch * 0.03)) / np.float32(pitch * 0.035)).clip(0, 1))


def _cells(
    rng: np.random.Generator, width: int, height: int, pitch: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each pixel its cell and the distance to the cell's border, and the seeds (x, y)."""
    columns, rows = int(width / pitch) + 3, int(height / pitch) + 3
    grid = np.mgrid[0:rows, 0:columns].astype(np.float32)
    seeds = np.stack(
        [
            (grid[1] - 0.5 + rng.uniform(-0.36, 0.36, grid[1].shape)) * pitch,
            (grid[0] - 0.5 + rng.uniform(-0.36, 0.36, grid[0].shape)) * pitch,
        ],
        -1,
    ).astype(np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    row, column = (y / pitch + 0.5).astype(np.int32), (x / pitch + 0.5).astype(np.int32)
    best, second = np.full((height, width), 1e9, np.float32), np.full((height, width), 1e9, np.float32)
    nearest = np.zeros((height, width), np.int32)
    for down in (0, 1, -1):
        for aside in (0, 1, -1):
            r, c = (row + down).clip(0, rows - 1), (column + aside).clip(0, columns - 1)
            place = r * columns + c
            seed = seeds.reshape(-1, 2)[place]
            away = np.hypot(x - seed[..., 0], y - seed[..., 1])
            closer = (away < best) & (place != nearest)
            second = np.where(closer, best, np.where(place != nearest, np.minimum(second, away), second))
            nearest = np.where(closer, place, nearest)
            best = np.minimum(best, away)
    return nearest, second - best, seeds.reshape(-1, 2)
