"""Text as the index holds it, and what a person types into a search box, as terms."""

import re
import unicodedata
from dataclasses import dataclass

TERMS = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
WORD = re.compile(r"[^\W_]+")
UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f])"
)
"""Letters of scripts that put no space between words (Thai, Lao, Burmese, Khmer, kana, Han): each is a word."""


@dataclass(frozen=True)
class Term:
    """Words that stand side by side; `without` them, or the last one as the beginning of a word."""

    words: tuple[str, ...]
    without: bool = False
    whole: bool = False


def terms_of(text: str) -> list[Term]:
    """Return the terms of a text: words, "phrases" and -those that must not be there; nothing else is a language."""
    found = []
    for minus, phrase, word in TERMS.findall(text):
        if words := tuple(words_in(phrase or word)):
            found.append(Term(words, without=bool(minus), whole=bool(minus or phrase)))
    return found


def words_in(text: str) -> list[str]:
    """Return the words of a text without case and accents, as both databases index them."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        bare = "".join(letter for letter in apart if unicodedata.category(letter) != "Mn")
        text = UNSPACED.sub(r" \1 ", unicodedata.normalize("NFC", bare))
    return WORD.findall(text.casefold())


def indexed(*texts: str) -> str:
    """Return what the index keeps of some texts."""
    return " ".join(words_in(" ".join(texts)))
