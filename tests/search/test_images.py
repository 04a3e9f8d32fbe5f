"""What a gallery finds, and that nobody finds what they may not see."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from studio.models import Gallery, Hue, Image, Outline
from studio.search.asked import Asked, Liking
from studio.search.images import search
from studio.services import images
from tests.factories import make_image, make_old_image

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


def test_search_of_days_counts_both_ends(bob, model):
    today = timezone.localdate()
    old = {days: make_old_image(bob, model, days) for days in (1, 2, 3)}

    def days(since: date | None, until: date | None) -> list[Image]:
        return list(search(Asked(since=since, until=until), bob))

    two = today - timedelta(2)
    assert days(two, two) == [old[2]]
    assert days(two, None) == [old[1], old[2]]
    assert days(None, two) == [old[2], old[3]]
