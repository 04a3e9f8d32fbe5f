"""Pictures like one: by bytes, look and words, and never one that somebody may not see."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from studio.models import Image
from studio.search import postgresql
from studio.search.alike import Alike, alike
from studio.services import images
from tests.factories import make_image

pytestmark = pytest.mark.django_db
LOOK, NEAR, FAR = "ffff0000ffff0000", "ffff0000ffff0007", "0f0f00001234abcd"


@pytest.fixture
def one(bob, model) -> Image:
    return make_image(bob, model, text="A mountain lake at dawn", likeness=LOOK, sha256="a" * 64)


def other(person, model, text="Something else", **facts) -> Image:
    return make_image(person, model, text=text, **({"sha256": "b" * 64} | facts))


def test_alike_groups_by_bytes_look_and_words(one, bob, charlie, model):
    same = other(charlie, model, sha256="a" * 64)
    nearest = other(charlie, model, likeness=LOOK)
    near = other(charlie, model, likeness=NEAR)
    said = other(charlie, model, text="At dawn: the mountain LAKE, again")
    other(charlie, model, likeness=FAR)

    found = alike(one, bob, 10)

    assert found == Alike(same=[same.pk], look=[nearest.pk, near.pk], words=[said.pk])


def test_alike_said_in_fewer_of_the_words_comes_after_more(one, bob, charlie, model):
    more = other(charlie, model, text="dawn mountain lake at a")
    fewer = other(charlie, model, text="A mountain and a lake of dawn")

    assert alike(one, bob, 10).words == [more.pk, fewer.pk]
    assert alike(one, bob, 1).words == [more.pk]


@pytest.mark.parametrize("kept_back", ["shared", "trashed_at", "held_at", "removed_at", "unusable"])
def test_alike_shows_nothing_that_is_kept_back(one, bob, charlie, model, kept_back):
    value = {"shared": False, "unusable": True}.get(kept_back, timezone.now())
    other(
        charlie, model, text=one.generation.prompt.text, likeness=LOOK, sha256="a" * 64, **{kept_back: value}
    )

    assert alike(one, bob, 10) == Alike()


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_same_number_of_queries(one, as_bob, charlie, model, count, django_assert_num_queries):
    for _ in range(count):
        other(charlie, model, sha256="a" * 64)
    postgresql.guess.cache_clear()

    with django_assert_num_queries(10 if connection.vendor == "sqlite" else 14):
        page = as_bob.get(reverse("images.alike", args=[one.pk])).text

    assert ("The same picture" in page, page.count('class="tile"')) == (True, count)


def test_page_without_anything_like_it_offers_another_one(one, as_bob):
    assert "Nothing like it yet" in as_bob.get(reverse("images.alike", args=[one.pk])).text


def test_describe_lets_the_new_words_be_found(one, bob, as_bob):
    images.describe(image=one, person=bob, text="Herons over water")

    assert str(one.pk) in as_bob.get("/gallery/", {"q": "heron"}).text
    assert str(one.pk) in as_bob.get("/gallery/", {"q": "mountain"}).text
