"""What a gallery finds, and that nobody finds what they may not see."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.cards import gallery
from studio.cards.gallery import chips
from studio.models import Comparison, Gallery, Generation, Hue, Image, Outline
from studio.search import postgresql
from studio.search.asked import Asked, Liking
from studio.search.images import count, newer, older, page, search
from studio.search.spans import Span
from studio.services import collections, images, ratings, tags
from tests.factories import make_comparison, make_image, make_old_image

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(bob, charlie, model) -> dict[str, Image]:
    return {
        "lake": make_image(bob, model, text="A mountain lake at dawn", width=1536, hue="blue"),
        "secret": make_image(bob, model, text="A secret lake", shared=False),
        "fox": make_image(charlie, model, text="A red fox", height=1536, hue="red"),
        "hidden": make_image(charlie, model, text="A hidden lake", shared=False),
        "trashed": make_image(charlie, model, text="A lost lake", trashed_at=timezone.now()),
        "held": make_image(charlie, model, text="A held lake", held_at=timezone.now()),
        "removed": make_image(charlie, model, text="A removed lake", removed_at=timezone.now()),
        "unusable": make_image(charlie, model, text="A broken lake", unusable=True),
    }


def found(kept: dict[str, Image], asked: Asked, person) -> set[str]:
    names = {image.pk: name for name, image in kept.items()}
    return {names[image.pk] for image in search(asked, person)}


@pytest.mark.parametrize(
    ("view", "words", "names"),
    [
        (Gallery.MINE, "", {"lake", "secret"}),
        (Gallery.MINE, "lake", {"lake", "secret"}),
        (Gallery.MINE, "fox", set()),
        (Gallery.TEAM, "", {"lake", "fox"}),
        (Gallery.TEAM, "lake", {"lake"}),
        (Gallery.TEAM, "hidden", set()),
        (Gallery.TEAM, "secret", set()),
        (Gallery.TRASH, "lake", set()),
        (Gallery.SEEN, "", {"lake", "secret", "fox"}),
        (Gallery.SEEN, "hidden", set()),
    ],
)
def test_search_finds_only_what_the_person_may_see(kept, bob, view, words, names):
    assert found(kept, Asked(view=view, words=words), bob) == names


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"shape": Outline.LANDSCAPE}, {"lake"}),
        ({"shape": Outline.PORTRAIT}, {"fox"}),
        ({"shape": Outline.SQUARE}, set()),
        ({"colour": Hue.RED}, {"fox"}),
        ({"words": "-fox"}, {"lake"}),
        ({"words": '"mountain lake"'}, {"lake"}),
        ({"words": "moun"}, {"lake"}),
        ({"words": '"lake mountain"'}, set()),
        ({"words": "fox", "shape": Outline.LANDSCAPE}, set()),
    ],
)
def test_search_finds_by_words_and_facts(kept, bob, asked, names):
    assert found(kept, Asked(view=Gallery.TEAM, **asked), bob) == names


def test_search_finds_by_person_model_and_relay(kept, bob, charlie, model):
    team = Asked(view=Gallery.TEAM)

    assert found(kept, team.but(person=charlie.pk), bob) == {"fox"}
    assert found(kept, team.but(model=model.pk), bob) == {"lake", "fox"}
    assert found(kept, team.but(relay=model.relay_id), bob) == {"lake", "fox"}
    assert found(kept, team.but(relay=bob.pk), bob) == set()


def test_search_of_favourites_finds_ones_own_and_anyones(kept, bob, charlie):
    images.favourite(image=kept["lake"], person=charlie, liked=True)
    team = Asked(view=Gallery.TEAM)

    assert found(kept, team.but(liked=Liking.ANYONE), bob) == {"lake"}
    assert found(kept, team.but(liked=Liking.MINE), bob) == set()
    assert found(kept, Asked(view=Gallery.FAVOURITES), charlie) == {"lake"}


def test_search_by_collection_finds_what_is_in_it_and_may_be_seen(kept, bob, charlie):
    row = collections.create(person=charlie, name="Lakes", audience="sees")
    collections.add(person=charlie, collection=row, images=[kept["hidden"].pk, kept["lake"].pk])

    assert found(kept, Asked(view=Gallery.TEAM, collection=row.pk), bob) == {"lake"}
    assert found(kept, Asked(view=Gallery.MINE, collection=row.pk), charlie) == {"hidden"}


def test_search_by_a_private_collection_of_another_is_like_one_that_never_was(kept, bob, charlie):
    row = collections.create(person=charlie, name="Lakes")
    collections.add(person=charlie, collection=row, images=[kept["lake"].pk])

    asked = Asked(view=Gallery.TEAM, collection=row.pk)
    assert (found(kept, asked, bob), found(kept, asked, charlie)) == (set(), {"lake"})
    assert [chip["label"] for chip in chips(asked, bob)] == ["in nobody knows"]
    assert [chip["label"] for chip in chips(asked.but(collection=bob.pk), bob)] == ["in nobody knows"]


def test_search_by_tag_finds_it_however_it_is_written_and_none_of_the_hidden(kept, bob, charlie):
    tags.add(person=charlie, images=[kept["fox"].pk, kept["hidden"].pk], names=["Quiet"])

    assert found(kept, Asked(view=Gallery.TEAM, tag=" QUIET"), bob) == {"fox"}
    assert found(kept, Asked(view=Gallery.MINE, tag="quiet"), charlie) == {"fox", "hidden"}
    assert found(kept, Asked(view=Gallery.TEAM, tag="qui"), bob) == set()


def test_search_by_stars_finds_so_many_and_more(kept, bob, charlie):
    for person, stars in ((bob, 4), (charlie, 5)):
        ratings.give(person=person, image=kept["lake"], stars=stars)
    ratings.give(person=charlie, image=kept["fox"], stars=3)
    ratings.give(person=charlie, image=kept["hidden"], stars=5)
    team = Asked(view=Gallery.TEAM)

    assert found(kept, team.but(stars=3), bob) == {"lake", "fox"}
    assert found(kept, team.but(stars=4), bob) == {"lake"}
    assert found(kept, team.but(stars=5), bob) == set()


def test_search_by_cost_finds_what_cost_so_much_in_its_unit(kept, bob):
    for name, cost, unit in (
        ("lake", 40_000, "USD"),
        ("fox", 90_000, "USD"),
        ("secret", 40_000, "EUR"),
        ("hidden", 40_000, "USD"),
    ):
        Generation.objects.filter(pk=kept[name].generation_id).update(cost=cost, cost_unit=unit)
    team = Asked(view=Gallery.TEAM)

    assert found(kept, team.but(cost=Span.read("0.04-0.05 USD")), bob) == {"lake"}
    assert found(kept, team.but(cost=Span.read("0.01- USD"), words="fox"), bob) == {"fox"}
    assert found(kept, team.but(cost=Span.read("-0.01 USD")), bob) == set()
    assert found(kept, Asked(cost=Span.read("0.04 EUR")), bob) == {"secret"}


def test_search_of_days_counts_both_ends(bob, model):
    today = timezone.localdate()
    old = {days: make_old_image(bob, model, days) for days in (1, 2, 3)}

    def days(since: date | None, until: date | None) -> list[Image]:
        return list(search(Asked(since=since, until=until), bob))

    two = today - timedelta(2)
    assert days(two, two) == [old[2]]
    assert days(two, None) == [old[1], old[2]]
    assert days(None, two) == [old[2], old[3]]


ASKED = [
    {},
    {"words": "lake"},
    {"words": "-lake"},
    {"words": "lake -secret"},
    {"words": '"mountain lake" dawn'},
    {"words": "lake", "shape": Outline.LANDSCAPE},
    {"shape": Outline.SQUARE, "colour": Hue.BLUE},
    {"words": "nowhere"},
    {"since": timezone.localdate() - timedelta(20), "until": timezone.localdate() - timedelta(4)},
]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("view", [Gallery.MINE, Gallery.TEAM])
@pytest.mark.parametrize("looked_at", [0, 10, 10_000])
def test_older_and_newer_read_the_set_of_search_in_order(
    bob, charlie, model, monkeypatch, view, asked, looked_at
):
    monkeypatch.setattr(postgresql, "worth_looking", lambda *_: looked_at)  # whichever way PostgreSQL goes
    for number in range(30):
        text = ("A mountain lake at dawn", "A secret lake", "A fox")[number % 3]
        person = bob if number % 5 else charlie
        facts = {"shared": number % 4 != 0, "hue": "blue" if number % 2 else "red"}
        make_old_image(person, model, 30 - number, text=text, width=1024 + 512 * (number % 2), **facts)
    question = Asked(view=view, **asked)
    keys = [image.pk for image in search(question, bob)]

    assert older(question, bob, 50) == keys
    assert older(question, bob, 4) == keys[:4]
    for place, pk in enumerate(keys):
        assert older(question, bob, 3, than=pk) == keys[place + 1 : place + 4]
        assert newer(question, bob, 3, than=pk) == keys[max(0, place - 3) : place][::-1]
    assert (count(question, bob, 5), count(question, bob, 50)) == (min(len(keys), 6), len(keys))
    for size in (4, 50):
        first = page(question, bob, size)
        assert [row.pk for row in first.rows] == keys[:size]
        assert first.count in (None, len(keys))
        assert first.ends in (None, [*keys[:1], *keys[-1:]])


def test_page_after_a_hidden_picture_tells_nothing_of_it(kept, bob):
    """Whose a picture is and of which day is not said again on the tile after it."""
    asked = Asked(view=Gallery.TEAM, words="lake")

    assert page(asked, bob, 5, after=kept["lake"].pk).last == kept["lake"]
    assert page(asked, bob, 5, after=kept["hidden"].pk).last is None


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL's way is told by its planner")
def test_page_of_a_phrase_asks_the_index_once_for_tiles_number_and_months(kept, bob):
    asked = Asked(view=Gallery.TEAM, words='"lake at dawn"', colour=Hue.BLUE)

    with CaptureQueriesContext(connection) as statements:
        around = gallery.around(asked, bob, gallery.page(asked, bob, None), None)

    assert around["how_many"] == "1 picture"
    assert sum("MATCH" in each["sql"] for each in statements.captured_queries) == 1


@pytest.mark.parametrize("words", ["红色", "狐狸", "cafe", "CAFÉ", "かさ", "กา"])
def test_search_finds_words_without_case_accents_and_spaces(bob, model, words):
    make_image(bob, model, text="一只红色的狐狸 im Café, かさ กากา")

    assert len(search(Asked(words=words), bob)) == 1
    assert len(older(Asked(words=words), bob, 5)) == 1


@pytest.mark.parametrize(
    "text", ['"', "lake)", "a & | ! <->", "x' OR '1'='1", "NEAR(lake)", "\\", "'':*", "said : x"]
)
def test_search_what_looks_like_a_query_language_is_words(kept, bob, text):
    assert set(older(Asked(words=text), bob, 9)) == set(
        search(Asked(words=text), bob).values_list("pk", flat=True)
    )


def test_search_finds_the_revised_prompt_and_forgets_what_is_gone(bob, model):
    image = make_image(bob, model, revised_prompt="An umbrella", text="A walk")
    asked = Asked(words="umbrella walk")
    assert older(asked, bob, 5) == [image.pk]

    Image.objects.filter(pk=image.pk).update(words="a walk")
    assert older(asked, bob, 5) == []

    image.delete()
    assert older(Asked(words="walk"), bob, 5) == []


def test_search_follows_a_picture_to_another_owner(bob, charlie, model):
    image = make_image(bob, model)
    asked = Asked(view=Gallery.TEAM, person=charlie.pk)
    assert older(asked, bob, 5) == []

    Image.objects.filter(pk=image.pk).update(owner=charlie)

    assert older(asked, bob, 5) == [image.pk]


def test_search_is_a_set_to_join_and_to_cut(kept, bob):
    rows = search(Asked(view=Gallery.TEAM, words="lake"), bob)

    assert [row.pk for row in Image.objects.filter(pk__in=rows.values("pk")[:1])] == [kept["lake"].pk]
    assert rows.liked(False).count() == 1


@pytest.mark.parametrize("words", ["", "lake"])
@pytest.mark.parametrize("by", ["model", "relay", "cost"])
def test_search_by_model_does_not_tell_what_drew_in_a_blind_comparison(bob, model, plain_model, words, by):
    row = make_comparison(bob, [model, plain_model], blind=True)
    for run in row.generations.all():
        make_image(bob, run.model, generation=run)
    plain = make_image(bob, model, text="A lake of another day")
    Generation.objects.update(cost=40_000, cost_unit="USD")
    by_what = {"model": model.pk, "relay": model.relay_id, "cost": Span.read("0.04 USD")}
    asked = Asked(words=words, **{by: by_what[by]})

    assert set(search(asked, bob)) == {plain}
    assert (older(asked, bob, 5), count(asked, bob, 5)) == ([plain.pk], 1)

    Comparison.objects.update(picked_at=timezone.now())

    assert len(search(asked, bob)) > 1


@pytest.mark.parametrize("day", [date.min, date.max])
def test_search_until_the_first_or_the_last_of_all_days(kept, bob, day):
    assert len(search(Asked(until=day), bob)) == (2 if day == date.max else 0)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL's way is told by its planner")
def test_page_of_a_word_in_the_team_s_view_reads_no_rows_of_pictures(kept, bob):
    """That the team sees a picture stands in an index; to read its row takes a millisecond for a thousand of them."""
    with CaptureQueriesContext(connection) as asked:
        page(Asked(view=Gallery.TEAM, words="fox"), bob, 5)
        searches = [each["sql"] for each in asked if "MATCH" in each["sql"]]

    with connection.cursor() as cursor:
        plan = cursor.execute(f"EXPLAIN QUERY PLAN {searches[0]}").fetchall()

    assert any("USING INDEX image_team" in step for *_, step in plan), plan
