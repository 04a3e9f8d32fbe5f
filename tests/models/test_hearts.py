"""A picture's row says how many people like it, whichever way hearts come and go."""

import pytest

from studio.models import Favourite, Image
from studio.services import images
from tests.factories import make_image, make_user

pytestmark = pytest.mark.django_db


def _hearts(image: Image) -> tuple[int, int]:
    return Image.objects.get(pk=image.pk).hearts, Favourite.objects.filter(image=image).count()


def test_hearts_of_a_new_picture_are_none(bob, model):
    assert _hearts(make_image(bob, model)) == (0, 0)


def test_hearts_follow_each_favourite(bob, charlie, model):
    image = make_image(bob, model)

    for person, liked, count in ((bob, True, 1), (charlie, True, 2), (charlie, True, 2), (bob, False, 1)):
        images.favourite(image=image, person=person, liked=liked)

        assert _hearts(image) == (count, count)


def test_hearts_of_many_at_once_count_each_once(bob, charlie, model):
    some = [make_image(bob, model) for _ in range(3)]
    Favourite.objects.create(image=some[0], person=charlie)

    Favourite.objects.bulk_create(
        [Favourite(image=image, person=charlie) for image in some], ignore_conflicts=True
    )

    assert [_hearts(image) for image in some] == [(1, 1)] * 3


def test_hearts_of_a_person_who_is_gone_are_gone(bob, model):
    image, other = make_image(bob, model), make_user("Otto Other")
    Favourite.objects.create(image=image, person=other)

    other.delete()

    assert _hearts(image) == (0, 0)


def test_liked_asks_the_row(bob, charlie, model):
    image, other = make_image(bob, model), make_image(bob, model)
    Favourite.objects.create(image=image, person=charlie)

    assert (list(Image.objects.liked()), list(Image.objects.liked(False))) == ([image], [other])
