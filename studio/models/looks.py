"""Who looks at what: at a card, for a moment; at somebody's private picture, for ever."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.cases import Case
from studio.models.ids import uuid7
from studio.models.images import Image

LOOK = timedelta(seconds=25)
"""How long a look counts; a page that stays open repeats it (`templates/moderation/desk.html`)."""


class LookQuerySet(models.QuerySet["Look"]):
    def now(self) -> Self:
        return self.filter(at__gte=Now() - LOOK)

    def over(self) -> Self:
        return self.filter(at__lt=Now() - LOOK)


class Look(models.Model):
    """A moderator has a case before them; each has one at a time."""

    person = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="looks")
    at = models.DateTimeField(db_default=Now())

    objects = LookQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.person_id} looks at {self.case_id}"


class OpeningQuerySet(models.QuerySet["Opening"]):
    def valid_for(self, person: User, image: Image) -> Self:
        """The openings by which this person may look at the picture now."""
        return self.filter(person=person, image=image, until__gt=Now())

    def for_owner(self, person: User) -> Self:
        """What the owner of the picture reads: who opened it, when and why, newest first."""
        return self.filter(image__owner=person).select_related("person").order_by("-pk")


class Opening(models.Model):
    """An administrator opened somebody's private picture, said why first, and has until then to look."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    image = models.ForeignKey(Image, models.CASCADE, related_name="openings")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    why = models.TextField()
    at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()

    objects = OpeningQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.person_id} opened {self.image_id}"
