"""The library: prompts that were saved under a title, and every version of them."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.placeholders import Placeholder, fields_of

TITLE_LENGTH, WHY_LENGTH, CREDIT_LENGTH = 120, 200, 150


class SavedPromptQuerySet(models.QuerySet["SavedPrompt"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of the team; everybody who sees one may write its next version."""
        return self.filter(Q(shared=True) | Q(owner=user))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def removable_by(self, user: User) -> Self:
        """One's own; moderators also remove what the team sees."""
        return self.filter(Q(owner=user) | Q(shared=True)) if user.is_moderator else self.owned_by(user)

    def in_stock(self, shelf: "Stock", user: User) -> Self:
        """One view of the library, what was changed last first."""
        rows = self.owned_by(user) if shelf == Stock.MINE else self.visible_to(user)
        return rows.order_by("-changed_at", "-pk")

    def tagged(self, tag: str) -> Self:
        return self.filter(tags__contains=f",{tag},") if tag else self

    def after(self, pk: UUID | None) -> Self:
        """The page after this row, in the order of `in_stock`."""
        row = SavedPrompt.objects.filter(pk=pk).first() if pk else None
        if row is None:
            return self
        return self.filter(Q(changed_at__lt=row.changed_at) | Q(changed_at=row.changed_at, pk__lt=row.pk))

    def with_uses(self, user: User) -> Self:
        """How many runs of them this person may know of."""
        known = Q(versions__runs__shared=True) | Q(versions__runs__owner=user)
        return self.annotate(uses=Count("versions__runs", filter=known, distinct=True))


class Stock(models.TextChoices):
    """The ways to look at the library."""

    ALL = "all", "All"
    MINE = "mine", "Mine"


class SavedPrompt(models.Model):
    """A prompt under a title; `text` and `number` are those of its newest version."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_prompts")
    title = models.CharField(max_length=TITLE_LENGTH)
    text = models.TextField()
    number = models.PositiveIntegerField(default=1)
    shared = models.BooleanField(default=False)
    tags = models.TextField(blank=True)  # ",lake,oil,": each between commas, so that one is found whole
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
    def tag_names(self) -> list[str]:
        return [name for name in self.tags.split(",") if name]

    @property
    def fields(self) -> list[Placeholder]:
        return fields_of(self.text)

    @property
    def current(self) -> "SavedVersion":
        """Its newest version."""
        return self.versions.get(number=self.number)


class SavedVersionQuerySet(models.QuerySet["SavedVersion"]):
    def newest_of(self, rows: Iterable[SavedPrompt]) -> Self:
        """The newest version of each of these."""
        return self.filter(saved__in=[row.pk for row in rows], number=F("saved__number"))

    def visible_to(self, user: User) -> Self:
        return self.filter(saved__in=SavedPrompt.objects.visible_to(user))


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

    objects = SavedVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["saved", "number"], name="saved_version_once")]

    def __str__(self) -> str:
        return f"{self.saved_id} v{self.number}"

    @property
    def fields(self) -> list[Placeholder]:
        return fields_of(self.text)

    @property
    def written_by(self) -> str:
        """Who wrote it, as far as that is known."""
        return self.credit or (str(self.author) if self.author else "")
