"""One prompt drawn with every combination of some values: a table whose cells are generations."""

from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7

IMAGES = 100
"""How many images a grid has at most, and how many images of grids of one person may wait together."""


class GridQuerySet(models.QuerySet["Grid"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def visible_to(self, user: User) -> Self:
        """One's own, and those with a cell that is shared with the team."""
        for_all = Grid.objects.filter(pk=OuterRef("pk"), cells__shared=True)
        return self.filter(Q(owner=user) | Exists(for_all))

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def before(self, pk: UUID | None) -> Self:
        """The page after the row `pk`, which may be a generation's: ids are made in order of time."""
        return self.filter(pk__lt=pk) if pk else self

    def submitted_as(self, submission_id: UUID) -> Self:
        return self.filter(submission_id=submission_id)


class Grid(models.Model):
    """A group of generations; `text` has the fields of which each cell holds one value.

    `axes` are one or two `{"name", "kind", "values"}`, down before across; `generations.cell` counts through the
    rows of the table. A cell that its model does not draw has no generation.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="grids")
    text = models.TextField()
    axes: "models.JSONField[list[dict[str, Any]]]" = models.JSONField()
    submission_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now())

    objects = GridQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_id"], name="grid_once_per_submission")
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="grid_mine")]

    def __str__(self) -> str:
        return self.text[:80]

    def shows_all(self, seen: int) -> bool:
        """Whether somebody who sees so many cells sees all of them."""
        return self.cells.count() == seen
