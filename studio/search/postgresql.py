"""The index of words on PostgreSQL: GIN, which answers with everything that matches, in no order.

For a rare word that is next to nothing; for a common one it is everything. So the newest rows are looked through first,
where a common word shows up soon, and the index is asked only for what is rarer.
"""

from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Q, TextField
from django.db.models.functions import Cast
from django.db.models.sql.compiler import SQLCompiler

from studio.models.images import ImageQuerySet
from studio.search.match import Match
from studio.search.parse import Term

LOOKED_THROUGH, FARTHEST = 2000, 20_000
"""Rows that are looked through, some 2 µs each, before the index is asked; and where it looks as if that would do."""


class Matches(Func):
    """Whether the entry of a row matches; the entry is a column that only the database knows, beside `words`."""

    output_field = BooleanField()

    def __init__(self, words: Any, query: str) -> None:
        super().__init__(words)
        self.query = query

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str, ...]]:
        (words,) = self.get_source_expressions()
        return f'{connection.ops.quote_name(words.alias)}."entry" @@ %s::tsquery', (self.query,)


def images(match: Match) -> Q:
    """Return what picks all pictures that match."""
    return Q(Matches(F("words"), _of_images(match)))


def prompts(terms: list[Term]) -> Q:
    """Return what picks all prompts that say these terms."""
    return Q(Matches(F("words"), " & ".join(map(_said, terms))))


prompts_near = prompts
"""An entry is looked at where it stands as well."""


def walk(
    rows: ImageQuerySet, match: Match, size: int, *, least: UUID, most: UUID, newest: bool
) -> list[UUID]:
    """Return the first few of the rows that match, from `most` down or from `least` up."""
    rows = rows.filter(pk__gte=least, pk__lte=most).order_by("-pk" if newest else "pk")
    found = _walked(rows, match, size, newest)
    if found is not None:
        return found
    # In an order that no index has: else the planner would walk along the ids for a word that is hardly ever there.
    all_of_them = rows.filter(images(match)).annotate(place=Cast("pk", TextField()))
    found_by_index = all_of_them.order_by("-place" if newest else "place").values_list("pk", flat=True)
    return list(found_by_index[:size])


def count(rows: ImageQuerySet, match: Match, size: int, *, least: UUID, most: UUID) -> int:
    """Return how many of the rows match, at most `size`."""
    rows = rows.filter(pk__gte=least, pk__lte=most).order_by("-pk")
    found = _walked(rows, match, size, newest=True)
    return rows.filter(images(match)).order_by()[:size].count() if found is None else len(found)


def _walked(rows: ImageQuerySet, match: Match, size: int, newest: bool) -> list[UUID] | None:
    """Return what the first rows hold if that is all that is wanted; farther ones are worth it for a common word."""
    keys, through, found = rows.values_list("pk", flat=True), LOOKED_THROUGH, []
    while through <= FARTHEST:
        end = keys[through : through + 1].first()
        near = keys.filter(Q(pk__gt=end) if newest else Q(pk__lt=end)) if end else keys
        found = list(near.filter(images(match))[:size])
        if end is None or len(found) == size:
            return found
        through = 3 * through * size // (2 * len(found)) if found else FARTHEST + 1
    return None


def _of_images(match: Match) -> str:
    asked = [f"({' | '.join(map(_fact, group))})" for group in match.facts]
    asked += [f"!{_said(term)}" if term.without else _said(term) for term in match.terms]
    if all(term.without for term in match.terms) and not match.facts:
        asked.append("'=any'")
    return " & ".join(asked)


def _fact(fact: str) -> str:
    return f"'={fact}'"


def _said(term: Term) -> str:
    *first, last = (f"'{word}'" for word in term.words)
    return f"({' <-> '.join([*first, last if term.whole else f'{last}:*'])})"
