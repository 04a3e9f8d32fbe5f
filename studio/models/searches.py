"""Searches of the gallery that somebody wants to have again."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those that are shared; what a shared one finds is still only what each may see."""
        return self.filter(Q(owner=user) | Q(shared=True))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def by_name(self) -> Self:
        return self.order_by("name", "pk").select_related("owner")


class SavedSearch(models.Model):
    """What an address of the gallery asks for, under a name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="searches")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="search_once_by_name")]

    def __str__(self) -> str:
        return self.name
