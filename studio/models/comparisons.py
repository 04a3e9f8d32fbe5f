"""One prompt drawn by several models, side by side."""

from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.prompts import Prompt
from studio.models.rows import QuickRow

MODELS = (2, 4)
"""How many models a comparison has, at least and at most."""


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def visible_to(self, user: User) -> Self:
        """One's own, and those with a generation that is shared with the team."""
        for_all = Comparison.objects.filter(pk=OuterRef("pk"), generations__shared=True)
        return self.filter(Q(owner=user) | Exists(for_all))

    def hiding_models(self) -> Self:
        """Those whose models are kept from everybody."""
        return self.filter(blind=True, picked_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def before(self, pk: UUID | None) -> Self:
        """The page after the row `pk`, which may be a generation's: ids are made in order of time."""
        return self.filter(pk__lt=pk) if pk else self

    def submitted_as(self, submission_id: UUID) -> Self:
        return self.filter(submission_id=submission_id)


class Comparison(QuickRow):
    """A group of generations of one prompt; blind until one of them is picked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="comparisons")
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="comparisons")
    submission_id = models.UUIDField()
    blind = models.BooleanField(default=False)
    picked = models.ForeignKey("Generation", models.SET_NULL, null=True, related_name="+")
    picked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_id"], name="comparison_once_per_submission")
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def hides_models(self) -> bool:
        """Whether the names of the models are kept from everybody."""
        return self.blind and self.picked_at is None
