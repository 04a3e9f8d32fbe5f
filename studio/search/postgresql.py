"""The index of words on PostgreSQL: GIN, which answers with everything that matches, in no order.

For a rare word that is next to nothing; for a common one it is everything, while the newest rows are full of it. So the
planner is asked first how common it takes it to be, which it knows from the latest ANALYZE.
"""

import functools
import time
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.sql.compiler import SQLCompiler

from studio.models import Gallery, Image, User
from studio.models.images import ImageQuerySet
from studio.prepared import prepared
from studio.search.match import WHOLE, Beginning, Match
from studio.search.parse import Term

FARTHEST = 10_000
"""Rows that are looked through one by one, some 2 µs each, before the index is asked after all."""


GUESS = (
    "EXPLAIN (FORMAT JSON) SELECT 1 FROM studio_image WHERE entry @@ %s::tsquery "
    "UNION ALL SELECT 1 FROM studio_image"
)
"""How many rows the planner believes to match, and to be there; nothing is read."""

MINUTE = 60


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
    query = _of_images(match)
    found = _near(rows.filter(pk__gte=least, pk__lte=most), query, size, newest)
    return list(_by_index(rows, query, least, most, newest)[:size]) if found is None else found


def walk_view(
    view: Gallery, user: User, match: Match, size: int, *, least: UUID, most: UUID, newest: bool
) -> list[UUID]:
    """Return the same of a view of the gallery, and more where the index has found them all anyway."""
    query = _of_images(match)
    rows = Image.objects.in_gallery(view, user).filter(pk__gte=least, pk__lte=most)
    found = _near(rows, query, size, newest)
    if found is not None:
        return found
    return _of_view_by_index(user, query, least, most, view=view, size=max(size, WHOLE), newest=newest)


def begin_view(view: Gallery, user: User, match: Match, size: int, *, least: UUID, most: UUID) -> Beginning:
    """Return the first few of a view of the gallery, and what else is known then."""
    return Beginning.of(walk_view(view, user, match, size, least=least, most=most, newest=True), size)


@prepared
def _of_view_by_index(
    user: User, query: str, least: UUID, most: UUID, *, view: Gallery, size: int, newest: bool
) -> QuerySet[Image, UUID]:
    return _by_index(Image.objects.in_gallery(view, user), query, least, most, newest)[:size]


def _by_index(
    rows: ImageQuerySet, query: str, least: UUID, most: UUID, newest: bool
) -> QuerySet[Image, UUID]:
    """Return what matches, in an order that no index has.

    Else the planner would walk along the ids for a word that is hardly ever there.
    """
    found = rows.filter(Matches(F("words"), query), pk__gte=least, pk__lte=most)
    found = found.annotate(place=Cast("pk", TextField())).order_by("-place" if newest else "place")
    return found.values_list("pk", flat=True)


def count(rows: ImageQuerySet, match: Match, size: int, *, least: UUID, most: UUID) -> int:
    """Return how many of the rows match, at most `size`."""
    query = _of_images(match)
    rows = rows.filter(pk__gte=least, pk__lte=most)
    found = _near(rows, query, size, newest=True)
    if found is not None:
        return len(found)
    return rows.filter(Matches(F("words"), query)).order_by()[:size].count()


def count_view(view: Gallery, user: User, match: Match, size: int, *, least: UUID, most: UUID) -> int:
    """Return the same of a view of the gallery."""
    return count(Image.objects.in_gallery(view, user), match, size, least=least, most=most)


def worth_looking(query: str, size: int) -> int:
    """Return among how many of the first rows so many that match may be expected, 0 where the index is sooner done."""
    matching, rows = guess(query, int(time.time() // MINUTE))
    return most_looked_at(size, rows, matching)


@functools.lru_cache(1024)
def guess(query: str, minute: int) -> tuple[int, int]:
    """Return how many rows match and how many there are, as the planner takes it to be: asked once a minute.

    One page asks three times; and by what the planner believes a way is chosen, never a row.
    """
    with connection.cursor() as cursor:
        cursor.execute(GUESS, [query])
        (plan,) = cursor.fetchone()
    matching, rows = (each["Plan Rows"] for each in plan[0]["Plan"]["Plans"])
    return matching, rows


def most_looked_at(size: int, rows: int, matching: int) -> int:
    """The same for what the planner knows; no more rows than the index would have to find and sort."""
    most = min(matching, FARTHEST)
    return most if size * rows < matching * most else 0


def _near(rows: ImageQuerySet, query: str, size: int, newest: bool) -> list[UUID] | None:
    """Return the first few that match by looking through the first rows; None if that is not the way to find them."""
    most = worth_looking(query, size)
    if not most:
        return None
    rows = rows.order_by("-pk" if newest else "pk")
    some = rows.annotate(said=Matches(F("words"), query)).values_list("pk", "said")[:most]
    sql, params = some.query.sql_with_params()
    with connection.cursor() as cursor:  # the inner statement ends as soon as the outer one has enough
        cursor.execute(f"SELECT near.pk FROM ({sql}) AS near WHERE near.said LIMIT %s", [*params, size])  # noqa: S608
        found = [pk for (pk,) in cursor]
    return found if len(found) == size else None


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
