"""Compares two texts word by word."""

import functools
import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

PIECE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]|[^\W_]+(?:['’\-][^\W_]+)*|\s+|.", re.DOTALL
)
"""A word, a sign of a script that puts no spaces between words, white space, or a mark."""

KIN = 0.2
"""So much of their words two texts share of which one came from the other."""


@dataclass(frozen=True)
class Part:
    """A stretch of text that both have, or only the earlier (gone) or the later one (new)."""

    kind: str
    text: str


def words_of(text: str) -> list[str]:
    """Return the words of a text, in lower case."""
    return [
        piece.lower()
        for piece in PIECE.findall(text)
        if piece.isalnum() or (len(piece) > 1 and not piece.isspace())
    ]


def are_kin(one: str, other: str) -> bool:
    """Say whether two texts share enough words for one to have come from the other."""
    here, there = Counter(words_of(one)), Counter(words_of(other))
    both = sum((here & there).values())
    return 2 * both >= KIN * (here.total() + there.total()) and both > 0


def difference(earlier: str, later: str) -> list[Part]:
    """Return both texts as one, in parts: what stayed, what is gone, what is new."""
    before, after = PIECE.findall(earlier), PIECE.findall(later)
    parts: list[Part] = []
    for same, (start, end), (new_start, new_end) in _stretches(before, after):
        gone, new = "".join(before[start:end]), "".join(after[new_start:new_end])
        kinds = (("same", gone),) if same else (("gone", gone), ("new", new))
        parts += [Part(kind, text) for kind, text in kinds if text]
    return parts


def _stretches(before: list[str], after: list[str]) -> list[tuple[bool, list[int], list[int]]]:
    """Return what is the same and what is not, with its bounds; changes with only a space between them are one."""
    found: list[tuple[bool, list[int], list[int]]] = []
    for tag, *bounds in SequenceMatcher(None, before, after).get_opcodes():
        same, old, new = tag == "equal", list(bounds[:2]), list(bounds[2:])
        joins = (
            found
            and "".join(before[old[0] : old[1]]).isspace()
            and new[1] < len(after)
            and old[1] < len(before)
        )
        if found and not found[-1][0] and (not same or joins):
            found[-1][1][1], found[-1][2][1] = old[1], new[1]
        else:
            found.append((same, old, new))
    return found


@functools.lru_cache(256)  # the history tells it of each prompt, each time it is opened
def words_that_differ(one: str, other: str) -> int:
    """Count the words that one text has and the other has not, on the side that has more of them."""
    here, there = Counter(words_of(one)), Counter(words_of(other))
    return max((here - there).total(), (there - here).total())


def shortened(parts: list[Part], around: int = 4) -> list[Part]:
    """Return a difference with only a few words left of what stayed on either side of a change."""
    last = len(parts) - 1
    return [
        _cut(part, at > 0, at < last, around) if part.kind == "same" else part
        for at, part in enumerate(parts)
    ]


def _cut(part: Part, follows: bool, precedes: bool, around: int) -> Part:
    pieces = PIECE.findall(part.text)
    keep = 2 * around  # a word and the space after it
    head, tail = keep * follows, keep * precedes
    if len(pieces) <= head + tail + 2:
        return part
    end = "".join(pieces[len(pieces) - tail :]) if tail else ""
    return Part("same", f"{''.join(pieces[:head])}…{end}")
