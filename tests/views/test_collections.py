import html
import re
import time

import pytest
from django.urls import reverse

from studio.models import Collection, Placed
from studio.models.ids import uuid7
from studio.services import collections, images, sharing
from studio.views import collections as views
from tests.factories import make_image

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def filled(person, model, count, audience="private", **facts):
    row = collections.create(person=person, name="Spring", audience=audience)
    keys = [make_image(person, model, content=None, **facts).pk for _ in range(count)]
    collections.add(person=person, collection=row, images=keys)
    return row, keys


def shown(response):
    return re.findall(r'id="tile-([0-9a-f-]{36})"', response.content.decode())


def test_index_offers_to_make_the_first_one(as_bob):
    page = as_bob.get(reverse("collections.index")).content.decode()

    assert "No collections yet" in page
    assert reverse("collections.new") in page


def test_index_shows_ones_own_and_the_teams_and_no_private_name(as_charlie, bob, charlie, model):
    for person, name, audience in (
        (bob, "Hidden", "private"),
        (bob, "Seen", "sees"),
        (charlie, "Mine", "private"),
    ):
        collections.create(person=person, name=name, audience=audience)

    page = as_charlie.get(reverse("collections.index")).content.decode()

    assert [name in page for name in ("Hidden", "Seen", "Mine")] == [False, True, True]


def test_index_counts_only_what_the_reader_sees(as_charlie, bob, model):
    row, _ = filled(bob, model, 3, "sees")
    sharing.share_image(image=row.places.first().image, person=bob, shared=False)

    page = as_charlie.get(reverse("collections.index")).content.decode()

    assert "2 pictures · The team sees it" in page
    assert 'class="collection__owner" title="Bob"' in page


def test_index_pages_by_the_last_row(as_bob, bob, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 2)
    for number in range(3):
        collections.create(person=bob, name=f"Number {number}")
        time.sleep(0.002)  # rows of one millisecond stand in any order

    first = as_bob.get(reverse("collections.index")).content.decode()
    older = re.search(r'href="(/collections/\?before=[^"]+)"', first)
    second = as_bob.get(older[1]).content.decode()

    names = [re.findall(r"Number \d", page) for page in (first, second)]
    assert names == [["Number 2", "Number 1"], ["Number 0"]]


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(count, as_bob, bob, model, django_assert_num_queries):
    for _ in range(count):
        filled(bob, model, 2)

    with django_assert_num_queries(4):  # session, person, collections, covers
        as_bob.get(reverse("collections.index"))


def test_new_makes_a_collection(as_bob):
    response = as_bob.post(
        reverse("collections.new"), {"name": " Spring  sun ", "description": "For Acme", "audience": "adds"}
    )

    row = Collection.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/collections/{row.pk}/")
    assert (row.name, row.description, row.audience) == ("Spring sun", "For Acme", "adds")


def test_new_without_a_name_keeps_everything_typed(as_bob):
    response = as_bob.post(
        reverse("collections.new"), {"name": "", "description": "For Acme", "audience": "sees"}
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "Give it a name." in page
    assert "For Acme</textarea>" in page
    assert '<option value="sees" selected>' in page


def test_detail_shows_its_pictures_in_their_order(as_bob, bob, model):
    row, keys = filled(bob, model, 3)
    collections.move(person=bob, collection=row, image=keys[0], below=None)

    response = as_bob.get(reverse("collections.detail", args=[row.pk]))

    assert shown(response) == [str(keys[at]) for at in (0, 2, 1)]


def test_detail_for_others_leaves_out_what_is_private_or_in_the_trash(as_charlie, bob, model):
    row, keys = filled(bob, model, 3, "sees")
    sharing.share_image(image=row.places.get(image=keys[0]).image, person=bob, shared=False)
    images.trash(person=bob, images=[keys[1]], sure=True)

    response = as_charlie.get(reverse("collections.detail", args=[row.pk]))

    assert shown(response) == [str(keys[2])]


def test_detail_pages_by_position(as_bob, bob, model, monkeypatch):
    monkeypatch.setattr(views, "PICTURES", 2)
    row, keys = filled(bob, model, 3)
    address = reverse("collections.detail", args=[row.pk])

    first = as_bob.get(address)
    further = re.search(r'href="([^"]+below=\d+)"', first.content.decode())
    second = as_bob.get(further[1])

    assert (shown(first), shown(second)) == ([str(keys[2]), str(keys[1])], [str(keys[0])])
    assert as_bob.get(f"{address}?below=1").content.decode().count("Nothing further down") == 1
    assert as_bob.get(f"{address}?below=x").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("query", ["", "?arrange=1"])
def test_detail_asks_the_same_number_of_queries(query, count, as_bob, bob, model, django_assert_num_queries):
    row, _ = filled(bob, model, count)

    with django_assert_num_queries(4):  # session, person, collection, pictures
        as_bob.get(f"{reverse('collections.detail', args=[row.pk])}{query}")


def test_detail_offers_arranging_to_its_owner_alone(as_bob, as_charlie, bob, model):
    row, _ = filled(bob, model, 2, "adds")
    address = f"{reverse('collections.detail', args=[row.pk])}?arrange=1"

    assert "Take out" in as_bob.get(address).content.decode()
    assert "Take out" not in as_charlie.get(address).content.decode()


def test_order_by_the_buttons_of_the_page(as_bob, bob, model):
    row, keys = filled(bob, model, 3)
    address = reverse("collections.detail", args=[row.pk])
    page = as_bob.get(f"{address}?arrange=1").content.decode()
    of_last = page[page.index(f'id="tile-{keys[0]}"') :]
    earlier = re.search(r'name="below" value="([^"]+)" aria-label="Earlier"', of_last)

    response = as_bob.post(
        reverse("collections.order", args=[row.pk]),
        {"image": keys[0], "below": earlier[1], "back": "?arrange=1"},
    )

    assert response.headers["Location"] == f"{address}?arrange=1#tile-{keys[0]}"
    assert shown(as_bob.get(address)) == [str(keys[at]) for at in (2, 0, 1)]


def test_cover_is_the_chosen_picture(as_bob, bob, model):
    row, keys = filled(bob, model, 2)

    as_bob.post(reverse("collections.cover", args=[row.pk]), {"image": keys[0]})

    assert Collection.objects.with_card_data(bob).get().cover_shown == keys[0]


@pytest.mark.parametrize("name", ["order", "cover"])
def test_t12_private_picture_of_another_is_not_found_in_ones_own_collection(
    name, as_bob, bob, charlie, model
):
    row, _ = filled(bob, model, 1)
    theirs = make_image(charlie, model, shared=False)
    Placed.objects.create(collection=row, image=theirs, position=1)

    for pk in (theirs.pk, uuid7()):
        assert as_bob.post(reverse(f"collections.{name}", args=[row.pk]), {"image": pk}).status_code == 404


def test_order_never_leads_to_another_site(as_bob, bob, model):
    row, keys = filled(bob, model, 2)

    response = as_bob.post(
        reverse("collections.order", args=[row.pk]), {"image": keys[0], "back": "//evil.example/"}
    )

    assert response.headers["Location"].startswith(f"/collections/{row.pk}/?arrange=1")


def test_deletion_leaves_the_pictures(as_bob, bob, model):
    row, _ = filled(bob, model, 2)

    response = as_bob.post(reverse("collections.deletion", args=[row.pk]))

    assert response.headers["Location"] == reverse("collections.index")
    assert bob.images.count() == 2


def test_viewer_walks_in_the_order_of_the_collection_and_goes_back_to_it(as_bob, bob, model):
    row, keys = filled(bob, model, 3)
    collections.move(person=bob, collection=row, image=keys[0], below=keys[2])

    page = as_bob.get(reverse("images.detail", args=[keys[0]]), {"collection": row.pk}).content.decode()

    walks = re.findall(r'href="/images/([^/]+)/\?collection=([^"]+)"[^>]*data-key="(\w+)"', page)
    assert walks == [
        (str(keys[2]), str(row.pk), "ArrowLeft"),
        (str(keys[1]), str(row.pk), "ArrowRight"),
    ]
    assert f'href="/collections/{row.pk}/#tile-{keys[0]}"' in page


def test_viewer_walks_in_no_private_collection_of_others(as_charlie, bob, model):
    row, keys = filled(bob, model, 3)

    page = as_charlie.get(reverse("images.detail", args=[keys[1]]), {"collection": row.pk}).content.decode()

    assert str(row.pk) not in page


def test_selection_in_a_collection_finds_what_its_reader_sees_and_takes_out(as_bob, bob, charlie, model):
    row, keys = filled(bob, model, 2, shared=False)
    theirs = make_image(charlie, model, content=None)
    hidden = make_image(charlie, model, content=None, shared=False)
    Placed.objects.create(collection=row, image=hidden, position=1)
    collections.add(person=bob, collection=row, images=[theirs.pk])
    make_image(bob, model, content=None)
    page = as_bob.get(reverse("collections.detail", args=[row.pk])).text
    query = html.unescape(re.search(r'name="query" value="([^"]*)"', page)[1])

    chosen = as_bob.post(reverse("selections.create"), {"query": query, "everything": "1"}, follow=True)

    assert {tile["id"] for tile in chosen.context["tiles"]} == {str(key) for key in (*keys, theirs.pk)}
    assert chosen.context["home_url"] == reverse("collections.detail", args=[row.pk])
    act = reverse("selections.collect", args=[chosen.context["selection"].pk])
    done = as_bob.post(act, {"collection": row.pk, "on": "0"}, follow=True)
    assert done.context["over"]
    assert list(row.places.values_list("image", flat=True)) == [hidden.pk]
    undo = {"on": "1", "collection": row.pk}
    as_bob.post(done.context["undo_url"], undo)
    assert row.places.count() == 4


def test_selection_in_a_private_collection_of_another_finds_nothing(as_charlie, bob, model):
    row, _ = filled(bob, model, 2)
    query = f"view=seen&collection={row.pk}"

    chosen = as_charlie.post(reverse("selections.create"), {"query": query, "everything": "1"}, follow=True)

    assert (chosen.context["count"], chosen.context["out_of"]) == (0, None)
