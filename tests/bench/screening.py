"""How long the rules take: 500 of them over prompts of 2,000 characters, plain and disguised."""

import random
import statistics
import string
import time

from studio.screening import Book, Spec

RULES, LENGTH, PROMPTS = 500, 2000, 200


def words(count: int, seed: int) -> list[str]:
    """Made-up words of 3 to 11 letters, the same each time."""
    dice = random.Random(seed)
    return ["".join(dice.choices(string.ascii_lowercase, k=dice.randint(3, 11))) for _ in range(count)]


def prompts(vocabulary: list[str], *, hits: list[str] = (), accent: bool = False) -> list[str]:  # type: ignore[assignment]
    """Texts of LENGTH characters, with some of the sought words in them."""
    dice = random.Random(7)
    made = []
    for _ in range(PROMPTS):
        text = " ".join([*dice.sample(hits, min(3, len(hits))), *dice.choices(vocabulary, k=400)])
        made.append((text.replace("a", "á") if accent else text)[:LENGTH])
    return made


def book() -> Book:
    """RULES rules: words, phrases of two, and one pattern in ten."""
    found = words(2 * RULES, 1)
    return Book(
        Spec(
            number,
            [f"{found[number]} {found[number + RULES]}" if number % 3 == 0 else found[number]],
            [rf"\b{found[number]}[a-z]{{0,4}}\d+"] if number % 10 == 0 else [],
        )
        for number in range(RULES)
    )


def milliseconds(one: Book, texts: list[str]) -> dict[str, float]:
    """Return the median, the 99th in a hundred and the first, which finds an automaton that has seen nothing."""
    took = []
    for text in texts:
        began = time.perf_counter()
        one.screen({"prompt": text})
        took.append((time.perf_counter() - began) * 1000)
    names = {
        "p50_ms": statistics.median(took),
        "p99_ms": sorted(took)[int(len(took) * 0.99)],
        "first_ms": took[0],
    }
    return {name: round(value, 2) for name, value in names.items()}
