"""What a rule marks in a text as it was typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from studio.models import Act, Generation
from studio.screening import Hit
from studio.services.screening.gate import READ, Findings, texts_of

LABELS = {"prompt": "", "negative_prompt": "Negative prompt"}
AROUND = 60
"""Characters that are shown before and behind marked words of a long text."""

LONG = 280


class Piece(NamedTuple):
    """Some of a text, and whether it is marked."""

    words: str
    marked: bool = False


@dataclass(frozen=True)
class Marked:
    """One text with its marks; `label` is empty for the prompt."""

    label: str
    pieces: list[Piece]


@dataclass(frozen=True)
class ScreenedCard:
    """What the writer reads, the texts with their marks, and the token with which a warning can be passed."""

    act: str
    sentence: str
    texts: list[Marked]
    token: str

    @property
    def tone(self) -> str:
        return "harm" if self.act == Act.BLOCK else "wait"


def screened_of(findings: Findings) -> ScreenedCard | None:
    """Return the card of what was found; none where nothing was."""
    if not findings:
        return None
    texts = [
        Marked(LABELS[field], pieces(findings.texts[field], spans(hits)))
        for field in READ
        if (hits := [hit for hit in findings.hits if hit.field == field])
    ]
    token = findings.token if findings.act == Act.WARN else ""
    return ScreenedCard(str(findings.act), str(findings.why), texts, token)


def held_texts(row: Generation, detail: dict[str, Any]) -> list[Marked]:
    """Return the texts because of which a run is held, with the marks that its case keeps."""
    kept = {"prompt": detail.get("matches", []), "negative_prompt": detail.get("negative", [])}
    texts = texts_of(row.prompt.text, row.settings)
    return [
        Marked(LABELS[field], pieces(texts[field], [(start, end) for start, end in kept[field]]))
        for field in READ
        if kept[field]
    ]


def spans(hits: Iterable[Hit]) -> list[tuple[int, int]]:
    """Return where hits begin and end."""
    return [(hit.start, hit.end) for hit in hits]


def pieces(text: str, marks: list[tuple[int, int]]) -> list[Piece]:
    """Cut a text at its marks; of a long one what is far from all of them is left out."""
    found: list[Piece] = []
    at = 0
    for start, end in _merged(marks):
        found += [_between(text, at, start), Piece(text[start:end], marked=True)]
        at = end
    found.append(_between(text, at, len(text)))
    return [piece for piece in found if piece.words]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join marks that overlap or touch."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _between(text: str, start: int, end: int) -> Piece:
    words = text[start:end]
    if len(text) <= LONG or len(words) <= 2 * AROUND:
        return Piece(words)
    if start == 0:
        return Piece("… " + words[-AROUND:])
    if end == len(text):
        return Piece(words[:AROUND] + " …")
    return Piece(f"{words[:AROUND]} … {words[-AROUND:]}")
