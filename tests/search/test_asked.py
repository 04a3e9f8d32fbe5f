from dataclasses import fields
from datetime import date
from uuid import UUID

import pytest
from django.http import QueryDict

from studio.models import Gallery, Hue, Outline, Unit
from studio.search.asked import PARTS, Asked, Liking, Misasked
from studio.search.spans import Span

BOB = UUID("0199aaaa-0000-7000-8000-000000000001")
WHOLE = Asked(
    view=Gallery.TEAM,
    words='mountain "red sun" -city',
    person=BOB,
    relay=BOB,
    model=BOB,
    shape=Outline.PORTRAIT,
    colour=Hue.TEAL,
    since=date(2026, 3, 1),
    until=date(2026, 5, 31),
    liked=Liking.ANYONE,
    collection=BOB,
    tag="spring",
    stars=4,
    cost=Span(20_000, None, Unit.USD),
)


def test_from_query_reads_what_query_wrote():
    assert Asked.from_query(QueryDict(str(WHOLE))) == WHOLE
    assert str(Asked.from_query(QueryDict(str(WHOLE)))) == str(WHOLE)


def test_from_query_of_nothing_is_ones_own_gallery():
    assert Asked.from_query(QueryDict("")) == Asked(view=Gallery.MINE)
    assert Asked().query() == {"view": "mine"}


def test_from_query_leaves_out_what_is_empty_or_unknown():
    assert Asked.from_query(QueryDict("q=++&person=&page=7")) == Asked()


@pytest.mark.parametrize(
    "query",
    [
        "view=x",
        "person=bob",
        "since=yesterday",
        "colour=mauve",
        "shape=round",
        "liked=1",
        "stars=6",
        "stars=x",
        "cost=cheap",
        f"q={'a' * 201}",
    ],
)
def test_from_query_names_the_parts_that_cannot_be_read(query: str):
    with pytest.raises(Misasked) as told:
        Asked.from_query(QueryDict(query))

    assert told.value.fields == [query.partition("=")[0]]


def test_from_query_days_the_wrong_way_round_are_refused():
    with pytest.raises(Misasked) as told:
        Asked.from_query(QueryDict("since=2026-05-02&until=2026-05-01"))

    assert told.value.fields == ["until"]


def test_from_query_of_one_day_is_read():
    day = date(2026, 5, 1)

    assert Asked.from_query(QueryDict("since=2026-05-01&until=2026-05-01")) == Asked(since=day, until=day)


def test_parts_name_every_field():
    assert list(PARTS) == [each.name for each in fields(Asked)]


def test_but_changes_one_part():
    assert WHOLE.but(person=None).filters == [name for name in WHOLE.filters if name != "person"]


@pytest.mark.parametrize("part", ["q", "tag"])
def test_from_query_with_nul_is_refused(part):
    with pytest.raises(Misasked):
        Asked.from_query(QueryDict(f"{part}=a%00b"))
