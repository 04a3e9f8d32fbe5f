"""The shared history of prompts."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connections, models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7

_MICROSECOND = timedelta(microseconds=1)


class PromptQuerySet(models.QuerySet["Prompt"]):
    def visible_to(self, user: User) -> Self:
        """The team's shared prompts and one's own."""
        return self.filter(Q(shared=True) | Q(author=user))

    def search(self, text: str) -> Self:
        """Prompts that hold every word of the text; the last part of a word may be missing."""
        words = re.findall(r"\w+", text.lower())
        if not words:
            return self
        if connections[self.db].vendor == "postgresql":
            query = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
            return self.annotate(document=SearchVector("text", config="simple")).filter(document=query)
        match = " ".join(f'"{word}"*' for word in words)
        sql = "SELECT prompt_id FROM studio_prompt_fts WHERE studio_prompt_fts MATCH %s"
        return self.filter(pk__in=RawSQL(sql, [match]))  # noqa: S611

    def newest_first(self) -> Self:
        return self.order_by("-run_at", "-pk")

    def before(self, run_at: datetime, pk: UUID) -> Self:
        """Prompts that come after this place in `newest_first`; the last bound lets the index do the work.

        SQLite compares times as text, where one moment has several spellings: hence a microsecond on either side.
        """
        earlier = Q(run_at__lte=run_at - _MICROSECOND) | Q(pk__lt=pk)
        return self.filter(earlier, run_at__lt=run_at + _MICROSECOND)


class Prompt(models.Model):
    """What one person asked for; running the same words again brings the row back to the top."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    author = models.ForeignKey(User, models.CASCADE, related_name="prompts")
    text = models.TextField()
    digest = models.CharField(max_length=64, editable=False)
    shared = models.BooleanField()
    runs = models.PositiveIntegerField(default=0)
    run_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())

    objects = PromptQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "digest"], name="prompt_once_per_author")]
        indexes = [models.Index(fields=["-run_at", "-id"], name="prompt_newest")]

    def __str__(self) -> str:
        return self.text[:80]

    @staticmethod
    def digest_of(text: str) -> str:
        """SHA-256 of the text in hex: what makes two prompts the same."""
        return hashlib.sha256(text.encode()).hexdigest()
