"""What a person types into a search box, as terms."""

import re
from dataclasses import dataclass

TERMS = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Term:
    """Words that stand side by side; `without` them, or the last one as the beginning of a word."""

    words: tuple[str, ...]
    without: bool = False
    whole: bool = False


def terms_of(text: str) -> list[Term]:
    """Return the terms of a text: words, "phrases" and -those that must not be there; nothing else is a language."""
    found = []
    for minus, phrase, word in TERMS.findall(text.lower()):
        words = tuple(WORD.findall(phrase or word))
        if words:
            found.append(Term(words, without=bool(minus), whole=bool(minus or phrase)))
    return found
