"""Finds pictures: what somebody may see, and of that what the address of a gallery asks for."""

from datetime import date, datetime, time, timedelta

from django.db.models import F, Q
from django.utils import timezone

from studio.models import Image, Outline, Prompt, User
from studio.models.ids import first_at
from studio.models.images import ImageQuerySet
from studio.search.asked import Asked, Liking
from studio.search.prompts import search as search_prompts


def search(asked: Asked, user: User) -> ImageQuerySet:
    """Return the pictures that are asked for and that this person may see, newest first."""
    rows = Image.objects.in_gallery(asked.view, user)
    if asked.words:
        prompts = search_prompts(Prompt.objects.all(), asked.words)
        rows = rows.filter(generation__prompt__in=prompts.values("pk"))
    return rows.filter(_facts(asked), _days(asked), _hearts(asked, user))


def _facts(asked: Asked) -> Q:
    facts = Q()
    if asked.person:
        facts &= Q(owner=asked.person)
    if asked.model:
        facts &= Q(generation__via=asked.model) | Q(generation__via=None, generation__model=asked.model)
    if asked.relay:
        through = Q(generation__via=None, generation__model__relay=asked.relay)
        facts &= Q(generation__via__relay=asked.relay) | through
    if asked.shape:
        facts &= _SHAPES[asked.shape]
    if asked.colour:
        facts &= Q(hue=asked.colour)
    return facts


_SHAPES = {
    Outline.SQUARE: Q(width=F("height")),
    Outline.LANDSCAPE: Q(width__gt=F("height")),
    Outline.PORTRAIT: Q(width__lt=F("height")),
}


def _days(asked: Asked) -> Q:
    """Ids are made in order of time; a day begins and ends in the studio's zone."""
    days = Q()
    if asked.since:
        days &= Q(pk__gte=first_at(_midnight(asked.since)))
    if asked.until:
        days &= Q(pk__lt=first_at(_midnight(asked.until + timedelta(days=1))))
    return days


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _hearts(asked: Asked, user: User) -> Q:
    if asked.liked == Liking.MINE:
        return Q(pk__in=user.favourites.values("image"))
    return Q(pk__in=Image.objects.liked().values("pk")) if asked.liked else Q()
