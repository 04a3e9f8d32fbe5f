"""House presets: settings that administrators fix for the team."""

from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.relays import ImageModel

NAME_LENGTH, ABOUT_LENGTH, SUFFIX_LENGTH = 60, 200, 500


class PresetQuerySet(models.QuerySet["Preset"]):
    def in_order(self) -> Self:
        """Those that are not put away, as administrators have ordered them."""
        return self.filter(retired_at=None).select_related("changed_by").order_by("position", "pk")

    def offered(self) -> Self:
        """Those that may be chosen."""
        return self.filter(retired_at=None, is_on=True).order_by("position", "pk")

    def obliging(self, role: str) -> "list[Preset]":
        """Those of which people of a role must use one; none where they are free."""
        return [row for row in self.offered() if role in row.obliges]

    def chosen(self, pk: UUID | None) -> "Preset | None":
        """The one of this id, if it may be chosen."""
        return self.offered().filter(pk=pk).first() if pk else None

    def next_position(self) -> int:
        last: int | None = self.aggregate(last=Max("position"))["last"]
        return 0 if last is None else last + 1


class Preset(models.Model):
    """What somebody's pictures begin with, and what of it stays as it is: the names in `locked`, the suffix always.

    `obliges` holds the roles whose people must draw with it, or with another that obliges them. `allowed` holds the ids
    of those models that may draw with it, none for all; a model that is gone allows no other instead.
    `version` grows with every change, so that a form which shows an older one is known by it. One that was used is
    never deleted: the receipts of its pictures name it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=NAME_LENGTH)
    about = models.CharField(max_length=ABOUT_LENGTH, blank=True)
    settings: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    locked: "models.JSONField[list[str]]" = models.JSONField(default=list)
    suffix = models.CharField(max_length=SUFFIX_LENGTH, blank=True)
    allowed: "models.JSONField[list[str]]" = models.JSONField(default=list)
    obliges: "models.JSONField[list[str]]" = models.JSONField(default=list)
    is_on = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="preset_name_once", condition=Q(retired_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_offered(self) -> bool:
        return self.is_on and self.retired_at is None

    @property
    def fixed(self) -> dict[str, Any]:
        """The settings that nobody changes."""
        return {name: value for name, value in self.settings.items() if name in self.locked}

    def allows(self, model: ImageModel) -> bool:
        """Whether a model may draw with it, and can keep to what is fixed."""
        return self.lists(model) and not self.beyond(model)

    def lists(self, model: ImageModel) -> bool:
        return not self.allowed or str(model.pk) in self.allowed

    def beyond(self, model: ImageModel) -> list[str]:
        """The fixed settings that a model does not take as they are."""
        return [name for name, value in self.fixed.items() if not model.accepted.fits(name, value)]

    def finish(self, text: str) -> str:
        """Return a prompt with the suffix at its end, once."""
        if not self.suffix or text.endswith(self.suffix):
            return text
        return f"{text.rstrip(' ,')}, {self.suffix}"

    def bare(self, text: str) -> str:
        """Return a prompt without the suffix, as it stands in the box."""
        return text.removesuffix(self.suffix).rstrip(" ,") if self.suffix else text

    def settle(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as they are drawn with it: what is fixed stands above what was asked."""
        return {**settings, **self.fixed}
