"""The index of words on PostgreSQL: GIN, which answers with everything that matches, in no order.

For a rare word that is next to nothing; for a common one it is everything, while the newest rows are full of it. So the
planner is asked first how common it takes it to be, which it knows from the latest ANALYZE.
"""

import functools
import time
from collections.abc import Sequence
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

MATCHING = "SELECT * FROM studio_image WHERE entry @@ %s::tsquery OFFSET 0"
"""What matches, found before anything else is asked of it."""

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
    found = _near_in_view(view, user, query, size, least, most, newest=newest)
    if found is not None:
        return found
    return _of_view_by_index(user, query, least, most, view=view, size=max(size, WHOLE), newest=newest)


def begin_view(view: Gallery, user: User, match: Match, size: int, *, least: UUID, most: UUID) -> Beginning:
    """Return the first few of a view of the gallery, and what else is known then."""
    return Beginning.of(walk_view(view, user, match, size, least=least, most=most, newest=True), size)


@prepared(kept=False)  # what is best depends on how common the words are
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
    return _counted(rows, query, size)


def count_view(view: Gallery, user: User, match: Match, size: int, *, least: UUID, most: UUID) -> int:
    """Return the same of a view of the gallery."""
    query = _of_images(match)
    found = _near_in_view(view, user, query, size, least, most, newest=True)
    if found is not None:
        return len(found)
    if view == Gallery.TEAM:
        return _counted_of_team(query, *_of_team.sql(least, most, size=size))
    return _counted(Image.objects.in_gallery(view, user).filter(pk__gte=least, pk__lte=most), query, size)


def _counted(rows: ImageQuerySet, query: str, size: int) -> int:
    return rows.filter(Matches(F("words"), query)).order_by()[:size].count()


def _counted_of_team(query: str, sql: str, params: Sequence[Any]) -> int:
    """Return how many of the team's pictures match, found by the index of words alone.

    Left to itself the planner adds that of the team's pictures, as long as this is new and small, and then takes
    reading the table to be less: 17 ms for a common word instead of 2. Of a person's few pictures it knows better.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH studio_image AS ({MATCHING}) SELECT COUNT(*) FROM ({sql}) AS found",  # noqa: S608
            [query, *params],
        )
        (counted,) = cursor.fetchone()
    return int(counted)


@prepared(kept=False)
def _of_team(least: UUID, most: UUID, *, size: int) -> QuerySet[Image, UUID]:
    rows = Image.objects.seen_by_team().filter(pk__gte=least, pk__lte=most)
    return rows.order_by().values_list("pk", flat=True)[:size]


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
    return (
        _looked_through(*_in_order(rows, query, newest).query.sql_with_params(), most, size) if most else None
    )


def _near_in_view(
    view: Gallery, user: User, query: str, size: int, least: UUID, most: UUID, *, newest: bool
) -> list[UUID] | None:
    """Return the same of a view of the gallery."""
    some = worth_looking(query, size)
    if not some:
        return None
    sql, params = _view_in_order.sql(user, query, least, most, view=view, newest=newest)
    return _looked_through(sql, params, some, size)


@prepared(kept=False)
def _view_in_order(
    user: User, query: str, least: UUID, most: UUID, *, view: Gallery, newest: bool
) -> QuerySet[Image, Any]:
    rows = Image.objects.in_gallery(view, user).filter(pk__gte=least, pk__lte=most)
    return _in_order(rows, query, newest)


def _in_order(rows: ImageQuerySet, query: str, newest: bool) -> QuerySet[Image, Any]:
    rows = rows.order_by("-pk" if newest else "pk")
    return rows.annotate(said=Matches(F("words"), query)).values_list("pk", "said")


def _looked_through(sql: str, params: Sequence[Any], most: int, size: int) -> list[UUID] | None:
    with connection.cursor() as cursor:  # the inner statement ends as soon as the outer one has enough
        cursor.execute(
            f"SELECT near.pk FROM ({sql} LIMIT %s) AS near WHERE near.said LIMIT %s",  # noqa: S608
            [*params, most, size],
        )
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
