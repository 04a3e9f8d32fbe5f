"""Pictures chosen in the gallery to do something with all of them: the browser holds one id, never a list."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.images import Image

LIFE = timedelta(days=1)
"""How long a selection is kept after its last change."""

AT_MOST = 10_000
"""How many pictures are done something with at once: it is one transaction, and others wait for its end."""


def _end() -> object:
    return timezone.now() + LIFE


class SelectionQuerySet(models.QuerySet["Selection"]):
    def of(self, person: User) -> Self:
        """Those this person can still use."""
        return self.filter(person=person, expires_at__gt=Now())

    def over(self) -> Self:
        return self.filter(expires_at__lte=Now())


class Selection(models.Model):
    """Either the picked pictures, or everything that a search finds but the picked ones."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="selections")
    query = models.TextField(blank=True)
    everything = models.BooleanField(default=False)
    # What is drawn after "all that match" was pressed does not match: nobody has seen it.
    newest = models.UUIDField(null=True)
    expires_at = models.DateTimeField(default=_end)

    objects = SelectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(everything=False, newest=None) | Q(everything=True, newest__isnull=False),
                name="selection_everything_until",
            )
        ]
        indexes = [models.Index(fields=["expires_at"], name="selection_expires")]

    def __str__(self) -> str:
        return f"{self.pk}"


class Pick(models.Model):
    """One picture that is in a selection, or left out of everything."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="picks")
    image = models.ForeignKey(Image, models.CASCADE, related_name="picks")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["selection", "image"], name="pick_once")]

    def __str__(self) -> str:
        return f"{self.selection_id} {self.image_id}"
