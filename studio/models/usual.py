"""How long a model usually takes: learned from its last runs, for each shape and number of pictures (PRODUCT §2.1)."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

LEAST = 3
"""So many runs of one shape and number tell more than all runs of the model together."""

MOST_KEPT = 24
"""Shapes and numbers that are kept of one model: its row is read with every card."""

ALL = ""

Run = tuple[Mapping[str, Any], int, float]
"""What a request asked for, for how many pictures, and how many milliseconds it took."""


@dataclass(frozen=True)
class Usual:
    """Milliseconds: the median, and what nine of ten runs stay below."""

    median_ms: int
    late_ms: int

    @property
    def seconds(self) -> int:
        return max(1, round(self.median_ms / 1000))

    @property
    def late(self) -> int:
        """From here on it takes longer than usual; never before the usual time is over."""
        return max(self.seconds, math.ceil(self.late_ms / 1000))


def key_of(settings: Mapping[str, Any], n: int) -> str:
    """Name the shape and the number of pictures that are asked for at once."""
    shape = [str(settings.get(name, "")) for name in ("size", "aspect_ratio", "image_size")]
    return f"{' '.join(filter(None, shape))}*{n}"[:60]


def learned(runs: Iterable[Run]) -> dict[str, list[int]]:
    """Return what is kept of some runs, the newest first: of all of them, and of what was asked for often enough."""
    groups: dict[str, list[float]] = {ALL: []}
    for settings, n, took in runs:
        groups[ALL].append(took)
        groups.setdefault(key_of(settings, n), []).append(took)
    often = {key: times for key, times in groups.items() if len(times) >= LEAST or key == ALL}
    return {key: _summary(times) for key, times in list(often.items())[: MOST_KEPT + 1] if times}


def usual_of(times: Mapping[str, list[int]], settings: Mapping[str, Any], n: int) -> Usual | None:
    """Return what is usual for this shape and number, else for the model; nothing before it has drawn."""
    found = times.get(key_of(settings, n)) or times.get(ALL)
    return Usual(*found) if found else None


def _summary(times: list[float]) -> list[int]:
    late = quantiles(times, n=10, method="inclusive")[-1] if len(times) > 1 else times[0]
    return [round(median(times)), round(late)]
