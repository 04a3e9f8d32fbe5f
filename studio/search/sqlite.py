"""The index of words on SQLite: FTS5, whose entries lie in the order of time and are read one by one.

So the newest few of a common word cost what those of a rare one do.
"""

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from studio.models import Gallery, Image, User
from studio.models.images import ImageQuerySet
from studio.models.runs import AsKept
from studio.prepared import prepared
from studio.search.match import WHOLE, Beginning, Match
from studio.search.parse import Term

IMAGES = "studio_image_fts"
OF_IMAGES = "SELECT image_id FROM studio_image_fts WHERE studio_image_fts MATCH %s"
OF_PROMPTS = "SELECT prompt_id FROM studio_prompt_fts WHERE studio_prompt_fts MATCH %s"


def images(match: Match) -> Q:
    """Return what picks all pictures that match."""
    return Q(pk__in=RawSQL(OF_IMAGES, [_of_images(match)]))  # noqa: S611


def prompts(terms: list[Term]) -> Q:
    """Return what picks all prompts that say these terms."""
    return Q(pk__in=RawSQL(OF_PROMPTS, [" AND ".join(map(_said, terms))]))  # noqa: S611


def prompts_near(terms: list[Term]) -> Q:
    """Return the same for rows that are looked through one by one: by the words themselves, as the index has them."""
    said = Concat(Value(" "), "words", Value(" "))
    found = (StrIndex(said, Value(f" {' '.join(term.words)}{' ' * term.whole}")) for term in terms)
    return Q(*(GreaterThan(place, 0) for place in found))


def walk(
    rows: ImageQuerySet, match: Match, size: int, *, least: UUID, most: UUID, newest: bool
) -> list[UUID]:
    """Return the first few of the rows that match, from `most` down or from `least` up."""
    found = _walked(rows, *_asked(match, least, most), newest)
    return list(found.values_list("pk", flat=True)[:size])


def walk_view(
    view: Gallery, user: User, match: Match, size: int, *, least: UUID, most: UUID, newest: bool
) -> list[UUID]:
    """Return the same of a view of the gallery."""
    return _of_view(user, *_asked(match, least, most), view=view, size=size, newest=newest)


def begin_view(view: Gallery, user: User, match: Match, size: int, *, least: UUID, most: UUID) -> Beginning:
    """Return the first few of a view of the gallery; what they are found among is counted on the way.

    To find a phrase costs as much for one page as for all of it, so that it is looked for once.
    """
    sql, params = _all_of_view.sql(user, *_asked(match, least, most), view=view)
    with connection.cursor() as cursor:  # a thousand rows through the ORM take half a millisecond
        found = [key for (key,) in cursor.execute(sql, params).fetchall()]
    keys = [UUID(key) for key in found[:size]]
    ends = [*keys[:1], *map(UUID, found[-1:])] if len(found) < WHOLE else None
    return Beginning(keys, len(found), ends)


@prepared
def _all_of_view(
    user: User, query: str, low: int, high: int, least: str, most: str, *, view: Gallery
) -> QuerySet[Image, str]:
    rows = _walked(Image.objects.in_gallery(view, user), query, low, high, least, most, newest=True)
    return rows.values_list(AsKept("pk"), flat=True)[:WHOLE]


@prepared
def _of_view(
    user: User,
    query: str,
    low: int,
    high: int,
    least: str,
    most: str,
    *,
    view: Gallery,
    size: int,
    newest: bool,
) -> QuerySet[Image, UUID]:
    rows = _walked(Image.objects.in_gallery(view, user), query, low, high, least, most, newest)
    return rows.values_list("pk", flat=True)[:size]


def count(rows: ImageQuerySet, match: Match, size: int, *, least: UUID, most: UUID) -> int:
    """Return how many of the rows match, at most `size`."""
    return _walked(rows, *_asked(match, least, most), newest=True)[:size].count()


def count_view(view: Gallery, user: User, match: Match, size: int, *, least: UUID, most: UUID) -> int:
    """Return the same of a view of the gallery."""
    return len(_each_of_view(user, *_asked(match, least, most), view=view, size=size))


@prepared
def _each_of_view(
    user: User, query: str, low: int, high: int, least: str, most: str, *, view: Gallery, size: int
) -> QuerySet[Image, Any]:
    rows = _walked(Image.objects.in_gallery(view, user), query, low, high, least, most, newest=True)
    return rows.values_list(Value(1, output_field=Field()))[:size]


def _asked(match: Match, least: UUID, most: UUID) -> tuple[str, int, int, str, str]:
    return _of_images(match), place_of(least), place_of(most), least.hex, most.hex


def _walked(
    rows: ImageQuerySet, query: str, low: int, high: int, least: str, most: str, newest: bool
) -> QuerySet[Image]:
    bounds = [
        '"studio_image_fts"."rowid" BETWEEN %s AND %s',
        'CAST("studio_image"."id" AS TEXT) BETWEEN %s AND %s',
    ]
    return rows.order_by().extra(  # noqa: S610
        tables=[IMAGES],
        where=[
            '"studio_image_fts" MATCH %s',
            '"studio_image"."id" = "studio_image_fts"."image_id"',
            *bounds,
        ],
        params=[query, low, high, least, most],
        order_by=[f"{'-' if newest else ''}{IMAGES}.rowid"],
    )


def place_of(pk: UUID) -> int:
    """Return where the entry of a picture lies, by the first bits of its id, as the migration has it."""
    digits = pk.hex
    return min(int(digits[1:12] + digits[13:18], 16), (1 << 63) - 1)


def _of_images(match: Match) -> str:
    asked = [f"facts : ({' OR '.join(map(_word, group))})" for group in match.facts]
    asked += [f"said : {_said(term)}" for term in match.terms if not term.without]
    without = [f"said : {_said(term)}" for term in match.terms if term.without]
    query = " AND ".join(asked or ["facts : any"])
    return f"({query}) NOT ({' OR '.join(without)})" if without else query


def _word(word: str) -> str:
    return f'"{word}"'


def _said(term: Term) -> str:
    phrase = _word(" ".join(term.words))
    return phrase if term.whole else f"{phrase} *"
