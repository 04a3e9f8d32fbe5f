"""The shared history of prompts."""

import hashlib
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7

_MICROSECOND = timedelta(microseconds=1)


class History(models.TextChoices):
    """The ways to look at the prompts."""

    TEAM = "team", "Team"
    MINE = "mine", "Mine"

    @property
    def moment(self) -> str:
        """The column by which it is in order: a private run does not show in what the team sees."""
        return "run_at" if self == History.MINE else "shared_at"


class PromptQuerySet(models.QuerySet["Prompt"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of which the team may see a generation."""
        return self.filter(Q(shared_at__isnull=False) | Q(author=user))

    def in_history(self, history: History, user: User) -> Self:
        """One view of the history, newest run first; each is one walk along one index."""
        rows = self.filter(author=user) if history == History.MINE else self.filter(shared_at__isnull=False)
        return rows.annotate(ran_at=F(history.moment)).order_by(f"-{history.moment}", "-pk")

    def before(self, history: History, moment: datetime, pk: UUID) -> Self:
        """Prompts that come after this place in the history; the last bound lets the index do the work.

        SQLite compares times as text, where one moment has several spellings: hence a microsecond on either side.
        """
        name = history.moment
        earlier = Q((f"{name}__lte", moment - _MICROSECOND)) | Q(pk__lt=pk)
        return self.filter(earlier, (f"{name}__lt", moment + _MICROSECOND))


class Prompt(models.Model):
    """What one person asked for; running the same words again brings the row back to the top.

    `shared_at` is when the newest generation of it that the team may see was made; services.sharing keeps it true.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    author = models.ForeignKey(User, models.CASCADE, related_name="prompts")
    text = models.TextField()
    words = models.TextField(default="", editable=False)  # what the index holds of it (search.parse.indexed)
    digest = models.CharField(max_length=64, editable=False)
    run_at = models.DateTimeField(db_default=Now())
    shared_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = PromptQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "digest"], name="prompt_once_per_author")]
        indexes = [
            models.Index(fields=["author", "-run_at", "-id"], name="prompt_mine"),
            models.Index(
                fields=["-shared_at", "-id"], name="prompt_team", condition=Q(shared_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def is_visible_to(self, user: User) -> bool:
        """Say of one row what `visible_to` says of many."""
        return self.shared_at is not None or self.author_id == user.pk

    @staticmethod
    def digest_of(text: str) -> str:
        """SHA-256 of the text in hex: what makes two prompts the same."""
        return hashlib.sha256(text.encode()).hexdigest()
