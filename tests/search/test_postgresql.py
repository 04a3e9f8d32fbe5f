"""Which way PostgreSQL goes: along the newest pictures for a common word, by its index of words for a rare one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studio.cards import gallery
from studio.models import Gallery, Image
from studio.search import match, postgresql
from studio.search.asked import Asked
from studio.search.images import count, older
from tests.factories import make_generation, make_image

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks PostgreSQL's planner"),
]
MANY = 400


@pytest.fixture
def pictures(bob, model) -> list[Image]:
    """Many pictures of which each says a common word, and the oldest one a rare word too; all counted by ANALYZE."""
    first = make_image(bob, model, text="A lake with a heron", content=None)
    run = make_generation(bob, model, text="A lake")
    rows = [
        Image(
            generation=run, owner=bob, model=model, index=index + 1, key=f"originals/{index}.png", width=4, height=3,
            media_type="image/png", byte_size=1, sha256=f"{index:064x}", shared=True, words=f"a lake {index}",
        )
        for index in range(MANY - 1)
    ]  # fmt: skip
    images = [first, *Image.objects.bulk_create(rows)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE studio_image")
    postgresql.guess.cache_clear()
    return images


def asked_for(words: str, size: int, person) -> tuple[list, str]:
    """Return what is found, and the statements that found it."""
    with CaptureQueriesContext(connection) as asked:
        found = older(Asked(view=Gallery.TEAM, words=words), person, size)
    return found, " ".join(query["sql"] for query in asked.captured_queries)


def test_walk_looks_through_the_newest_for_a_common_word(pictures, bob):
    found, statements = asked_for("lake", 5, bob)

    assert found == sorted((image.pk for image in pictures), reverse=True)[:5]
    assert "AS near" in statements
    assert "::text DESC" not in statements


def test_walk_asks_the_index_for_a_rare_word(pictures, bob):
    found, statements = asked_for("heron", 5, bob)

    assert found == [pictures[0].pk]
    assert "AS near" not in statements
    assert "::text DESC" in statements


def test_walk_asks_the_index_where_a_common_word_is_far(pictures, bob):
    Image.objects.exclude(pk=pictures[0].pk).update(words="another word")  # since the planner counted

    found, statements = asked_for("lake", 5, bob)

    assert found == [pictures[0].pk]
    assert "AS near" in statements
    assert "::text DESC" in statements


def test_walk_ends_as_soon_as_it_has_enough(pictures, bob):
    _, statements = asked_for("lake", 5, bob)
    (walk,) = [each for each in statements.split("EXPLAIN") if "AS near" in each]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {walk[walk.index('SELECT near.pk') :]}")
        (plan,) = cursor.fetchone()
    scan = plan[0]["Plan"]
    while "Plans" in scan:
        (scan,) = scan["Plans"]

    assert scan["Actual Rows"] == 5


@pytest.mark.parametrize(("words", "number"), [("lake", 11), ("heron", 1), ("lake 7", 11), ("nowhere", 0)])
def test_count_says_how_many_up_to_so_many_whichever_way(pictures, bob, words, number):
    assert count(Asked(view=Gallery.TEAM, words=words), bob, 10) == number


@pytest.mark.parametrize(
    ("asked", "is_forced"),
    [
        (Asked(view=Gallery.TEAM, words="heron"), True),
        (Asked(view=Gallery.MINE, words="heron"), False),
        (Asked(view=Gallery.SEEN, words="heron"), False),
        (Asked(view=Gallery.TEAM, words="heron", stars=3), False),
    ],
)
def test_count_leaves_it_to_the_planner_how_few_pictures_are_found(pictures, bob, asked, is_forced):
    """Of the team's alone the index of words must be used; elsewhere that of a person finds less to look at."""
    Image.objects.filter(pk__in=[image.pk for image in pictures]).update(rating=300)

    with CaptureQueriesContext(connection) as statements:
        assert count(asked, bob, 10) == 1

    assert ("OFFSET 0" in statements.captured_queries[-1]["sql"]) == is_forced


def test_count_of_a_common_word_needs_no_index(pictures, bob):
    with CaptureQueriesContext(connection) as asked:
        count(Asked(view=Gallery.TEAM, words="lake"), bob, 10)

    assert "AS near" in asked.captured_queries[-1]["sql"]


def test_page_of_a_rare_word_asks_the_index_once_for_tiles_number_and_months(pictures, bob, monkeypatch):
    monkeypatch.setattr(gallery, "PAGE", 2)
    Image.objects.filter(pk__in=[image.pk for image in pictures[1:4]]).update(words="a heron")
    asked = Asked(view=Gallery.TEAM, words="heron")

    with CaptureQueriesContext(connection) as statements:
        page = gallery.page(asked, bob, None)
        around = gallery.around(asked, bob, page, None)

    assert (len(page["tiles"]), around["how_many"]) == (2, "4 pictures")
    assert (
        sum("@@" in each["sql"] for each in statements.captured_queries) == 2
    )  # with what the planner is asked


def test_page_of_a_common_word_asks_the_planner_once(pictures, bob):
    asked = Asked(view=Gallery.TEAM, words="lake")

    with CaptureQueriesContext(connection) as statements:
        gallery.around(asked, bob, gallery.page(asked, bob, None), None)

    assert sum(each["sql"].startswith("EXPLAIN") for each in statements.captured_queries) == 1


def test_page_of_more_than_are_handed_on_says_so(pictures, bob, monkeypatch):
    monkeypatch.setattr(gallery, "PAGE", 2)
    for module in (postgresql, match):
        monkeypatch.setattr(module, "WHOLE", 4)
    monkeypatch.setattr(gallery, "MOST_COUNTED", 3)
    Image.objects.filter(pk__in=[image.pk for image in pictures[1:5]]).update(words="a heron")
    asked = Asked(view=Gallery.TEAM, words="heron")

    around = gallery.around(asked, bob, gallery.page(asked, bob, None), None)

    assert around["how_many"] == "3+ pictures"


@pytest.mark.parametrize(
    ("size", "rows", "matching", "most"),
    [
        (50, 1_000_000, 500_000, postgresql.FARTHEST),
        (50, 1_000_000, 5, 0),
        (1000, 1_000_000, 20_000, 0),  # as far as one would look it is not seen a thousand times
        (1000, 1_000_000, 200_000, postgresql.FARTHEST),
        (50, 10_000, 400, 0),
        (50, 10_000, 1000, 1000),
        (50, 0, 0, 0),
    ],
)
def test_most_looked_at_weighs_the_walk_and_the_index(size, rows, matching, most):
    assert postgresql.most_looked_at(size, rows, matching) == most
