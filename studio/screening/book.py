"""All rules in one automaton: which of them a text meets, and where."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import re2

from studio.screening.folding import Folded, as_typed, fold, unstretched
from studio.screening.terms import Sought, Unsearchable, options, pattern_of, words_of

MEMORY = 64 << 20
"""Bytes that the automaton of all terms may grow to; it is bounded, and starts anew when they are used up."""

CANARY = "\ue000\ue001"
"""What every set holds and no person writes: a set that cannot run is found when it is made, not when it is asked."""


type Span = tuple[int, int]


@dataclass(frozen=True)
class Spec:
    """A rule as the search needs it: its words and patterns, the fields it reads, and whether it lets words through."""

    key: Hashable
    words: Sequence[str] = ()
    patterns: Sequence[str] = ()
    fields: frozenset[str] = frozenset({"prompt"})
    allows: bool = False


@dataclass(frozen=True, order=True)
class Hit:
    """One place in a text as typed, from `start` up to `end`, and the rule's word or pattern that stands there."""

    field: str
    start: int
    end: int
    key: Hashable = None
    term: str = ""


class Book:
    """Rules in their order: for each word of a text the first rule that finds it decides, be it that it is allowed."""

    def __init__(self, specs: Iterable[Spec] = ()) -> None:
        self.specs = list(specs)
        self._words = _Terms()
        self._patterns = _Terms()
        for place, spec in enumerate(self.specs):
            self._words.add(place, map(words_of, spec.words))
            self._patterns.add(place, map(pattern_of, spec.patterns))
        self._words.close()
        self._patterns.close()

    def __bool__(self) -> bool:
        return bool(self.specs)

    def screen(self, texts: Mapping[str, str]) -> list[Hit]:
        """Return what the rules find in the texts of some fields, by field and place."""
        return sorted(
            (hit for field, text in texts.items() if text for hit in self._screen(field, text)),
            key=lambda hit: (hit.field, hit.start, hit.end),
        )

    def _screen(self, field: str, text: str) -> Iterable[Hit]:
        found = self._found(text)
        taken: list[Span] = []
        for place in sorted(found):
            spec = self.specs[place]
            if field not in spec.fields:
                continue
            mine = _outer({span: term for span, term in found[place].items() if not _lies_in(span, taken)})
            taken += mine
            if not spec.allows:
                yield from (Hit(field, *span, spec.key, term) for span, term in mine.items())

    def _found(self, text: str) -> dict[int, dict[Span, str]]:
        """Return the places of each rule's terms; patterns see the text folded, and as it was typed."""
        folded = fold(text)
        found: dict[int, dict[Span, str]] = {}
        for reading in (folded, unstretched(folded, 1), unstretched(folded, 2)):
            if reading is not None:
                self._words.find(reading, found)
        self._patterns.find(folded, found)
        if not text.isascii():
            self._patterns.find(as_typed(text), found)
        return found


class _Terms:
    """Terms of many rules, searched together: the set says which are there, and only those are looked up."""

    def __init__(self) -> None:
        self.terms: list[tuple[int, Sought]] = []
        chosen = options()
        chosen.max_mem = MEMORY
        self.set = re2.Set.SearchSet(chosen)

    def add(self, place: int, terms: Iterable[Sought]) -> None:
        for term in terms:
            self.set.Add(term.sieve)
            self.terms.append((place, term))

    def close(self) -> None:
        self.set.Add(CANARY)
        self.set.Compile()
        if self.set.Match(CANARY) is None:
            raise Unsearchable("too_much")

    def find(self, text: Folded, found: dict[int, dict[Span, str]]) -> None:
        for index in self.set.Match(text.text) or () if self.terms else ():
            if index < len(self.terms):
                place, term = self.terms[index]
                for span in term.places(text):
                    found.setdefault(place, {}).setdefault(span, term.said)


def _outer(spans: dict[Span, str]) -> dict[Span, str]:
    """Return the places that lie in no larger one."""
    longest = sorted(spans, key=lambda span: span[0] - span[1])
    kept: list[Span] = []
    for span in longest:
        if not _lies_in(span, kept):
            kept.append(span)
    return {span: spans[span] for span in kept}


def _lies_in(span: Span, taken: list[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in taken)
