"""The gallery, the viewer, the receipt, and what people do with an image (T10-T12)."""

import html
import re
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.cards.images import FIRST
from studio.models import Favourite, Gallery, Image, RelayRequest, State
from studio.models.ids import uuid7
from studio.services import collections, images, sharing
from studio.words.looking import KEYS
from tests.factories import make_generation, make_image

HTMX = {"HX-Request": "true"}


def gallery(view: str, **query) -> str:
    return reverse("images.index", query={"view": view} | query)


def shown(response) -> list[UUID]:
    return [UUID(pk) for pk in re.findall(r'id="tile-([0-9a-f-]{36})"', response.content.decode())]


def days(response) -> list[str]:
    return re.findall(r'<h2 class="day"[^>]*>(?:<input[^>]*>)?(.*?)</h2>', response.content.decode())


def told(text: str) -> dict[str, str]:
    """Return the facts beside the picture."""
    found = re.findall(r"<dt>([^<]*)</dt>\s*<dd[^>]*>\s*(?:<code[^>]*>)?\s*([^<]*)", text)
    return {name: value.strip() for name, value in found}


def put(client: Client, name: str, image: Image, on: int, **headers):
    return client.post(reverse(f"images.{name}", args=[image.pk]), {"on": on}, headers=headers)


@pytest.fixture
def image(bob, model) -> Image:
    return make_image(bob, model)


@pytest.fixture
def private(bob, model) -> Image:
    return make_image(bob, model, shared=False)


# The gallery


def test_index_mine_shows_ones_own_newest_first(as_bob, bob, charlie, model):
    own = [make_image(bob, model, shared=shared) for shared in (True, False)]
    make_image(charlie, model)

    assert shown(as_bob.get(gallery("mine"))) == [own[1].pk, own[0].pk]


def test_index_team_shows_what_is_shared_by_anyone(as_bob, bob, charlie, model):
    theirs, own = make_image(charlie, model), make_image(bob, model)
    make_image(charlie, model, shared=False)
    make_image(bob, model, shared=False)

    assert shown(as_bob.get(gallery("team"))) == [own.pk, theirs.pk]


def test_index_favourites_shows_only_what_is_still_visible(as_bob, bob, charlie, model):
    liked, hidden, _other = [make_image(charlie, model) for _ in range(3)]
    for image in (liked, hidden):
        images.favourite(image=image, person=bob, liked=True)
    images.favourite(image=_other, person=charlie, liked=True)
    sharing.share_image(image=hidden, person=charlie, shared=False)

    assert shown(as_bob.get(gallery("favourites"))) == [liked.pk]


def test_index_trash_shows_ones_own_trash_and_offers_to_restore(as_bob, bob, charlie, model):
    own, theirs, _kept = make_image(bob, model), make_image(charlie, model), make_image(bob, model)
    images.trash(images=[own.pk], person=bob, trashed=True)
    images.trash(images=[theirs.pk], person=charlie, trashed=True)

    response = as_bob.get(gallery("trash"))

    assert shown(response) == [own.pk]
    assert "Restore" in response.content.decode()
    assert own.pk not in shown(as_bob.get(gallery("mine")))


def test_index_unknown_view_is_404(as_bob):
    assert as_bob.get(gallery("everything")).status_code == 404


def test_index_anonymous_is_sent_to_sign_in(client, db):
    response = client.get(gallery("team"))

    assert (response.status_code, response["Location"]) == (302, "/login/?next=/gallery/%3Fview%3Dteam")


@pytest.mark.parametrize("view", Gallery.values)
def test_index_empty_offers_one_action(as_bob, view):
    text = as_bob.get(gallery(view)).content.decode()

    assert len(re.findall(r'class="empty"', text)) == 1
    assert len(re.findall(r'class="btn"', text)) == 1


def test_index_first_pictures_are_fetched_at_once_and_the_others_when_they_come_near(as_bob, bob, model):
    for _ in range(FIRST + 2):
        make_image(bob, model)

    tiles = re.findall(r"<img [^>]*>", as_bob.get(gallery("mine")).content.decode())

    assert ['fetchpriority="high"' in tile for tile in tiles] == [True] * FIRST + [False] * 2
    assert ['loading="lazy"' in tile for tile in tiles] == [False] * FIRST + [True] * 2


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("view", Gallery.values)
def test_index_asks_the_same_number_of_queries(as_bob, bob, model, view, count, django_assert_num_queries):
    for _ in range(count):
        image = make_image(bob, model)
        images.favourite(image=image, person=bob, liked=True)
        images.trash(images=[image.pk], person=bob, trashed=view == "trash", sure=True)

    with django_assert_num_queries(4):  # session, person, tiles, their people
        response = as_bob.get(gallery(view))

    assert len(shown(response)) == count


def test_index_pages_by_key_without_saying_the_day_again(as_bob, bob, model, monkeypatch):
    monkeypatch.setattr("studio.cards.gallery.PAGE", 2)
    keys = [make_image(bob, model).pk for _ in range(5)][::-1]

    first = as_bob.get(gallery("mine"))
    second = as_bob.get(gallery("mine", before=keys[1]), headers=HTMX)
    third = as_bob.get(gallery("mine", before=keys[3]), headers=HTMX)

    assert (shown(first), shown(second), shown(third)) == (keys[:2], keys[2:4], keys[4:])
    assert (days(first), days(second), days(third)) == (["Today"], [], [])
    older = f'href="/gallery/?view=mine&amp;before={keys[1]}"'
    assert older in first.content.decode()
    assert "rows__older" not in third.content.decode()


def test_index_htmx_gets_the_rows_alone(as_bob, image):
    text = as_bob.get(gallery("mine"), headers=HTMX).content.decode().strip()

    assert text.startswith('<div class="rows" id="rows">')
    assert text.endswith("</div>")


def test_index_before_nonsense_is_404(as_bob):
    assert as_bob.get(gallery("mine", before="x")).status_code == 404


def test_index_tile_reserves_its_place_and_says_what_it_shows(as_bob, bob, model):
    image = make_image(
        bob, model, text='A "red" <sun> ' + "and a very long sea " * 20, width=1792, height=1024
    )

    text = as_bob.get(gallery("team")).content.decode()

    alt = re.search(r' alt="(A [^"]*)"', text)[1]
    assert alt.startswith("A &quot;red&quot; &lt;sun&gt; and a very long sea")
    assert len(alt) < 150
    assert f'style="--ratio:{image.ratio};--tone:#8899aa"' in text
    assert 'width="1792" height="1024"' in text
    assert 'fetchpriority="high"' in text
    assert "by Bob" in text


def marks(response) -> list[str]:
    """Return what the small marks on the tiles say, tile by tile."""
    tiles = re.split(r'<div class="tile(?=[ "])', response.text)[1:]
    return [", ".join(re.findall(r'<span class="sr">([^<]*)</span>', tile)) for tile in tiles]


def test_index_says_a_person_once_where_the_person_changes(as_bob, bob, charlie, model, monkeypatch):
    for person in (bob, charlie, charlie, charlie, bob):
        make_image(person, model)
    monkeypatch.setattr("studio.cards.gallery.PAGE", 3)

    first = as_bob.get(gallery("team"))
    second = as_bob.get(gallery("team", before=shown(first)[-1]))

    assert marks(first) == ["by Bob", "by Charlie", ""]
    assert marks(second) == ["", "by Bob"]  # the page before ended with Charlie


def test_index_private_pictures_carry_a_lock(as_bob, bob, model):
    make_image(bob, model, shared=False)
    make_image(bob, model)

    assert marks(as_bob.get(gallery("mine"))) == ["", "only you see this"]


def test_index_older_page_leads_to_the_one_before_it(as_bob, bob, model, monkeypatch):
    monkeypatch.setattr("studio.cards.gallery.PAGE", 2)
    keys = [make_image(bob, model).pk for _ in range(6)][::-1]

    newer = [
        re.search(r'rows__newer" href="([^"]*)"', as_bob.get(gallery("mine", before=keys[place])).text)[1]
        for place in (1, 3)
    ]

    assert newer == [
        f"/gallery/?view=mine#tile-{keys[1]}",
        f"/gallery/?view=mine&amp;before={keys[1]}#tile-{keys[3]}",
    ]


# The viewer


def test_detail_shows_the_receipt_in_words(as_bob, bob, model):
    settings = {"size": "1792x1024", "quality": "hd", "seed": 41}
    generation = make_generation(bob, model, state=State.RECEIVED, settings=settings, received_at=None)
    RelayRequest.objects.filter(generation=generation).update(trace_id="trace-7", dropped=["style"])
    image = make_image(bob, model, generation=generation, width=1792, content=b"x" * 1_600_000)

    text = as_bob.get(reverse("images.detail", args=[image.pk])).content.decode()

    facts = told(text)
    assert facts["Model"] == f"{model.label}, Sandbox"
    assert facts["Asked"] == "1792×1024, hd"
    assert facts["Got"] == "1792×1024 PNG, 1.6 MB"
    assert facts["Seed"] == "41"
    assert facts["Left out"] == "style"
    assert facts["Revised"] == "no"
    assert facts["SHA-256"] == f"{image.sha256[:4]}…{image.sha256[-4:]}"
    assert facts["Trace"] == "trace-7"
    assert facts["Visible to"] == "the team"
    assert f'title="{image.sha256}"' in text


def test_detail_says_how_long_before_the_link_died_it_was_kept(as_bob, image):
    Image.objects.filter(pk=image.pk).update(
        link_dies_at=image.saved_at + timezone.timedelta(minutes=59, seconds=30)
    )

    text = as_bob.get(reverse("images.detail", args=[image.pk])).content.decode()

    facts = told(text)
    assert re.fullmatch(r"dies \d\d:\d\d, kept 59 min before", facts["Relay link"])


def test_detail_htmx_gets_the_viewer_alone(as_bob, image):
    text = as_bob.get(reverse("images.detail", args=[image.pk]), headers=HTMX).content.decode().strip()

    assert text.startswith('<image-viewer class="viewer" id="viewer"')
    assert text.endswith("</image-viewer>")


@pytest.mark.parametrize("count", [1, 3])
def test_detail_asks_the_same_number_of_queries(as_bob, bob, model, count, django_assert_num_queries):
    made = [make_image(bob, model) for _ in range(count)]

    # session, person, image, requests, newer, older, who opened it; six for what is kept with it
    with django_assert_num_queries(12):
        as_bob.get(reverse("images.detail", args=[made[0].pk], query={"view": "mine"}))


def test_detail_walks_along_the_view_it_was_opened_in(as_bob, bob, charlie, model):
    old, _private, middle, new = [
        make_image(person, model, shared=shared)
        for person, shared in ((bob, True), (bob, False), (charlie, True), (bob, True))
    ]

    text = as_bob.get(reverse("images.detail", args=[middle.pk], query={"view": "team"})).content.decode()

    walk = re.findall(r'viewer__walk--(\w+)" href="/images/([^/]*)/\?view=team"', text)
    assert walk == [("previous", str(new.pk)), ("next", str(old.pk))]


def test_detail_walks_along_the_search_it_was_opened_in(as_bob, bob, charlie, model):
    old, _theirs, middle = [make_image(person, model) for person in (bob, charlie, bob)]

    query = {"view": "team", "person": bob.pk}
    text = as_bob.get(reverse("images.detail", args=[middle.pk], query=query)).text

    walk = re.findall(r'viewer__walk--(\w+)" href="/images/([^/]*)/\?view=team&amp;person=([^"]*)"', text)
    assert walk == [("next", str(old.pk), str(bob.pk))]


def test_detail_walks_along_the_gallery_of_a_collection_in_the_gallerys_order(as_bob, bob, model):
    old, middle, new = [make_image(bob, model) for _ in range(3)]
    row = collections.create(person=bob, name="Lakes")
    for image in (new, middle, old):  # what is added comes first: by hand the oldest is on top
        collections.add(person=bob, collection=row, images=[image.pk])

    query = {"view": "mine", "collection": row.pk}
    text = as_bob.get(reverse("images.detail", args=[middle.pk], query=query)).text

    walk = re.findall(r'viewer__walk--(\w+)" href="/images/([^/]*)/\?view=mine&amp;collection=', text)
    assert walk == [("previous", str(new.pk)), ("next", str(old.pk))]
    assert f'href="/gallery/?view=mine&amp;collection={row.pk}&amp;before=' in text


@pytest.mark.parametrize("query", [{"view": "mine"}, {}])
def test_detail_close_leads_to_the_list_at_this_picture(as_bob, bob, model, query):
    _old, middle, _new = [make_image(bob, model) for _ in range(3)]

    text = as_bob.get(reverse("images.detail", args=[middle.pk], query=query)).text
    close = html.unescape(re.search(r'href="([^"]*)" data-close', text)[1])

    assert close.endswith(f"#tile-{middle.pk}")
    assert shown(as_bob.get(close))[0] == middle.pk


def test_detail_of_the_first_closes_to_the_newest(as_bob, image):
    text = as_bob.get(reverse("images.detail", args=[image.pk], query={"view": "mine"})).text

    assert f'href="/gallery/?view=mine#tile-{image.pk}" data-close' in text


def test_detail_asking_for_what_there_cannot_be_is_404(as_bob, image):
    url = reverse("images.detail", args=[image.pk], query={"view": "mine", "person": "nobody"})

    assert as_bob.get(url).status_code == 404


def test_detail_names_the_neighbours_pictures_to_be_fetched_ahead(as_bob, bob, model):
    old, new = make_image(bob, model), make_image(bob, model)

    text = as_bob.get(reverse("images.detail", args=[new.pk], query={"view": "mine"})).text

    assert re.findall(r'data-ahead="\S+ (\S+)"', text) == [f"/media/{old.pk}/?v={old.edition}"]


def test_detail_presses_just_the_keys_that_its_sheet_lists(as_bob, bob, model):
    _old, middle, _new = [make_image(bob, model) for _ in range(3)]

    text = as_bob.get(reverse("images.detail", args=[middle.pk], query={"view": "mine"})).text
    pressed = re.findall(r'data-key="([^"]*)" aria-keyshortcuts', text)

    assert sorted(pressed) == sorted(key.press for key in KEYS["viewer"].values())
    listed = re.findall(r"<dt><kbd>([^<]*)</kbd></dt>\s*<dd>([^<]*)</dd>", text)
    assert listed == [(key.shown, key.does) for key in KEYS["viewer"].values()]


def test_detail_without_a_view_walks_along_the_sheet(as_bob, bob, model):
    generation = make_generation(bob, model, n=3, state=State.DONE)
    first, second, third = [make_image(bob, model, generation=generation) for _ in range(3)]
    make_image(bob, model)

    text = as_bob.get(reverse("images.detail", args=[second.pk])).content.decode()

    walk = re.findall(r'viewer__walk--(\w+)" href="/images/([^/]*)/"', text)
    assert walk == [("previous", str(first.pk)), ("next", str(third.pk))]


def test_detail_offers_sharing_and_trash_to_the_owner_only(as_bob, as_charlie, image):
    url = reverse("images.detail", args=[image.pk])

    own, other = (client.get(url).content.decode() for client in (as_bob, as_charlie))

    assert ("Shared with the team" in own, 'data-key="Delete"' in own) == (True, True)
    assert ("Shared with the team" in other, 'data-key="Delete"' in other) == (False, False)


@pytest.mark.parametrize("name", ["detail", "receipt"])
def test_t11_get_private_of_another_is_404_like_what_never_was(as_charlie, private, name):
    hidden = as_charlie.get(reverse(f"images.{name}", args=[private.pk]))
    never = as_charlie.get(reverse(f"images.{name}", args=[uuid7()]))

    assert (hidden.status_code, never.status_code) == (404, 404)
    bodies = [re.sub(r'"X-CSRFToken": "\w+"|value="\w{64}"', "", each.text) for each in (hidden, never)]
    assert bodies[0] == bodies[1]


def test_detail_has_one_heading_and_a_key_for_each_act(as_charlie, image):
    text = as_charlie.get(reverse("images.detail", args=[image.pk])).text

    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", text) == ["A mountain lake at dawn"]
    keys = dict(re.findall(r'href="([^"]*)"[^>]* data-key="([^"]*)"', text))
    home, run = reverse("generations.index"), image.generation_id
    assert {f"{home}?remix={run}": "r", f"{home}?from={run}": "a"}.items() <= keys.items()
    assert keys[f"/comparisons/new/?prompt={image.generation.prompt_id}"] == "m"


# Acts


@pytest.mark.parametrize("name", ["favourite", "share", "trash"])
def test_t11_post_private_of_another_is_404_and_changes_nothing(as_charlie, private, name):
    assert put(as_charlie, name, private, 1).status_code == 404
    private.refresh_from_db()
    assert (private.shared, private.trashed_at, Favourite.objects.count()) == (False, None, 0)


@pytest.mark.parametrize("name", ["share", "trash"])
def test_t11_post_shared_of_another_is_404_and_changes_nothing(as_charlie, as_alice, image, name):
    assert put(as_charlie, name, image, name == "trash").status_code == 404
    assert put(as_alice, name, image, name == "trash").status_code == 404
    image.refresh_from_db()
    assert (image.shared, image.trashed_at) == (True, None)


@pytest.mark.parametrize("name", ["images.share", "images.trash", "kept.describe"])
def test_post_of_what_a_moderator_removed_is_404_to_its_owner_too(as_bob, image, name):
    Image.objects.filter(pk=image.pk).update(removed_at=timezone.now(), shared=False)

    answer = as_bob.post(reverse(name, args=[image.pk]), {"on": "1", "alt": "A lake"})

    assert answer.status_code == 404
    image.refresh_from_db()
    assert (image.shared, image.trashed_at, image.alt_text) == (False, None, "")


@pytest.mark.parametrize("name", ["favourite", "share", "trash"])
def test_get_of_an_act_is_405(as_bob, image, name):
    assert as_bob.get(reverse(f"images.{name}", args=[image.pk])).status_code == 405


def test_favourite_plain_form_goes_back_to_the_page(as_charlie, charlie, image):
    response = put(as_charlie, "favourite", image, 1, Referer="http://testserver/gallery/?view=team")

    assert (response.status_code, response["Location"]) == (303, "http://testserver/gallery/?view=team")
    assert Favourite.objects.filter(person=charlie, image=image).count() == 1


def test_favourite_plain_form_from_elsewhere_goes_to_the_image(as_charlie, image):
    response = put(as_charlie, "favourite", image, 1, Referer="https://evil.example/")

    assert (response.status_code, response["Location"]) == (303, f"/images/{image.pk}/")


def test_favourite_twice_and_off_again(as_charlie, image):
    for on, count in ((1, 1), (1, 1), (0, 0)):
        put(as_charlie, "favourite", image, on)

        assert Favourite.objects.count() == count


@pytest.mark.parametrize(
    ("target", "start"),
    [
        ("button#favourite-{pk}", '<button class="tool" id="favourite-{pk}"'),
        ("div#actions-{pk}", '<div class="actions" id="actions-{pk}"'),
    ],
)
def test_favourite_htmx_gets_what_was_pressed(as_charlie, image, target, start):
    headers = HTMX | {"HX-Target": target.format(pk=image.pk)}

    response = put(as_charlie, "favourite", image, 1, **headers)

    text = response.content.decode().strip()
    assert text.startswith(start.format(pk=image.pk))
    assert 'aria-pressed="true"' in text


def test_share_off_hides_it_from_the_team(as_bob, as_charlie, image):
    response = put(as_bob, "share", image, 0, **HTMX, **{"HX-Target": f"div#actions-{image.pk}"})

    text = response.content.decode()
    assert 'aria-checked="false"' in text
    assert re.search(f'<dd id="sight-{image.pk}" hx-swap-oob="true">\\s*only you', text)
    assert as_charlie.get(reverse("images.detail", args=[image.pk])).status_code == 404


@pytest.mark.parametrize(("on", "sight"), [(0, "only you"), (1, "the team")])
def test_share_all_shares_or_hides_the_whole_run(as_bob, bob, model, on, sight):
    row = make_generation(bob, model, n=2, state=State.DONE, shared=not on)
    made = [make_image(bob, model, generation=row) for _ in range(2)]
    url = reverse("images.share", args=[made[0].pk])

    answer = as_bob.post(url, {"on": on, "all": "1"}, headers=HTMX | {"HX-Target": "div#actions-x"})

    assert list(row.images.values_list("shared", flat=True)) == [bool(on)] * 2
    assert sight in answer.text
    assert ("Keep all 2 private" if on else "Share all 2") in answer.text


def test_trash_and_restore_keeps_everything(as_bob, bob, image):
    images.favourite(image=image, person=bob, liked=True)

    target = {"HX-Target": f"div#actions-{image.pk}"}
    asked = put(as_bob, "trash", image, 1, **HTMX, **target)
    assert "It is a favourite of 1 person." in asked.content.decode()
    assert Image.objects.kept().count() == 1

    address = reverse("images.trash", args=[image.pk])
    gone = as_bob.post(address, {"on": "1", "sure": "1"}, headers=HTMX | target)
    back = put(as_bob, "trash", image, 0)

    assert "In the trash" in gone.content.decode()
    assert "Restore" in gone.content.decode()
    assert back.status_code == 303
    image.refresh_from_db()
    assert (image.trashed_at, image.shared, Favourite.objects.count()) == (None, True, 1)
    assert default_storage.exists(image.key)


# The receipt


def test_receipt_tells_every_fact_and_no_storage_key(as_charlie, image):
    RelayRequest.objects.create(
        generation=image.generation, attempt=1, slots=[0], status=200, outcome="done", trace_id="trace-7"
    )

    response = as_charlie.get(reverse("images.receipt", args=[image.pk]))

    facts = response.json()
    name = f"A mountain lake at dawn {image.pk.hex[-6:]}.json"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert facts["image"]["sha256"] == image.sha256
    assert facts["image"]["saved_at"] == image.saved_at.isoformat(timespec="milliseconds").replace(
        "+00:00", "Z"
    )
    assert facts["settings"] == {"size": "1024x1024"}
    relay_request = facts["requests"][0]
    assert [relay_request[name] for name in ("attempt", "status", "outcome", "trace_id")] == [
        1,
        200,
        "done",
        "trace-7",
    ]
    assert image.key not in response.content.decode()


def test_receipt_says_nothing_of_private_neighbours(as_charlie, bob, model):
    generation = make_generation(bob, model, n=2, state=State.DONE)
    seen = make_image(bob, model, generation=generation)
    hidden = make_image(bob, model, generation=generation, shared=False, content=b"secret")

    text = as_charlie.get(reverse("images.receipt", args=[seen.pk])).content.decode()

    assert (str(hidden.pk) in text, hidden.sha256 in text) == (False, False)


def test_old_name_of_what_was_brought_in_is_told_to_its_owner_alone(as_bob, as_charlie, bob, model):
    image = make_image(bob, model, old_name="secret draft.png")
    pages = [reverse(f"images.{name}", args=[image.pk]) for name in ("detail", "receipt")]

    assert ["secret draft.png" in as_bob.get(page).text for page in pages] == [True, True]
    assert ["secret draft" in as_charlie.get(page).text for page in pages] == [False, False]
