"""Kept results."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Window
from django.db.models.functions import Now, RowNumber

from studio.media import names
from studio.models.accounts import User
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.wire import WireRequest


class Gallery(models.TextChoices):
    """The ways to look at the kept images."""

    MINE = "mine", "Mine"
    TEAM = "team", "Team"
    FAVOURITES = "favourites", "Favourites"
    TRASH = "trash", "Trash"


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, user: User) -> Self:
        """What this person may look at: their own and what is shared, neither in the trash nor unusable."""
        return self.kept().filter(Q(shared=True) | Q(owner=user))

    def keep(self, image: "Image") -> None:
        """Write the row of a slot; a repeat brings the same row up to date (one statement on both databases)."""
        facts = ["key", "media_type", "width", "height", "byte_size", "sha256"]
        facts += ["revised_prompt", "link_dies_at", "saved_at"]
        facts += ["unusable", "developed_at", "tone"]  # a picture that was set aside is replaced, not amended
        slot = ["generation", "index"]
        self.bulk_create([image], update_conflicts=True, unique_fields=slot, update_fields=facts)

    def kept(self) -> Self:
        return self.filter(trashed_at=None, unusable=False)

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def shared(self) -> Self:
        return self.filter(shared=True)

    def favourites_of(self, user: User) -> Self:
        return self.filter(favourites__person=user)

    def newest_first(self) -> Self:
        """Ids are made in order of time, so they are the key for paging as well."""
        return self.order_by("-pk")

    def undeveloped(self) -> Self:
        return self.kept().filter(developed_at=None)

    def openable_by(self, user: User) -> Self:
        """What this person may open by its address: what they may look at, and their own trash."""
        own_or_shared = Q(owner=user) | Q(shared=True, trashed_at=None)
        usable = self.filter(own_or_shared, unusable=False)
        return usable | self.filter(unusable=True) if user.is_administrator else usable

    def in_trash(self) -> Self:
        return self.filter(trashed_at__isnull=False, unusable=False)

    def in_gallery(self, gallery: Gallery, user: User) -> Self:
        """One view of the gallery, newest first; each is one walk along one index."""
        if gallery == Gallery.FAVOURITES:
            return self.visible_to(user).favourites_of(user).order_by("-favourites__image_id")
        if gallery == Gallery.TEAM:
            return self.kept().shared().newest_first()
        return (self.in_trash() if gallery == Gallery.TRASH else self.kept()).owned_by(user).newest_first()

    def before(self, pk: UUID) -> Self:
        """Images older than this one (which need not exist any more)."""
        return self.filter(pk__lt=pk)

    def neighbours(self, pk: UUID) -> tuple[UUID | None, UUID | None]:
        """The next newer and the next older image within this set."""
        keys = self.order_by().values_list("pk", flat=True)
        return keys.filter(pk__gt=pk).order_by("pk").first(), keys.filter(pk__lt=pk).order_by("-pk").first()

    def beside(self, image: "Image", user: User) -> Self:
        """The images of the same generation that this person may look at."""
        return self.visible_to(user).filter(generation=image.generation_id)

    def samples_of(self, prompts: Iterable[UUID], *, each: int) -> Self:
        """The newest few images of each of these prompts, with `prompt_id`, oldest first."""
        place = Window(RowNumber(), partition_by=F("generation__prompt_id"), order_by=F("pk").desc())
        found = self.filter(generation__prompt__in=prompts).annotate(place=place)
        numbered = found.filter(place__lte=each).annotate(prompt_id=F("generation__prompt_id")).order_by("pk")
        return numbered.only("width", "height", "tone", "developed_at")

    def with_card_data(self, user: User) -> Self:
        """Everything a card shows: person, prompt, and whether `user` likes it."""
        liked = Favourite.objects.filter(image=OuterRef("pk"), person=user)
        marked = self.annotate(is_favourite=Exists(liked), prompt_text=F("generation__prompt__text"))
        return marked.select_related("owner")

    def with_receipt_data(self, user: User) -> Self:
        """Everything the viewer shows of one image, its requests on the wire included."""
        related = ("owner", "prompt", "comparison", "model__relay", "via__relay")
        requests = WireRequest.objects.select_related("model__relay")
        rows = self.with_card_data(user).select_related(*(f"generation__{name}" for name in related))
        return rows.prefetch_related(Prefetch("generation__wire_requests", requests))


class Image(models.Model):
    """One picture as the relay delivered it, byte for byte, and what is known of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="images")
    owner = models.ForeignKey(User, models.CASCADE, related_name="images")
    index = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=200)
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    tone = models.CharField(max_length=7, blank=True)
    revised_prompt = models.TextField(blank=True)
    shared = models.BooleanField()
    unusable = models.BooleanField(default=False)
    link_dies_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(db_default=Now())
    developed_at = models.DateTimeField(null=True)
    trashed_at = models.DateTimeField(null=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "index"], name="image_once_per_slot")]
        indexes = [
            models.Index(fields=["owner", "-id"], name="image_mine"),
            models.Index(fields=["shared", "-id"], name="image_team"),
            models.Index(fields=["owner", "-id"], name="image_trash", condition=Q(trashed_at__isnull=False)),
            models.Index(
                fields=["id"],
                name="image_undeveloped",
                condition=Q(developed_at=None, trashed_at=None, unusable=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} {self.index + 1}"

    @property
    def ratio(self) -> float:
        """Width by height."""
        return round(self.width / self.height, 4)

    @property
    def in_trash(self) -> bool:
        return self.trashed_at is not None

    @property
    def extension(self) -> str:
        return self.key.rpartition(".")[2]

    @property
    def filename(self) -> str:
        """The name a download gets: never a person's text."""
        return f"lightfast-{self.pk}.{self.extension}"

    def thumbnail_key(self, side: int) -> str:
        """Storage key of the WebP thumbnail whose long side is 320 or 960 pixels."""
        return names.thumbnail(self.key.split("/")[1], self.generation_id, self.index, side)


class Favourite(models.Model):
    """A person likes an image."""

    person = models.ForeignKey(User, models.CASCADE, related_name="favourites")
    image = models.ForeignKey(Image, models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "image"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.person} likes {self.image_id}"
