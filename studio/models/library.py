"""The library: prompts that were saved under a title, and every version of them."""

from typing import Self

from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7

TITLE_LENGTH, WHY_LENGTH, CREDIT_LENGTH = 120, 200, 150


class SavedPromptQuerySet(models.QuerySet["SavedPrompt"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of the team; everybody who sees one may write its next version."""
        return self.filter(Q(shared=True) | Q(owner=user))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def with_uses(self, user: User) -> Self:
        """How many runs of them this person may know of."""
        known = Q(versions__runs__shared=True) | Q(versions__runs__owner=user)
        return self.annotate(uses=Count("versions__runs", filter=known, distinct=True))


class SavedPrompt(models.Model):
    """A prompt under a title; `text` and `number` are those of its newest version."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_prompts")
    title = models.CharField(max_length=TITLE_LENGTH)
    text = models.TextField()
    number = models.PositiveIntegerField(default=1)
    shared = models.BooleanField(default=False)
    example = models.ForeignKey("Image", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    objects = SavedPromptQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-changed_at", "-id"], name="saved_prompt_mine"),
            models.Index(fields=["-changed_at", "-id"], name="saved_prompt_team", condition=Q(shared=True)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def current(self) -> "SavedVersion":
        """Its newest version."""
        return self.versions.get(number=self.number)


class SavedVersion(models.Model):
    """What a saved prompt said from then on; who wrote it elsewhere, before an import, stands in `credit`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    saved = models.ForeignKey(SavedPrompt, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    why = models.CharField(max_length=WHY_LENGTH, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    credit = models.CharField(max_length=CREDIT_LENGTH, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["saved", "number"], name="saved_version_once")]

    def __str__(self) -> str:
        return f"{self.saved_id} v{self.number}"

    @property
    def written_by(self) -> str:
        """Who wrote it, as far as that is known."""
        return self.credit or (str(self.author) if self.author else "")
