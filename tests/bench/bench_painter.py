"""Measure the painter: prints one JSON line (milliseconds of one core, PNG included)."""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from studio.sandbox.painter import paint

SIDE = 1024
BUDGET = 250
PROMPTS = (
    "a mountain lake at dawn, low mist",
    "watercolour of a wildflower meadow in spring",
    "ink wash mountains, one red sun",
    "oil painting of a stormy sea",
    "woodblock print of mount fuji and the sea",
    "stained glass mountains at sunset",
    "northern lights over a frozen lake and mountains",
    "birch forest in autumn",
    "autumn forest",
    "pine forest in the mist",
    "a neon city street in the rain",
    "lavender field at sunset",
    "cherry blossom branch",
    "portrait of a woman, teal and gold",
    "still life with fruit, a vase of tulips and a candle",
    "a rocket among the stars, saturn",
    "pencil sketch of a lighthouse",
    "35mm photo of hot air balloons over a canyon",
    "pixel art castle at night",
    "abstract marble in cobalt and ochre",
)


def milliseconds(prompt: str, seed: int) -> float:
    """Return the processor time of one picture."""
    start = time.process_time()
    paint(prompt, width=SIDE, height=SIDE, seed=seed)
    return (time.process_time() - start) * 1000


def main() -> None:
    """Print the medians over three seeds per prompt."""
    for prompt in PROMPTS:
        paint(prompt, width=64, height=64, seed=0)  # imports and tiles are made once per process
    taken = {prompt: sorted(milliseconds(prompt, seed) for seed in (1, 2, 3))[1] for prompt in PROMPTS}
    slowest = max(taken, key=lambda prompt: taken[prompt])
    report = {
        "bench": "painter",
        "size": f"{SIDE}x{SIDE}",
        "median_ms": round(sorted(taken.values())[len(taken) // 2]),
        "max_ms": round(taken[slowest]),
        "slowest": slowest,
        "budget_ms": BUDGET,
        "within_budget": taken[slowest] <= BUDGET,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
