"""Mail that waits to be sent."""

from typing import Self

from django.db import models
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self) -> Self:
        return self.filter(due_at__lte=Now()).order_by("due_at", "pk")


class Letter(models.Model):
    """One mail; what it says, and to whom, is encrypted: it may hold a link that lets somebody in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="letters")
    sealed = models.TextField()
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now(), db_index=True)

    objects = LetterQuerySet.as_manager()

    def __str__(self) -> str:
        return f"tried {self.tries} times"
