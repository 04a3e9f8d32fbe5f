"""Turns what a rule looks for into expressions.

A pattern is somebody's own, and only RE2 reads it: it takes linear time whatever it is given. The expression for words
is ours, and Python reads it; all terms together are sieved by RE2 first.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import re2

from studio.screening.folding import Folded, fold
from studio.screening.lookalikes import DISGUISES

NO_LETTER = r"[\W_]"
GAP = f"{NO_LETTER}+"
BEFORE, AFTER = f"(?:^|{NO_LETTER})", f"(?:$|{NO_LETTER})"
ROUGHLY = r"[^a-z]"
"""What stands for "no letter" in the sieve: every letter of the world takes a thousand times the room."""

SPACED = r"[\s._*/|\-]{1,3}"
"""What stands between the letters of a w.o.r.d that is spelled out."""

DISGUISED_FROM, SPELLED_FROM = 3, 4
"""Letters a word has at least before its digits and signs, or its spelling, count as a disguise: "A5" is no "as"."""

UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
"""Scripts that put no space between words, or join endings to them: there a word ends anywhere."""

MEMORY = 8 << 20


class Unsearchable(ValueError):
    """What was typed cannot be looked for; `rule` is why, `found` what RE2 says of it."""

    def __init__(self, rule: str, found: str = "") -> None:
        super().__init__(rule)
        self.rule, self.found = rule, found


class SoughtKind(StrEnum):
    """What a term is."""

    WORD = "word"
    PHRASE = "phrase"
    PATTERN = "pattern"


@dataclass(frozen=True)
class Sought:
    """One thing that is looked for, as it was written and as an expression."""

    kind: SoughtKind
    said: str
    source: str

    @property
    def sieve(self) -> str:
        """An expression for RE2 that finds all that `source` finds, and more, in much less room."""
        return self.source if self.kind == SoughtKind.PATTERN else self.source.replace(NO_LETTER, ROUGHLY)

    @cached_property
    def expression(self) -> Any:
        return (
            re2.compile(self.source, options())
            if self.kind == SoughtKind.PATTERN
            else re.compile(self.source)
        )

    @cached_property
    def needs_letter(self) -> bool:
        return any(sign.isalpha() for sign in self.said)

    def places(self, text: Folded) -> list[tuple[int, int]]:
        """Return where it stands in the text as typed, in order and without overlaps."""
        found, at = [], 0
        while (match := self.expression.search(text.text, at)) is not None:
            start, end = match.span(1)
            at = max(end, match.start() + 1)
            if start < end and self._counts(text.text[start:end]):
                found.append(text.place(start, end))
        return found

    def _counts(self, words: str) -> bool:
        """Say whether there is a letter in it: "455" is a number whatever it looks like."""
        return self.kind == SoughtKind.PATTERN or not self.needs_letter or any(map(str.isalpha, words))


def options() -> "re2.Options":
    """Return how every expression is read; nothing is written to the error output."""
    chosen = re2.Options()
    chosen.max_mem, chosen.log_errors = MEMORY, False
    return chosen


def words_of(line: str) -> Sought:
    """Return the term for a word, or for words that follow each other over any spaces and signs."""
    chunks = _chunks(line)
    parts = _parts(chunks, str)
    kind = kind_of(line)
    variants = dict.fromkeys(
        _joined(_parts(chunks, change)) for change in (str, str.lower, str.upper, str.capitalize)
    )
    core = "|".join([*variants, *_spelled(parts)])
    return Sought(kind, line, f"{_edge(parts[0][0], BEFORE)}({core}){_edge(parts[-1][-1], AFTER)}")


def kind_of(line: str) -> SoughtKind:
    """Say whether a line of words is one word or a phrase."""
    words = [part for part in _parts(_chunks(line), str) if any(map(str.isalnum, part))]
    return SoughtKind.PHRASE if len(words) > 1 else SoughtKind.WORD


def _chunks(line: str) -> list[str]:
    chunks = [chunk for chunk in line.split() if fold(chunk).text]
    if len(chunks) > 1:  # a sign between two words is part of the gap
        return [chunk for chunk in chunks if any(map(str.isalnum, chunk))] or chunks
    return chunks


def _parts(chunks: list[str], change: Callable[[str], str]) -> list[str]:
    return [part for chunk in chunks for part in _split(fold(change(chunk)).text)]


def pattern_of(line: str) -> Sought:
    """Return the term for a pattern, which disregards case."""
    return Sought(SoughtKind.PATTERN, line, f"((?i:{line}))")


def check_words(line: str) -> None:
    """Raise Unsearchable for a line that holds nothing to look for."""
    if not fold(line).text.strip():
        raise Unsearchable("nothing_to_find")


def check_pattern(line: str) -> None:
    """Raise Unsearchable for a pattern that RE2 does not take, or that is found everywhere."""
    try:
        alone = re2.compile(line, options())
        whole = pattern_of(line).expression
    except re2.error as error:
        found = error.args[0] if error.args else ""
        raise Unsearchable(
            "not_a_pattern", found.decode() if isinstance(found, bytes) else str(found)
        ) from None
    somewhere = whole.search("a b, 1")
    if alone.search("") or (somewhere and somewhere.span() == (somewhere.start(),) * 2):
        raise Unsearchable("found_everywhere")


def _split(chunk: str) -> list[str]:
    """Cut a chunk at the signs inside it; those on its edges stay ("c++", "@home", but o'brien in two)."""
    parts, letters = [""], [sign.isalnum() for sign in chunk]
    for place, sign in enumerate(chunk):
        if letters[place] or not (any(letters[:place]) and any(letters[place:])):
            parts[-1] += sign
        elif parts[-1]:
            parts.append("")
    return [part for part in parts if part]


def _joined(parts: list[str]) -> str:
    return GAP.join("".join(_disguised(sign, part) for sign in part) for part in parts)


def _disguised(sign: str, word: str) -> str:
    others = DISGUISES.get(sign, "") if len(word) >= DISGUISED_FROM else ""
    return f"[{sign}{re.escape(others)}]" if others else re.escape(sign)


def _spelled(parts: list[str]) -> list[str]:
    if len(parts) > 1 or len(parts[0]) < SPELLED_FROM or not parts[0].isalpha():
        return []
    return [SPACED.join(map(re.escape, parts[0]))]


def _edge(sign: str, boundary: str) -> str:
    """Ask for the end of a word where one can be told: not beside a sign, not in scripts without spaces."""
    if not sign.isalnum() or unicodedata.name(sign, "").startswith(UNSPACED):
        return ""
    return boundary
