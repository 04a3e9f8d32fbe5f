"""A question to the index: terms that must be said, and facts of which one in each group must hold."""

from dataclasses import dataclass

from studio.search.parse import Term

WHOLE = 1001
"""Keys that an index which finds all that match at once may hand out, though fewer were asked for."""


@dataclass(frozen=True)
class Match:
    """What an entry of the index must hold. A fact is a letter and a value, as the migration of the index writes it."""

    terms: tuple[Term, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms or self.facts)
