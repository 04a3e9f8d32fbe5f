"""The gallery's filters, what goes on in its search box, and searches that are kept."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from studio.models import Gallery, SavedSearch
from studio.search.asked import Asked
from studio.services import searches
from studio.services import tags as tag_services
from tests.factories import make_image, make_old_image
from tests.services.screening.test_gate import make_rule
from tests.views.test_images import gallery, shown


def offers(response) -> list[tuple[str, str]]:
    text = response.content.decode()
    return re.findall(
        r'<a href="([^"]*)">\s*<span class="offers__field">[^<]*</span><span dir="auto">([^<]*)<', text
    )


def complete(client, q: str):
    return client.get(
        reverse("searches.completions", query={"view": "team", "q": q}), headers={"HX-Request": "true"}
    )


def test_index_finds_words_and_says_how_many(as_bob, bob, model):
    found = make_image(bob, model, text="A mountain lake")
    make_image(bob, model, text="A fox")

    response = as_bob.get(gallery("mine", q="lake"))

    assert shown(response) == [found.pk]
    assert "1 picture<" in response.content.decode()


def test_index_says_1000_plus_beyond_a_thousand(as_bob, bob, model, monkeypatch):
    monkeypatch.setattr("studio.cards.gallery.MOST_COUNTED", 2)
    monkeypatch.setattr("studio.cards.gallery.PAGE", 2)
    for _ in range(3):
        make_image(bob, model)

    assert "2+ pictures<" in as_bob.get(gallery("mine", q="lake")).content.decode()


@pytest.mark.parametrize("home", ["images.index", "prompts.index"])
def test_index_days_the_wrong_way_round_are_told_beside_what_was_typed(as_bob, home):
    wrong = {"view": "team", "q": "lake", "since": "2026-05-02", "until": "2026-05-01"}

    response = as_bob.get(reverse(home, query=wrong))

    text = response.content.decode()
    assert response.status_code == 422
    assert "This is before the day in From. Change one of the two." in text
    assert [f'value="{wrong[part]}"' in text for part in ("q", "since", "until")] == [True] * 3


def test_index_chips_take_themselves_off(as_bob, bob, model):
    make_image(bob, model)

    text = as_bob.get(gallery("team", q="lake", person=bob.pk, shape="square")).content.decode()

    chips = re.findall(r'class="chip" href="([^"]*)">\s*<span dir="auto">([^<]*)<', text)
    assert {label: url.replace("&amp;", "&") for url, label in chips} == {
        "lake": f"/gallery/?view=team&person={bob.pk}&shape=square",
        f"by {bob.name}": "/gallery/?view=team&q=lake&shape=square",
        "square": f"/gallery/?view=team&q=lake&person={bob.pk}",
    }


def test_index_without_a_match_offers_to_clear(as_bob, bob, model):
    make_image(bob, model)

    text = as_bob.get(gallery("mine", q="nowhere")).content.decode()

    assert "Nothing matches" in text
    assert '<a class="btn" href="/gallery/?view=mine">Clear the filters</a>' in text


def test_index_pages_through_a_search_by_key(as_bob, bob, model, monkeypatch):
    monkeypatch.setattr("studio.cards.gallery.PAGE", 2)
    keys = [make_image(bob, model).pk for _ in range(5)][::-1]

    pages = [as_bob.get(gallery("mine", q="lake", before=key)) for key in (keys[1], keys[3])]

    assert [shown(page) for page in pages] == [keys[2:4], keys[4:]]
    assert f"q=lake&amp;before={keys[1]}" in pages[1].content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_index_of_a_search_asks_the_same_number_of_queries(
    as_bob, bob, model, count, django_assert_num_queries
):
    for _ in range(count):
        make_image(bob, model)

    # session, person, keys, tiles, their people, the chip's name; PostgreSQL's planner is asked first. It is all there.
    with django_assert_num_queries(6 if connection.vendor == "sqlite" else 7):
        as_bob.get(gallery("mine", q="lake", person=bob.pk))


@pytest.mark.parametrize("page", [2, 3, 4, 5])
def test_index_counts_and_dates_what_it_finds_whether_or_not_all_of_it_is_on_the_page(
    as_bob, bob, model, monkeypatch, page
):
    monkeypatch.setattr("studio.cards.gallery.PAGE", page)
    for days in (5, 40, 60, 80):
        make_old_image(bob, model, days, text="A lake")

    text = as_bob.get(gallery("mine", q="lake")).content.decode()

    assert ">4 pictures<" in text
    months = re.findall(r'<a href="[^"]*" aria-label="([A-Z][a-z]{2} \d{4})"', text)
    first, last = (f"{timezone.localdate() - timedelta(days):%b %Y}" for days in (5, 80))
    assert (months[0], months[-1]) == (first, last)
    assert len(shown(as_bob.get(gallery("mine", q="lake")))) == min(page, 4)


def test_index_last_page_counts_and_dates_what_stands_before_it_as_well(as_bob, bob, model):
    made = [make_old_image(bob, model, days, text="A lake") for days in (80, 40, 5)]

    text = as_bob.get(gallery("mine", q="lake", before=made[1].pk)).content.decode()

    assert ">3 pictures<" in text
    assert f"{timezone.localdate() - timedelta(5):%b %Y}" in text


def test_index_that_cannot_be_read_is_asked_again_with_everything_typed(as_bob):
    response = as_bob.get(gallery("mine", q="lake", since="last spring"))

    text = response.content.decode()
    assert response.status_code == 422
    assert 'value="last spring"' in text
    assert 'value="lake"' in text
    assert "Enter a valid date." in text


def test_index_reads_person_colon_as_a_filter(as_bob, bob, charlie, model):
    response = as_bob.get(gallery("team", q="person:char lake"))

    assert (response.status_code, response["Location"]) == (
        302,
        f"/gallery/?view=team&q=lake&person={charlie.pk}",
    )


def test_index_has_the_months_from_the_newest_to_the_oldest(as_bob, bob, model):
    old, new = make_old_image(bob, model, 70), make_image(bob, model)

    text = as_bob.get(gallery("mine")).content.decode()

    urls = re.findall(r'<a href="([^"]*)" aria-label="[A-Z][a-z]+ \d{4}"', text)
    assert len(urls) in (3, 4)
    assert shown(as_bob.get(urls[0].replace("&amp;", "&"))) == [new.pk, old.pk]
    assert shown(as_bob.get(urls[-1].replace("&amp;", "&"))) == [old.pk]


def test_completions_offer_people_models_and_tags(as_bob, bob, charlie, model):
    tag_services.add(person=bob, images=[make_image(bob, model).pk], names=["charcoal"])

    found = [name for _, name in offers(complete(as_bob, "lake cha"))]

    assert found == [charlie.name, "charcoal"]
    url = offers(complete(as_bob, "lake person:cha"))[0][0]
    assert url.replace("&amp;", "&") == f"/gallery/?view=team&q=lake&person={charlie.pk}"


def test_completions_offer_no_tag_of_private_pictures(as_bob, charlie, model):
    image = make_image(charlie, model, shared=False)
    tag_services.add(person=charlie, images=[image.pk], names=["secretproject"])

    assert offers(complete(as_bob, "tag:sec")) == []
    assert offers(complete(as_bob, "secr")) == []


def test_create_keeps_a_search_and_the_same_name_again_replaces_it(as_bob, bob):
    for q in ("lake", "fox"):
        response = as_bob.post(reverse("searches.create"), {"name": "Mine", "query": f"view=team&q={q}"})

    assert response["Location"] == "/gallery/?view=team&q=fox"
    assert [(row.name, row.query) for row in SavedSearch.objects.all()] == [("Mine", "view=team&q=fox")]


@pytest.mark.parametrize("sent", [{"name": "", "query": "q=lake"}, {"name": "X", "query": "view=nowhere"}])
def test_create_what_is_no_search_is_refused(as_bob, sent):
    assert as_bob.post(reverse("searches.create"), sent).status_code == 422
    assert not SavedSearch.objects.exists()


def test_new_shows_ones_own_searches_and_the_shared_ones(as_bob, bob, charlie):
    for person, name, shared in ((bob, "own", False), (charlie, "shared", True), (charlie, "hidden", False)):
        searches.save(person=person, name=name, asked=Asked(view=Gallery.TEAM, words="lake"), shared=shared)

    text = as_bob.get(reverse("searches.new")).content.decode()

    assert re.findall(r'<a href="/gallery/\?view=team&amp;q=lake" dir="auto">(\w+)<', text) == [
        "own",
        "shared",
    ]


def test_removal_forgets_ones_own_search(as_bob, bob):
    row = searches.save(person=bob, name="Lakes", asked=Asked(words="lake"), shared=False)

    assert as_bob.post(reverse("searches.removal", args=[row.pk])).status_code == 303
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("words", ["", "lake"])
def test_gallery_before_the_first_of_all_ids_is_empty(as_bob, bob, model, words):
    make_image(bob, model, text="A lake")

    response = as_bob.get(gallery("mine", q=words, before="00000000-0000-0000-0000-000000000000"))

    assert (response.status_code, shown(response)) == (200, [])


def test_completions_of_nul_are_not_found(as_bob):
    assert as_bob.get(reverse("searches.completions"), {"view": "mine", "q": "tag:a\0b"}).status_code == 404


def test_create_with_a_name_that_a_rule_stops_keeps_what_was_typed(as_bob, alice):
    make_rule(alice, words="northpeak", in_names=True)

    response = as_bob.post(reverse("searches.create"), {"name": "For Northpeak", "query": "q=lake"})

    assert response.status_code == 422
    assert 'value="For Northpeak"' in response.text
    assert not SavedSearch.objects.exists()
