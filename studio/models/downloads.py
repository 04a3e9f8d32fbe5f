"""ZIP files on their way to a person: how far each is, and nothing of what is in it."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.selections import Selection

SILENCE = timedelta(seconds=60)
"""After this a download that says nothing was left behind by a browser or a process that is gone."""


class DownloadQuerySet(models.QuerySet["Download"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person, selection__expires_at__gt=Now())

    def running(self) -> Self:
        return self.filter(ended_at=None, moved_at__gte=Now() - SILENCE)


class Download(models.Model):
    """One ZIP of a selection; it is made while it is sent, and can be fetched again as long as the selection lives."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="downloads")
    selection = models.ForeignKey(Selection, models.CASCADE, related_name="downloads")
    with_prompts = models.BooleanField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    sent = models.PositiveBigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = DownloadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="download_done_of_total"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}, {self.done} of {self.total}"

    @property
    def has_begun(self) -> bool:
        return self.moved_at is not None

    @property
    def is_whole(self) -> bool:
        """Whether everything has left; what the browser made of it, it says itself."""
        return self.ended_at is not None
