"""The selection's addresses: by htmx as the gallery's bar, and as a page of plain forms."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from studio.models import Collection, Favourite, Image, Placed, Selection, Tagged
from studio.services import collections, selections
from tests.factories import make_image

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def rows(bob, model):
    return [make_image(bob, model, content=None, text=f"Number {n}") for n in range(3)]


@pytest.fixture
def browser(bob) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def at(name: str, selection: Selection) -> str:
    return reverse(f"selections.{name}", args=[selection.pk])


def test_create_by_a_plain_form_leads_to_a_page_of_what_was_ticked(browser, rows):
    response = browser.post(reverse("selections.create"), {"image": [rows[0].pk, rows[1].pk]}, follow=True)

    assert response.redirect_chain[0][1] == 303
    assert response.context["count"] == 2
    assert [tile["id"] for tile in response.context["tiles"]] == [str(rows[1].pk), str(rows[0].pk)]


def test_create_with_everything_takes_what_the_query_finds(browser, rows):
    response = browser.post(
        reverse("selections.create"), {"query": "view=mine", "everything": "1"}, follow=True
    )

    assert response.context["count"] == 3


def test_gallery_begins_a_selection_in_all_that_its_address_asks_for(browser, bob, model, rows):
    found = make_image(bob, model, content=None, text="A lake")
    page = browser.get(reverse("images.index", query={"view": "mine", "q": "lake", "shape": "square"})).text
    query = html.unescape(re.search(r'name="query" value="([^"]*)"', page)[1])

    response = browser.post(reverse("selections.create"), {"query": query, "everything": "1"}, follow=True)

    assert "All that match: 1 picture<" in page
    assert html.unescape(re.search(r'data-query="([^"]*)"', page)[1]) == query
    assert [tile["id"] for tile in response.context["tiles"]] == [str(found.pk)]


def test_detail_says_how_many_match_and_1000_plus_beyond_a_thousand(browser, bob, rows, monkeypatch):
    row = selections.start(person=bob, images=[rows[0].pk])
    few = browser.get(at("detail", row), headers=HTMX).text
    monkeypatch.setattr("studio.cards.gallery.MOST_COUNTED", 2)
    many = browser.get(at("detail", row), headers=HTMX).text

    assert 'all <span class="num">3</span> that match' in few
    assert 'all <span class="num">2+</span> that match' in many


def test_detail_by_htmx_is_the_bar_alone(browser, bob, rows):
    row = selections.start(person=bob, images=[rows[0].pk])

    page = browser.get(at("detail", row), headers=HTMX).content.decode()

    assert page.lstrip().startswith("<section")
    assert str(rows[0].pk) not in page  # no ids in the page


def test_picks_takes_several_out_of_one_field(browser, bob, rows):
    row = selections.start(person=bob)

    browser.post(at("picks", row), {"on": "1", "images": ",".join(str(each.pk) for each in rows)})

    assert selections.count(row) == 3


def test_picks_of_what_is_no_id_is_not_found(browser, bob):
    row = selections.start(person=bob)

    assert browser.post(at("picks", row), {"on": "1", "images": "x"}).status_code == 404


def test_favourite_says_what_it_did_and_undo_takes_back_just_that(browser, bob, rows):
    Favourite.objects.create(image=rows[0], person=bob)
    row = selections.start(person=bob, images=[each.pk for each in rows])

    done = browser.post(at("favourite", row), {"on": "1"}, follow=True)
    undone = browser.post(
        done.context["undo_url"], {"on": done.context["undo_on"], "of": row.pk}, follow=True
    )

    assert str(done.context["outcome"]) == "2 pictures among your favourites."
    assert str(undone.context["outcome"]) == "2 pictures no longer among your favourites."
    assert undone.context["selection"] == row
    assert list(bob.favourites.values_list("image", flat=True)) == [rows[0].pk]


def test_share_of_nothing_of_ones_own_says_that_nothing_changed(charlie, rows):
    client = Client()
    client.force_login(charlie)
    row = selections.start(person=charlie, images=[each.pk for each in rows])

    response = client.post(at("share", row), {"on": "0"}, follow=True)

    assert str(response.context["outcome"]).startswith("Nothing changed")


def test_act_on_an_empty_selection_is_refused_in_words(browser, bob):
    response = browser.post(at("favourite", selections.start(person=bob)), {"on": "1"})

    assert (response.status_code, b"No picture is chosen" in response.content) == (400, True)


def test_tiles_shows_only_what_the_person_may_see(browser, charlie, model, rows):
    hidden = make_image(charlie, model, content=None, shared=False)

    query = {"view": "team", "images": f"{hidden.pk},{rows[0].pk}"}
    page = browser.get(reverse("selections.tiles"), query, headers=HTMX).content.decode()

    assert (f"tile-{rows[0].pk}" in page, f"tile-{hidden.pk}" in page) == (True, False)


def test_trash_moves_ones_own_and_undo_brings_them_back(browser, bob, charlie, model, rows):
    other = make_image(charlie, model, content=None)
    row = selections.start(person=bob, images=[other.pk, *(each.pk for each in rows)])

    done = browser.post(at("trash", row), {"on": "1"}, follow=True)
    gone = Image.objects.in_trash().count()
    browser.post(done.context["undo_url"], {"on": done.context["undo_on"], "of": row.pk})

    assert str(done.context["outcome"]) == "3 pictures put into the trash."
    assert (gone, Image.objects.in_trash().count()) == (3, 0)


def test_trash_asks_first_where_somebody_would_miss_them(browser, bob, charlie, rows):
    Favourite.objects.create(image=rows[0], person=charlie)
    row = selections.start(person=bob, images=[each.pk for each in rows])

    asks = browser.post(at("trash", row), {"on": "1"}, headers=HTMX)
    before = Image.objects.in_trash().count()
    browser.post(at("trash", row), {"on": "1", "sure": "1"})

    assert b"1 person" in asks.content
    assert (before, Image.objects.in_trash().count()) == (0, 3)


def test_collect_into_a_new_collection_and_undo(browser, bob, rows):
    row = selections.start(person=bob, images=[each.pk for each in rows])

    done = browser.post(at("collect", row), {"name": "Lakes"}, follow=True)
    count = Placed.objects.count()
    sent = {"on": done.context["undo_on"], "collection": done.context["undo_into"], "of": row.pk}
    browser.post(done.context["undo_url"], sent)

    assert (count, Placed.objects.count()) == (3, 0)


def test_collect_into_what_one_may_not_add_to_is_not_found(browser, bob, charlie, rows):
    row = selections.start(person=bob, images=[rows[0].pk])
    private = collections.create(person=charlie, name="Private")

    assert browser.post(at("collect", row), {"collection": private.pk}).status_code == 404


def test_collect_under_no_name_says_so_and_makes_nothing(browser, bob, rows):
    row = selections.start(person=bob, images=[rows[0].pk])

    response = browser.post(at("collect", row), {"name": "  "}, headers=HTMX)

    assert (response.status_code, b"Give it a name" in response.content) == (422, True)
    assert Collection.objects.count() == 0


def test_tag_puts_words_on_all(browser, bob, rows):
    row = selections.start(person=bob, images=[each.pk for each in rows])

    browser.post(at("tag", row), {"names": "lake, dawn"})

    assert Tagged.objects.count() == 6


def test_tag_without_words_says_so_and_keeps_what_was_typed(browser, bob, rows):
    row = selections.start(person=bob, images=[rows[0].pk])

    response = browser.post(at("tag", row), {"names": " , "}, headers=HTMX)

    assert (response.status_code, b"Write a tag" in response.content) == (422, True)


def test_detail_costs_the_same_for_one_and_for_three(browser, bob, rows, django_assert_num_queries):
    for count in (1, 3):
        row = selections.start(person=bob, images=[each.pk for each in rows[:count]])
        with django_assert_num_queries(7):
            browser.get(at("detail", row))


def test_collect_into_a_new_one_with_too_long_a_name_keeps_it_in_the_field(browser, bob, rows):
    row = selections.start(person=bob, images=[rows[0].pk])

    response = browser.post(at("collect", row), {"name": "x" * 81})

    assert response.status_code == 422
    assert "A name has at most 80 letters." in response.text
    assert not Collection.objects.exists()
