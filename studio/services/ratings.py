"""Giving stars; the mean of all stands in the picture's own row, so that lists need no sum."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import OuterRef

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Image, Rating, User
from studio.models.comments import STARS
from studio.words import Reason


def give(*, person: User, image: Image, stars: int) -> None:
    """Give one to five stars, in place of those given before; 0 takes them back."""
    if stars and not STARS[0] <= stars <= STARS[1]:
        raise StudioError(Reason("stars_out_of_range"), param="stars")
    with write_transaction():
        _lock([image.pk])
        mine = Rating.objects.filter(person=person, image=image)
        if not stars:
            mine.delete()
        else:
            Rating.objects.update_or_create(person=person, image=image, defaults={"stars": stars})
        _sum([image.pk])


def forget(*, person: User) -> None:
    """Take back all stars of a person, in the transaction that erases them."""
    rated = list(person.ratings.values_list("image", flat=True))
    _lock(rated)
    person.ratings.all().delete()
    for start in range(0, len(rated), 1000):
        _sum(rated[start : start + 1000])


def _lock(images: Iterable[UUID]) -> None:
    """Let nobody else give stars to these until the end of the transaction: a mean is of what all have given."""
    rows = Image.objects.filter(pk__in=images).order_by("pk")
    list(rows.select_for_update(of=("self",)).values_list("pk"))


def _sum(images: Iterable[UUID]) -> None:
    Image.objects.filter(pk__in=images).update(rating=Rating.objects.mean_of(OuterRef("pk")))
