"""Copies of everything that is a person's, to be taken along."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7

KEPT = timedelta(days=7)
"""How long a copy can be fetched."""

PATIENCE = timedelta(hours=2)
"""After this a copy that is still being made was left behind by a worker that died."""


class ExportState(models.TextChoices):
    """How far a copy is."""

    WAITING = "waiting", "Waiting"
    MAKING = "making", "Being made"
    READY = "ready", "Ready"


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def forgotten(self) -> Self:
        """Those whose ticket or whose worker was lost."""
        lost = Q(state=ExportState.MAKING, moved_at__lt=Now() - PATIENCE)
        return self.filter(lost | Q(state=ExportState.WAITING))

    def old(self) -> Self:
        return self.filter(state=ExportState.READY, moved_at__lt=Now() - KEPT)

    def move(self, *old: ExportState, to: ExportState, **facts: object) -> bool:
        """Move the one matching row on if it is still in an old state; the row count decides."""
        return self.filter(state__in=old).update(state=to, moved_at=Now(), **facts) == 1


class Export(models.Model):
    """One copy; a person has at most one, the last they asked for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField(User, models.CASCADE, related_name="export")
    state = models.CharField(max_length=8, choices=ExportState, default=ExportState.WAITING)
    moved_at = models.DateTimeField(db_default=Now())
    key = models.CharField(max_length=200, blank=True)
    byte_size = models.PositiveBigIntegerField(default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_known")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}, {self.state}"
