"""The one row of this installation: what administrators decide for the whole team."""

import time

from django.conf import settings
from django.db import models
from django.utils import timezone

REFRESH = 2.0
"""Seconds for which a process believes what it has read: by then a change is seen everywhere."""


class SandboxChoice(models.TextChoices):
    """What an administrator has decided of the sandbox once a real relay was there."""

    ASKED = "", "not asked yet"
    KEPT = "kept", "kept"
    OFF = "off", "off"


class Review(models.TextChoices):
    """Whose pictures a moderator looks at before the team sees them."""

    OFF = "off", "nobody’s"
    NEW = "new", "those of new people"
    EVERYBODY = "everybody", "everybody’s"


class Installation(models.Model):
    """The one row of this installation; `opened_at` is set by the first administrator, once.

    `rules_version` grows with every change of the rules, which each process reads anew then. While `stopped_at` is set
    nothing is drawn. An announcement is known by the moment it was made at.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    opened_at = models.DateTimeField(null=True)
    sandbox = models.CharField(max_length=8, choices=SandboxChoice, default=SandboxChoice.ASKED, blank=True)
    rules_version = models.PositiveIntegerField(default=0)
    shared = models.BooleanField(null=True)
    review = models.CharField(max_length=10, choices=Review, blank=True)
    retention_days = models.PositiveSmallIntegerField(null=True)
    # How many images one person of each role may have waiting; None is the environment's number.
    queue_member = models.PositiveIntegerField(null=True)
    queue_moderator = models.PositiveIntegerField(null=True)
    queue_administrator = models.PositiveIntegerField(null=True)
    has_budgets = models.BooleanField(default=False)
    has_webhooks = models.BooleanField(default=False)
    # Roles whose people must draw with a house preset.
    obliged_roles: "models.JSONField[list[str]]" = models.JSONField(default=list)
    message = models.CharField(max_length=300, blank=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_why = models.CharField(max_length=300, blank=True)
    announcement = models.CharField(max_length=500, blank=True)
    announced_at = models.DateTimeField(null=True)
    announcement_ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one")]

    def __str__(self) -> str:
        return "Lightfast"

    @property
    def is_stopped(self) -> bool:
        return self.stopped_at is not None

    @property
    def starts_shared(self) -> bool:
        """Whether what people make starts shared: as administrators decided here, else as the environment says."""
        return bool(settings.DEFAULT_SHARED if self.shared is None else self.shared)

    def queue_of(self, role: str) -> int:
        """How many images somebody of this role may have waiting."""
        decided: int | None = getattr(self, f"queue_{role}")
        return settings.QUEUE_PER_PERSON if decided is None else decided

    @property
    def reviews(self) -> Review:
        """Whose pictures wait for a moderator: as administrators decided here, else as the environment says."""
        return Review(self.review or settings.REVIEW_PICTURES)

    @property
    def news(self) -> str:
        """The announcement, while it lasts."""
        over = self.announcement_ends_at is not None and self.announcement_ends_at <= timezone.now()
        return "" if over else self.announcement


class _Read:
    """What this process has read, and until when it believes it."""

    row = Installation()
    until = 0.0


def installation() -> Installation:
    """Return the row as it was at most two seconds ago; to be read, never to be saved."""
    if time.monotonic() > _Read.until:
        _Read.row, _Read.until = Installation.objects.first() or Installation(), time.monotonic() + REFRESH
    return _Read.row


def look_again() -> None:
    """Read the row anew next time: this process has just changed it."""
    _Read.until = 0.0
