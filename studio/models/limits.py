"""Tries that are counted: signing in, changing a password."""

from typing import Self

from django.db import models
from django.db.models.functions import Now


class TriesQuerySet(models.QuerySet["Tries"]):
    def over(self) -> Self:
        """Those too long ago to count."""
        return self.filter(ends_at__lt=Now())


class Tries(models.Model):
    """The latest tries that count together, whoever of all processes and machines was asked.

    The key is a digest: the row says neither whose name was tried nor from where.
    """

    key = models.CharField(primary_key=True, max_length=64)
    times: "models.JSONField[list[float]]" = models.JSONField(default=list)
    told_at = models.FloatField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    objects = TriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tries"

    def __str__(self) -> str:
        return f"{len(self.times)} tries"
