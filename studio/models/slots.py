"""The places of the images of a generation."""

from typing import Self

from django.db import models
from django.db.models import Q

from studio.models.rows import QuickRow


class SlotState(models.TextChoices):
    """Where one of the n asked-for images stands."""

    WAITING = "waiting"
    SAVED = "saved"
    UNUSABLE = "unusable"
    BLOCKED_ADDRESS = "blocked_address"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    EXPIRED = "expired"
    UNFETCHABLE = "unfetchable"
    GIF = "gif"
    SVG = "svg"
    ANIMATED = "animated"
    TOO_MANY_PIXELS = "too_many_pixels"
    UNDEVELOPED = "undeveloped"
    PENDING_FETCH = "pending_fetch"
    PENDING_STORAGE = "pending_storage"


PENDING = (SlotState.PENDING_FETCH, SlotState.PENDING_STORAGE)
"""The relay has answered for it, and its picture is still on its way into storage."""


class SlotQuerySet(models.QuerySet["Slot"]):
    def missing(self) -> Self:
        return self.exclude(state=SlotState.SAVED).order_by("index")

    def unanswered(self, round: int) -> Self:
        """Those no relay has answered for in this round."""
        return self.filter(state=SlotState.WAITING).exclude(round=round).order_by("index")

    def delivered(self, round: int) -> Self:
        """Those saved in this round."""
        return self.filter(state=SlotState.SAVED, round=round)


class Slot(QuickRow):
    """The place of one asked-for image; `round` is the generation's round in which a relay last answered for it."""

    generation = models.ForeignKey("Generation", models.CASCADE, related_name="slots")
    index = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=SlotState, default=SlotState.WAITING)
    round = models.PositiveSmallIntegerField(default=0)

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="slot_once"),
            models.CheckConstraint(condition=Q(state__in=SlotState.values), name="slot_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.index + 1} {self.state}"
