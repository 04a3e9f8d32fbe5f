"""Folds a text to the plain letters it can be read as, and remembers where each of them stood."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from studio.screening.lookalikes import LATIN

MARKS = (
    (0x300, 0x36F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
)
"""Accents and other marks that may stand on a Latin letter. The vowel signs of other scripts are letters to them."""

HALF = re.compile("[\ud800-\udfff]")
STRETCHED = re.compile(r"([^\W\d_])\1\1")
STRETCHED_OR_ANY = re.compile(r"([^\W\d_])\1\1+|.", re.DOTALL)
"""No word of a language we know has the same letter three times in a row: "fuuuck"."""

BLANK = "\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5"
"""Letters and symbols that show nothing."""


@dataclass(frozen=True)
class Folded:
    """A text as it is searched; `starts[i]` is where its sign i began in the text as typed."""

    typed: str
    text: str
    starts: Sequence[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the typed text that some of the folded text came from, with the marks on its end."""
        last = self.starts[end - 1]
        after = bisect_right(self.starts, last)
        stop = self.starts[after] if after < len(self.starts) else len(self.typed)
        while (
            stop > last + 1 and fold_sign(self.typed[stop - 1]) == "" and not _is_mark(self.typed[stop - 1])
        ):
            stop -= 1  # what shows nothing belongs to a word only inside it
        return self.starts[start], stop


def fold(typed: str) -> Folded:
    """Fold case, width, accents, look-alikes, and drop what shows nothing; linear, and never raises."""
    if typed.isascii():
        return Folded(typed, typed.lower(), range(len(typed)))
    pieces: list[str] = []
    starts: list[int] = []
    for place, sign in enumerate(typed):
        plain = fold_sign(sign)
        pieces.append(plain)
        starts += [place] * len(plain)
    return Folded(typed, "".join(pieces), starts)


def as_typed(typed: str) -> Folded:
    """Return a text that is searched as it is, but for halves of signs, which no encoding takes."""
    return Folded(typed, HALF.sub("\ufffd", typed), range(len(typed)))


def unstretched(folded: Folded, left: int) -> Folded | None:
    """Leave so many of three or more of the same letter in a row; return None if nothing is stretched."""
    if not STRETCHED.search(folded.text):
        return None
    kept = [
        place
        for run in STRETCHED_OR_ANY.finditer(folded.text)
        for place in range(run.start(), min(run.end(), run.start() + (left if run[1] else 1)))
    ]
    text = "".join(folded.text[place] for place in kept)
    return Folded(folded.typed, text, [folded.starts[place] for place in kept])


@lru_cache(maxsize=8192)
def fold_sign(sign: str) -> str:
    """Return the plain letters of one sign; none for a mark and for what shows nothing."""
    if sign.isascii():
        return sign.lower()
    if _is_mark(sign) or sign in BLANK or unicodedata.category(sign) in {"Cf", "Cs", "Cc"}:
        return ""
    wide = unicodedata.normalize("NFKC", sign)
    bare = "".join(each for each in unicodedata.normalize("NFD", wide) if not _is_mark(each))
    plain = "".join(_letter(each) for each in bare)
    return unicodedata.normalize("NFC", plain)


def _letter(sign: str) -> str:
    small = sign.casefold()
    return LATIN.get(sign) or LATIN.get(small) or small


def _is_mark(sign: str) -> bool:
    code = ord(sign)
    return any(first <= code <= last for first, last in MARKS)
