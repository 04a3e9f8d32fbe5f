"""The lines of the land, seen from afar: where the summits are, how high it is between them, how its ridges run."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from studio.sandbox.painter import noise
from studio.sandbox.painter.canvas import Canvas


@dataclass(frozen=True, kw_only=True)
class Range:
    """One line of land; per column: its height (in units), its summit's column, and that summit's ridge's drift."""

    heights: np.ndarray
    summit: np.ndarray
    drift: np.ndarray

    def crest_rows(self, edge: np.ndarray) -> np.ndarray:
        """Return per column the row of its summit."""
        return edge[self.summit.clip(0, len(edge) - 1).astype(np.int32)]


def make(kind: str, rng: np.random.Generator, canvas: Canvas, depth: float) -> Range:
    """Return a range of the kind asked for; `depth` is 0 for the farthest and 1 for the nearest."""
    return KINDS[kind](rng, canvas, depth)


def _summits(rng: np.random.Generator, canvas: Canvas, *, gap: float, spread: float = 0.28) -> np.ndarray:
    """Return columns of summits about `gap` units apart, also a little outside the picture."""
    step = gap * canvas.unit
    count = int(canvas.width / step) + 3
    return (
        (np.arange(count) - 1 + rng.uniform(0, 1)) * step + rng.uniform(-spread, spread, count) * step
    ).astype(np.float32)


def _range(
    rng: np.random.Generator,
    canvas: Canvas,
    heights: np.ndarray,
    tops: np.ndarray,
    owner: np.ndarray,
    drift: float,
) -> Range:
    drifts = rng.uniform(-drift, drift, len(tops))
    return Range(
        heights=heights.astype(np.float32), summit=tops[owner], drift=drifts[owner].astype(np.float32)
    )


def _alp(rng: np.random.Generator, canvas: Canvas, depth: float) -> Range:
    """Return sharp summits: the higher of many uneven triangles, roughened."""
    tops = np.concatenate([_summits(rng, canvas, gap=0.34 - 0.06 * depth), _summits(rng, canvas, gap=0.17)])
    small = np.arange(len(tops)) >= len(_summits(rng, canvas, gap=0.34 - 0.06 * depth))
    peak = (0.26 - 0.10 * depth) * np.where(
        small, rng.uniform(0.28, 0.62, len(tops)), rng.uniform(0.55, 1.15, len(tops))
    )
    left, right = rng.uniform(0.75, 1.5, (2, len(tops))) * (1 - 0.35 * depth)
    x = np.arange(canvas.width, dtype=np.float32)[None, :]
    away = (x - tops[:, None]) / canvas.unit
    bowl = np.where(away < 0, -away * left[:, None], away * right[:, None])
    flanks = peak[:, None] - bowl * (1 - 0.9 * bowl.clip(0, 0.5))
    owner = flanks.argmax(0)
    long = canvas.width / canvas.unit
    rough = noise.line(rng, canvas.width, waves=11 * long, octaves=6, gain=0.55, sharp=True)
    return _range(rng, canvas, flanks.max(0) + rough * 0.020, tops, owner, 0.55)


def _waves(rng: np.random.Generator, canvas: Canvas, heights: np.ndarray, *, drift: float) -> Range:
    """Return a smooth line whose own maxima are the summits."""
    inner = np.flatnonzero((heights[1:-1] > heights[:-2]) & (heights[1:-1] >= heights[2:])) + 1
    tops = inner if len(inner) else np.array([int(heights.argmax())])
    valleys = np.array([a + int(heights[a:b].argmin()) for a, b in pairwise(tops)], int)
    owner = np.searchsorted(valleys, np.arange(len(heights)))
    return _range(rng, canvas, heights, tops.astype(np.float32), owner, drift)


def _hill(rng: np.random.Generator, canvas: Canvas, depth: float) -> Range:
    long = canvas.width / canvas.unit
    soft = noise.line(rng, canvas.width, waves=(1.2 + 0.7 * depth) * long, octaves=2, gain=0.3)
    return _waves(rng, canvas, (0.10 + 0.03 * depth) * soft + 0.03, drift=0.5)


def _dune(rng: np.random.Generator, canvas: Canvas, depth: float) -> Range:
    """Return crests: each dune rises slowly and falls steeply."""
    long = canvas.width / canvas.unit
    walk = np.cumsum(1 + 0.6 * noise.line(rng, canvas.width, waves=1.5 * long, octaves=1))
    phase = (walk / walk[-1] * (1.2 + 0.3 * depth) * long + rng.uniform(0, 1)) % 1.0
    top = rng.uniform(0.55, 0.7)
    rise, fall = (phase / top).clip(0, 1), ((1 - phase) / (1 - top)).clip(0, 1)
    crest = np.where(phase < top, rise * rise * (2.2 - 1.2 * rise), fall**1.35)
    tall = 0.75 + 0.35 * noise.line(rng, canvas.width, waves=1.1 * long, octaves=1)
    return _waves(rng, canvas, (0.10 + 0.07 * depth) * crest * tall, drift=0.9)


def _mesa(rng: np.random.Generator, canvas: Canvas, depth: float) -> Range:
    """Return table mountains: flat tops, steep sides, rubble at the foot."""
    tops = _summits(rng, canvas, gap=0.36, spread=0.4)
    x = np.arange(canvas.width, dtype=np.float32)[None, :]
    half = rng.uniform(0.03, 0.15, len(tops))[:, None]
    jag = noise.line(rng, canvas.width, waves=30 * canvas.width / canvas.unit, octaves=4, sharp=True)
    away = (np.abs(x - tops[:, None]) / canvas.unit - half).clip(0, None) + jag * 0.008
    tall = rng.uniform(0.10, 0.27, len(tops))[:, None] * (1 - 0.35 * depth)
    wall = tall * (0.72 / (1 + np.exp((away - 0.012) / 0.004)) + 0.28 * np.exp(-away.clip(0, None) / 0.09))
    ground = 0.012 * noise.line(rng, canvas.width, waves=3, octaves=3)
    return _range(rng, canvas, wall.max(0) + ground + jag * 0.003, tops, wall.argmax(0), 0.15)


def _volcano(rng: np.random.Generator, canvas: Canvas, depth: float) -> Range:
    """Return one great cone at the back and hills before it."""
    if depth > 0:
        return _hill(rng, canvas, depth)
    x = np.arange(canvas.width) / canvas.unit
    centre = canvas.width / canvas.unit * rng.uniform(0.36, 0.64)
    cone = 0.42 * np.exp(-np.abs(x - centre) / 0.24) - 0.03
    mouth = 0.305 + 0.008 * noise.line(rng, canvas.width, waves=30, octaves=3)
    heights = np.minimum(cone, mouth) + 0.003 * noise.line(rng, canvas.width, waves=40, octaves=3)
    everywhere = np.zeros(canvas.width, int)
    return _range(rng, canvas, heights, np.array([centre * canvas.unit], np.float32), everywhere, 0.1)


KINDS = {"alp": _alp, "hill": _hill, "dune": _dune, "mesa": _mesa, "volcano": _volcano}
