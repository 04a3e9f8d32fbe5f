"""What is counted after each act: what was sent against what the relay saw, and what arrived against what is kept."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from django.core.files.storage import default_storage

from studio.models import Generation, State


@dataclass
class Ledger:
    """What the relay wrote down: how often it was asked for a prompt and answered whole, and with which pictures."""

    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    pictures: dict[str, list[str]] = field(default_factory=dict)


def read(path: Path) -> Ledger:
    ledger = Ledger()
    for event, prompt, *more in map(json.loads, path.read_text().splitlines()):
        if event == "asked":
            ledger.asked[prompt] += 1
            ledger.pictures.setdefault(prompt, []).extend(more[0])
        else:
            ledger.answered[prompt] += 1
    return ledger


@dataclass
class Count:
    """One act, or all of them: the first four should be equal, the last four nothing."""

    submitted: int = 0
    asked: int = 0
    answered: int = 0
    done: int = 0
    pictures: int = 0
    unknown: int = 0
    forgotten: int = 0
    twice: int = 0
    lost: int = 0
    unexplained: int = 0
    why: Counter[str] = field(default_factory=Counter)
    puzzles: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return self.forgotten + self.twice + self.lost + self.unexplained


def count(prompts: Iterable[str], ledger: Ledger, gone: set[str]) -> Count:
    """Count these prompts; `gone` are the generations that a machine had in its hands when it was lost for good."""
    texts = list(prompts)
    found = (
        Generation.objects.filter(prompt__text__in=texts).select_related("prompt").prefetch_related("images")
    )
    rows = {row.prompt.text: row for row in found}
    total = Count(submitted=len(texts))
    for text in texts:
        total.asked += ledger.asked[text]
        total.answered += ledger.answered[text]
        total.twice += max(0, ledger.asked[text] - 1)
        if text not in rows:
            total.forgotten += 1
        else:
            _count_row(total, rows[text], ledger, is_gone=str(rows[text].pk) in gone)
    return total


def _count_row(total: Count, row: Generation, ledger: Ledger, *, is_gone: bool) -> None:
    kept = sorted(image.sha256 for image in row.images.all())
    whole = kept == sorted(ledger.pictures.get(row.prompt.text, []))
    total.pictures += len(kept)
    if row.state == State.DONE:
        total.done += 1
        total.lost += not (whole and all(map(_is_stored, row.images.all())))
        return
    total.unknown += row.state == State.UNKNOWN
    total.why[row.reason or row.state] += 1
    total.lost += ledger.answered[row.prompt.text] > 0 and not is_gone
    if not (is_gone and row.state == State.UNKNOWN):
        total.unexplained += 1
        total.puzzles.append(str(row.pk))


def _is_stored(image: object) -> bool:
    """Tell whether the storage has just the bytes that the relay drew."""
    with default_storage.open(image.key) as file:  # type: ignore[attr-defined]
        return sha256(file.read()).hexdigest() == image.sha256  # type: ignore[attr-defined]
