import pytest

from studio.errors import StudioError
from studio.models import AuditEntry, Favourite, Image
from studio.services import images
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

    images.trash(image=image, person=bob, trashed=True)
    assert (Image.objects.kept().count(), Image.objects.in_trash().count()) == (0, 1)

    images.trash(image=image, person=bob, trashed=False)
    assert (Image.objects.kept().count(), Image.objects.in_trash().count()) == (1, 0)


def test_trash_of_another_persons_image_is_refused(bob, charlie, model):
    image = make_image(bob, model)

    with pytest.raises(StudioError) as refused:
        images.trash(image=image, person=charlie, trashed=True)

    assert refused.value.code == "not_yours"
    assert not AuditEntry.objects.filter(subject=str(image.pk)).exists()
