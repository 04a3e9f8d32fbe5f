"""The processes that draw, as they say of themselves."""

import datetime
from typing import Self

from django.db import models
from django.db.models.functions import Now


class WorkerQuerySet(models.QuerySet["WorkerProcess"]):
    def seen_within(self, span: datetime.timedelta) -> Self:
        """Those that have given a sign of life, by the database's clock."""
        return self.filter(seen_at__gte=Now() - span)


class WorkerProcess(models.Model):
    """One process; it writes down that it lives with every beat of its heart."""

    name = models.CharField(primary_key=True, max_length=120)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField()
    running = models.PositiveIntegerField(default=0)

    objects = WorkerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def machine(self) -> str:
        return self.name.partition(":")[0]
