"""The shared history of prompts."""

import hashlib
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.rows import QuickRow

_MICROSECOND = timedelta(microseconds=1)
SHARED = Q(shared_at__isnull=False)
TOLD = ("text", "digest", "shared_at", "author__name", "author__email")
"""What is told of a prompt where many of them stand below one another."""


class History(models.TextChoices):
    """The ways to look at the prompts."""

    TEAM = "team", "Team"
    MINE = "mine", "Mine"

    @property
    def moment(self) -> str:
        """The column by which it is in order: a private run does not show in what the team sees."""
        return "run_at" if self == History.MINE else "shared_at"


class Sort(models.TextChoices):
    """The orders in which the prompts can be read."""

    NEWEST = "newest", "Newest"
    USED = "used", "Most used"
    RATED = "rated", "Best rated"

    def column(self, history: History) -> str:
        """The column that a view of the history is in order by, largest first."""
        if self == Sort.NEWEST:
            return history.moment
        return self.value if history == History.MINE else f"team_{self.value}"


class PromptQuerySet(models.QuerySet["Prompt"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of which the team may see a generation."""
        return self.filter(Q(shared_at__isnull=False) | Q(author=user))

    def in_history(self, history: History, user: User, sort: Sort = Sort.NEWEST) -> Self:
        """One view of the history; each order of it is one walk along one index.

        What several people asked for in the same words stands there once, in the row of whoever ran it last.
        """
        rows = self.in_order(history, user, sort).select_related("author").only(*TOLD)
        rows = rows if history == History.MINE else rows.folded()
        return rows.annotate(ran_at=F(history.moment), place=F(sort.column(history)))

    def in_order(self, history: History, user: User, sort: Sort) -> Self:
        """The same before it is folded."""
        return self.in_view(history, user).order_by(f"-{sort.column(history)}", "-pk")

    def in_view(self, history: History, user: User) -> Self:
        """The same in no order."""
        return self.filter(author=user) if history == History.MINE else self.shared()

    def shared(self) -> Self:
        """Those of which the team may see a generation."""
        return self.filter(SHARED)

    def folded(self) -> Self:
        """Of those in the same words the one that was last run for the team."""
        later = Q(shared_at__gt=OuterRef("shared_at")) | Q(
            shared_at=OuterRef("shared_at"), pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(Prompt.objects.shared().filter(later, digest=OuterRef("digest"))))

    def before(self, column: str, place: datetime | int, pk: UUID) -> Self:
        """Prompts that come after this place in an order; the last bound lets the index do the work.

        SQLite compares times as text, where one moment has several spellings: hence a microsecond on either side.
        """
        step = _MICROSECOND if isinstance(place, datetime) else 1
        earlier = Q((f"{column}__lte", place - step)) | Q(pk__lt=pk)  # type: ignore[operator]
        return self.filter(earlier, (f"{column}__lt", place + step))  # type: ignore[operator]

    def down_to(self, column: str, place: datetime | int, pk: UUID) -> Self:
        """Prompts that come before this place in an order, and the one in it."""
        before = Q((f"{column}__gt", place)) | Q(pk__gte=pk)
        return self.filter(before, (f"{column}__gte", place))


class Prompt(QuickRow):
    """What one person asked for; running the same words again brings the row back to the top.

    `shared_at` is when the newest generation of it that the team may see was made; services.sharing keeps it true.
    How often it was run and how it is rated, for its author and for the team (whose rows in the same words count
    together), is what the orders go by; services.standing counts it anew, and no page shows these figures.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    author = models.ForeignKey(User, models.CASCADE, related_name="prompts")
    text = models.TextField()
    words = models.TextField(default="", editable=False)  # what the index holds of it (search.parse.indexed)
    digest = models.CharField(max_length=64, editable=False)
    run_at = models.DateTimeField(db_default=Now())
    shared_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    used = models.IntegerField(db_default=0)
    rated = models.IntegerField(db_default=0)
    team_used = models.IntegerField(db_default=0)
    team_rated = models.IntegerField(db_default=0)

    objects = PromptQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "digest"], name="prompt_once_per_author")]
        indexes = [
            models.Index(fields=["author", "-run_at", "-id"], name="prompt_mine"),
            models.Index(fields=["author", "-used", "-id"], name="prompt_mine_used"),
            models.Index(fields=["author", "-rated", "-id"], name="prompt_mine_rated"),
            models.Index(fields=["-shared_at", "-id"], name="prompt_team", condition=SHARED),
            models.Index(fields=["-team_used", "-id"], name="prompt_team_used", condition=SHARED),
            models.Index(fields=["-team_rated", "-id"], name="prompt_team_rated", condition=SHARED),
            models.Index(fields=["digest", "-shared_at", "-id"], name="prompt_of_text"),
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
