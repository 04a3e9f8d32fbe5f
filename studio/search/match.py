"""A question to the index: terms that must be said, and facts of which one in each group must hold."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

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


@dataclass(frozen=True)
class Beginning:
    """The first few keys of all that match; how many match, and the first and last of them, where that is known.

    WHOLE stands for that and for more.
    """

    keys: list[UUID]
    count: int | None = None
    ends: list[UUID] | None = None

    @classmethod
    def of(cls, found: list[UUID], size: int) -> Self:
        """Read what an index found that was asked for the first few, and hands out more if it has them anyway."""
        if len(found) == size:
            return cls(found)
        if len(found) >= WHOLE:
            return cls(found[:size], WHOLE)
        return cls(found[:size], len(found), [*found[:1], *found[-1:]])
