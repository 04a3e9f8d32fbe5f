import pytest
from django.db import IntegrityError, transaction

from studio.errors import StudioError
from studio.models import Rating
from studio.services import ratings
from tests.factories import make_image

pytestmark = pytest.mark.django_db


def test_give_keeps_the_mean_of_all_in_the_pictures_row(bob, charlie, mona, model):
    image, other = make_image(bob, model), make_image(bob, model)

    for person, stars in ((bob, 5), (charlie, 4), (mona, 4)):
        ratings.give(person=person, image=image, stars=stars)

    image.refresh_from_db()
    other.refresh_from_db()
    assert (image.rating, other.rating) == (433, None)


def test_give_again_replaces_and_nothing_takes_back(bob, model):
    image = make_image(bob, model)

    ratings.give(person=bob, image=image, stars=2)
    ratings.give(person=bob, image=image, stars=3)
    image.refresh_from_db()
    assert (image.rating, Rating.objects.count()) == (300, 1)

    ratings.give(person=bob, image=image, stars=0)
    image.refresh_from_db()
    assert (image.rating, Rating.objects.count()) == (None, 0)


@pytest.mark.parametrize("stars", [-1, 6])
def test_give_of_what_are_no_stars_is_refused(stars, bob, model):
    with pytest.raises(StudioError) as refused:
        ratings.give(person=bob, image=make_image(bob, model), stars=stars)

    assert refused.value.code == "stars_out_of_range"


def test_database_refuses_six_stars(bob, model):
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.create(person=bob, image=make_image(bob, model), stars=6)


def test_forget_sums_anew_what_a_person_had_rated(bob, charlie, model):
    image = make_image(bob, model)
    ratings.give(person=bob, image=image, stars=5)
    ratings.give(person=charlie, image=image, stars=1)

    ratings.forget(person=charlie)

    image.refresh_from_db()
    assert image.rating == 500
