"""Chance with a memory: smooth noise in one and two dimensions, always the same for the same generator."""

from functools import cache

import numpy as np
from PIL import Image


def line(
    rng: np.random.Generator,
    length: int,
    *,
    waves: float,
    octaves: int = 5,
    gain: float = 0.5,
    sharp: bool = False,
) -> np.ndarray:
    """Return `length` values around 0 (about -1 to 1): `waves` bumps, each octave finer and smaller by `gain`.

    A sharp line has corners, a plain one is smooth.
    """
    total, size = np.zeros(length), 1.0
    at = np.linspace(0, 1, length)
    for octave in range(octaves):
        knots = max(int(waves * 2**octave), 1) + 3
        where = at * (knots - 3) + rng.uniform(0, 0.9)
        values = rng.uniform(-1, 1, knots)
        total += size * (np.interp(where, np.arange(knots), values) if sharp else _smooth(values, where))
        size *= gain
    return total.astype(np.float32)


def _smooth(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return a cosine-eased walk through the values."""
    base = np.floor(at).astype(int)
    part = at - base
    part = part * part * (3 - 2 * part)
    return values[base] * (1 - part) + values[base + 1] * part


def field(
    rng: np.random.Generator,
    width: int,
    height: int,
    *,
    across: float,
    down: float,
    octaves: int = 4,
    gain: float = 0.5,
) -> np.ndarray:
    """Return a (height, width) field around 0: `across` by `down` bumps in its coarsest octave."""
    total, size = np.zeros((height, width), np.float32), 1.0
    for octave in range(octaves):
        columns, rows = int(across * 2**octave) + 3, int(down * 2**octave) + 3
        if columns > 2 * width or rows > 2 * height:
            break
        grid = rng.uniform(-1, 1, (rows, columns)).astype(np.float32) * np.float32(size)
        total += grown(grid, width, height)
        size *= gain
    return total


def grown(small: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a small field enlarged smoothly."""
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def stretched(small: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a small field enlarged with straight lines between its values: fast, for what is smooth already."""
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR))


@cache
def grain(side: int = 512) -> np.ndarray:
    """Return a tile of fine noise with a deviation of 1, the same in every picture."""
    return np.random.default_rng(7).standard_normal((side, side), np.float32)


@cache
def paper(side: int = 512) -> np.ndarray:
    """Return a tile of cold-pressed paper around 0, about -1 to 1, that joins at its edges."""
    rng = np.random.default_rng(11)
    total = np.zeros((side, side), np.float32)
    for radius, size in ((1.2, 0.7), (3.0, 1.0), (9.0, 0.45)):
        total += size * _wrapped_blur(rng.standard_normal((side, side)), radius)
    return total / np.float32(total.std() * 2)


@cache
def canvas_weave(side: int = 512) -> np.ndarray:
    """Return a tile of woven linen around 0, about -1 to 1."""
    rng = np.random.default_rng(13)
    y, x = np.mgrid[0:side, 0:side]
    weave = np.sin(x * 2 * np.pi / 4) * np.sin(y * 2 * np.pi / 4)
    return (0.5 * weave + 0.5 * _wrapped_blur(rng.standard_normal((side, side)), 1.0) * 2).astype(np.float32)


def _wrapped_blur(values: np.ndarray, radius: float) -> np.ndarray:
    y, x = np.fft.fftfreq(values.shape[0])[:, None], np.fft.rfftfreq(values.shape[1])[None, :]
    soft = np.fft.irfft2(
        np.fft.rfft2(values) * np.exp(-2 * (np.pi * radius) ** 2 * (x * x + y * y)), values.shape
    )
    return (soft / soft.std()).astype(np.float32)


def tiled(tile: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the tile repeated over a whole picture."""
    rows, columns = -(-height // tile.shape[0]), -(-width // tile.shape[1])
    return np.tile(tile, (rows, columns))[:height, :width]
