"""Links by which people without an account see a picture, a comparison or a collection, and what they say of it."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from studio.models.accounts import User
from studio.models.collections import Collection
from studio.models.comparisons import Comparison
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.images import SEEN_BY_TEAM, Image, ImageQuerySet

MOST_VISITORS = 100
"""How many people may answer by one link: whoever holds it must not fill the disk."""


def may_go_out(person: User, *, reviewed: bool) -> ImageQuerySet:
    """Return what a person may show to people outside: what nothing keeps back, of their own and of the team's.

    Only what was decoded whole goes out. `reviewed` leaves out what the team does not see. What is private of a prompt
    that moderators keep from the team stays inside as well.
    """
    own = Q(owner=person, trashed_at=None, held_at=None, removed_at=None, unusable=False)
    withheld = Generation.objects.filter(prompt=OuterRef("generation__prompt"), withheld_at__isnull=False)
    rows = Image.objects.filter(SEEN_BY_TEAM if reviewed else own | SEEN_BY_TEAM)
    return rows.filter(developed_at__isnull=False).exclude(Exists(withheld))


class LinkState(models.TextChoices):
    """Whether anybody can still come by a link."""

    OPEN = "open", "Open"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


class Opinion(models.TextChoices):
    """What a visitor says of a picture."""

    YES = "yes", "Yes"
    MAYBE = "maybe", "Maybe"
    NO = "no", "No"


class OutsideLinkQuerySet(models.QuerySet["OutsideLink"]):
    def open(self) -> Self:
        """Those by which one can come: they are good for as long as their owner may sign in (SAFETY T13)."""
        return self.filter(owner__is_active=True, revoked_at=None, expires_at__gt=Now())

    def over_for(self, time: timedelta) -> Self:
        """Those by which nobody can have come for so long."""
        return self.filter(Q(revoked_at__lt=Now() - time) | Q(expires_at__lt=Now() - time))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def before(self, pk: UUID | None) -> Self:
        """The page after the row `pk`."""
        return self.filter(pk__lt=pk) if pk else self

    def with_target(self) -> Self:
        return self.select_related("owner", "image", "comparison", "collection")

    def count_view(self) -> int:
        return self.update(views=F("views") + 1, seen_at=Now())

    def admit(self) -> bool:
        """Count one more visitor who answers; the database compares, so of many at once only so many win."""
        return self.filter(visitor_count__lt=MOST_VISITORS).update(visitor_count=F("visitor_count") + 1) == 1


class OutsideLink(models.Model):
    """One link; its secret is in nobody's keeping but that of whoever was sent it: the row has a digest."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    owner = models.ForeignKey(User, models.CASCADE, related_name="outside_links", db_index=False)
    image = models.ForeignKey(Image, models.CASCADE, null=True, related_name="outside_links")
    comparison = models.ForeignKey(Comparison, models.CASCADE, null=True, related_name="outside_links")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, related_name="outside_links")
    title = models.CharField(max_length=80, blank=True)
    password = models.CharField(max_length=128, blank=True)
    reviews = models.BooleanField(default=False)
    gives_originals = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    views = models.PositiveIntegerField(default=0)
    visitor_count = models.PositiveSmallIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = OutsideLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(image__isnull=False, comparison=None, collection=None)
                | Q(image=None, comparison__isnull=False, collection=None)
                | Q(image=None, comparison=None, collection__isnull=False),
                name="outside_link_to_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(visitor_count__lte=MOST_VISITORS), name="outside_link_not_crowded"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="outside_link_mine")]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def kind(self) -> str:
        """What it leads to: the name of one of its columns."""
        if self.image_id:
            return "image"
        return "comparison" if self.comparison_id else "collection"

    @property
    def state(self) -> LinkState:
        if self.revoked_at:
            return LinkState.REVOKED
        return LinkState.EXPIRED if self.expires_at <= timezone.now() else LinkState.OPEN


class Visitor(models.Model):
    """Somebody who answers by a link, under the name they typed; a cookie is all that says who they are."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    link = models.ForeignKey(OutsideLink, models.CASCADE, related_name="visitors")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class MarkQuerySet(models.QuerySet["Mark"]):
    def of(self, visitor: Visitor | None) -> dict[UUID, "Mark"]:
        """Return what one visitor said, by picture."""
        return {mark.image_id: mark for mark in self.filter(visitor=visitor)} if visitor else {}

    def by(self, link: OutsideLink) -> Self:
        """Everything that was said by a link, in the order in which it was said."""
        return self.filter(visitor__link=link).select_related("visitor").order_by("pk")

    def sums(self) -> dict[str, int]:
        """Return how often each answer was given; notes alone are counted as no answer."""
        counted = dict(self.order_by().values_list("answer").annotate(Count("pk")))
        return {each.label: counted.get(each, 0) for each in Opinion}

    def put(self, mark: "Mark") -> None:
        """Write what a visitor says of a picture; a second time takes the place of the first."""
        facts: dict[str, Any] = {"unique_fields": ["visitor", "image"]}
        self.bulk_create([mark], update_conflicts=True, update_fields=["answer", "note", "at"], **facts)


class Mark(models.Model):
    """What one visitor says of one picture."""

    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="marks", db_index=False)
    image = models.ForeignKey(Image, models.CASCADE, related_name="marks")
    answer = models.CharField(max_length=8, choices=Opinion, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()

    objects = MarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "image"], name="mark_once"),
            models.CheckConstraint(condition=Q(answer__in=["", *Opinion.values]), name="mark_answer_known"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} by {self.visitor_id}"
