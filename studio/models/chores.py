"""When the studio's own chores are due: one row each, which one of all workers moves on when it takes the chore."""

from typing import Self

from django.db import models
from django.db.models.functions import Now


class ChoreQuerySet(models.QuerySet["Chore"]):
    def due(self) -> Self:
        """Those whose time has come, by the database's clock."""
        return self.filter(due_at__lte=Now())


class Chore(models.Model):
    """Something that is done again and again, by one worker at a time."""

    name = models.CharField(primary_key=True, max_length=40)
    due_at = models.DateTimeField()

    objects = ChoreQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
