import pytest

from studio.models import AuditEntry, Favourite, Image
from studio.services import collections, images
from studio.services.images import StillUsed
from tests.factories import make_image

pytestmark = pytest.mark.django_db


def test_favourite_twice_is_one_and_can_be_taken_back(bob, model):
    image = make_image(bob, model)

    images.favourite(image=image, person=bob, liked=True)
    images.favourite(image=image, person=bob, liked=True)
    assert Favourite.objects.count() == 1

    images.favourite(image=image, person=bob, liked=False)
    assert Favourite.objects.count() == 0


def test_trash_and_restore(bob, model):
    image = make_image(bob, model)

    images.trash(images=[image.pk], person=bob, trashed=True)
    assert (Image.objects.kept().count(), Image.objects.in_trash().count()) == (0, 1)

    images.trash(images=[image.pk], person=bob, trashed=False)
    assert (Image.objects.kept().count(), Image.objects.in_trash().count()) == (1, 0)


def test_trash_of_another_persons_image_moves_nothing(bob, charlie, model):
    image = make_image(bob, model)

    assert images.trash(images=[image.pk], person=charlie, trashed=True) == []

    assert Image.objects.kept().count() == 1
    assert not AuditEntry.objects.filter(subject=str(image.pk)).exists()


def test_trash_of_several_is_one_entry_and_asks_first(bob, charlie, model):
    rows = [make_image(bob, model) for _ in range(3)]
    keys = [row.pk for row in rows]
    images.favourite(image=rows[0], person=charlie, liked=True)
    shared = collections.create(person=charlie, name="Spring", audience="sees")
    hidden = collections.create(person=charlie, name="My own")
    for collection in (shared, hidden):
        collections.add(person=charlie, collection=collection, images=keys[1:])

    with pytest.raises(StillUsed) as asked:
        images.trash(person=bob, images=keys)
    assert asked.value.sentence == (
        "They are favourites of 1 person and lie in “Spring”, which the team sees. "
        "For 30 days all of it can be brought back."
    )
    assert Image.objects.kept().count() == 3

    assert images.trash(person=bob, images=keys, sure=True) == keys
    assert AuditEntry.objects.get(action="image.trashed").detail == {"n": 3}
    assert images.trash(person=bob, images=keys, sure=True) == []

    assert images.trash(person=bob, images=keys, trashed=False) == keys
    assert (Favourite.objects.count(), shared.places.count()) == (1, 2)


def test_trash_of_what_only_a_private_collection_holds_does_not_ask(bob, charlie, model):
    image = make_image(bob, model)
    hidden = collections.create(person=charlie, name="My own")
    collections.add(person=charlie, collection=hidden, images=[image.pk])

    assert images.trash(person=bob, images=[image.pk]) == [image.pk]
