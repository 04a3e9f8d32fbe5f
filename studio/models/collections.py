"""Collections: pictures that belong together, in an order made by hand."""

from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.images import Image, ImageQuerySet

GAP = 1 << 20
"""What lies between two neighbours: twenty pictures find room in one place before all of them are numbered anew."""

NAME_LENGTH = 80


class Audience(models.TextChoices):
    """Who else sees a collection, and who may add to it."""

    PRIVATE = "private", "Only you"
    SEES = "sees", "The team sees it"
    ADDS = "adds", "The team adds to it"


FOR_TEAM = (Audience.SEES, Audience.ADDS)


class CollectionQuerySet(models.QuerySet["Collection"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def visible_to(self, user: User) -> Self:
        """One's own, and what the team sees; which of its pictures somebody sees is the pictures' own rule."""
        return self.filter(Q(owner=user) | Q(audience__in=FOR_TEAM))

    def addable_by(self, user: User) -> Self:
        """One's own, and what the team adds to."""
        return self.filter(Q(owner=user) | Q(audience=Audience.ADDS))

    def for_team(self) -> Self:
        return self.filter(audience__in=FOR_TEAM)

    def last_used_first(self) -> Self:
        return self.order_by("-changed_at", "-pk")

    def before(self, collection: "Collection | None") -> Self:
        """The page after this one, of a list by last use."""
        if collection is None:
            return self
        # The database compares with its own moment: SQLite writes it in milliseconds, Python sends microseconds.
        at = Subquery(Collection.objects.filter(pk=collection.pk).values("changed_at")[:1])
        return self.filter(Q(changed_at__lt=at) | Q(changed_at=at, pk__lt=collection.pk))

    def with_card_data(self, user: User) -> Self:
        """Everything a card shows: whose it is, how many pictures of it `user` sees, and which stands for it."""
        seen = Image.objects.visible_to(user).kept()
        shown = Placed.objects.filter(collection=OuterRef("pk"), image__in=seen)
        size = shown.order_by().values("collection").annotate(n=Count("pk")).values("n")
        chosen = seen.filter(pk=OuterRef("cover")).values("pk")
        rows = self.annotate(
            size=Coalesce(Subquery(size), 0),
            cover_shown=Coalesce(
                Subquery(chosen[:1]),
                Subquery(shown.by_hand().values("image")[:1]),
                output_field=models.UUIDField(),
            ),
        )
        return rows.select_related("owner")


class Collection(models.Model):
    """A name, a few words, who sees it, and pictures; seeing a collection shows nobody a picture that is not theirs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="collections")
    name = models.CharField(max_length=NAME_LENGTH)
    description = models.TextField(blank=True)
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.PRIVATE)
    cover = models.ForeignKey(Image, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    objects = CollectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values), name="collection_audience_known"
            )
        ]
        indexes = [
            models.Index(fields=["owner", "-changed_at"], name="collection_mine"),
            models.Index(fields=["-changed_at"], name="collection_team", condition=Q(audience__in=FOR_TEAM)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_for_team(self) -> bool:
        return self.audience in FOR_TEAM

    def can_be_added_to_by(self, user: User) -> bool:
        """What `addable_by` asks of a row."""
        return self.owner_id == user.pk or self.audience == Audience.ADDS


class PlacedQuerySet(models.QuerySet["Placed"]):
    def of(self, collection: Collection) -> Self:
        return self.filter(collection=collection)

    def by_hand(self) -> Self:
        """In the order that people gave them: what is added comes first."""
        return self.order_by("-position", "-pk")

    def below(self, position: int | None) -> Self:
        """The page after this position."""
        return self if position is None else self.filter(position__lt=position)

    def seen_by(self, user: User) -> Self:
        """Those whose picture this person may look at."""
        return self.filter(image__in=Image.objects.visible_to(user).kept())

    def removable_by(self, user: User, collection: Collection) -> Self:
        """All of one's own collection; of another's what one added or made."""
        if collection.owner_id == user.pk:
            return self
        return self.filter(Q(added_by=user) | Q(image__owner=user))

    def position_below(self, image: UUID | None, *, moving: UUID) -> int | None:
        """Return a free position below this picture, or above all; None when there is no room left.

        What is not in there lies nowhere, and its place is the top.
        """
        others = self.exclude(image=moving)
        above = others.filter(image=image).values_list("position", flat=True).first() if image else None
        if above is None:
            return others.highest() + GAP
        under = others.filter(position__lt=above).aggregate(at=Max("position"))["at"]
        free = above - GAP if under is None else (above + under) // 2
        return None if free == under else free

    def highest(self) -> int:
        """The position of the first; 0 where there is none."""
        return self.aggregate(at=Max("position"))["at"] or 0


class Placed(models.Model):
    """An image's place in a collection."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="places", db_index=False)
    image = models.ForeignKey(Image, models.CASCADE, related_name="places")
    position = models.BigIntegerField()
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    objects = PlacedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "image"], name="place_once")]
        indexes = [models.Index(fields=["collection", "-position"], name="place_by_hand")]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.collection_id}"


def images_in(collection: UUID, user: User) -> ImageQuerySet:
    """Return the pictures of a collection that this person may look at, in its order."""
    found = Image.objects.visible_to(user).kept().filter(places__collection=collection)
    return found.order_by("-places__position", "-places__pk")


def neighbours_in(collection: UUID, image: UUID, user: User) -> tuple[Image | None, Image | None]:
    """Return the pictures before and after this one, of those this person may look at; two queries."""
    here = Subquery(Placed.objects.filter(collection=collection, image=image).values("position")[:1])
    found = images_in(collection, user).annotate(position=F("places__position"))
    before, after = found.filter(position__gt=here), found.filter(position__lt=here)
    return before.reverse().first(), after.first()


def page_in(collection: Collection, user: User, *, below: int | None) -> ImageQuerySet:
    """Return what a page shows of a collection below a position, each with its `position`."""
    found = images_in(collection.pk, user).annotate(position=F("places__position")).with_card_data(user)
    return found if below is None else found.filter(position__lt=below)


def covers_of(collections: Any, user: User) -> dict[UUID, Image]:
    """Return the picture that stands for each of these rows of `with_card_data`; one query."""
    wanted = [row.cover_shown for row in collections if row.cover_shown]
    return Image.objects.visible_to(user).with_card_data(user).in_bulk(wanted) if wanted else {}
