"""Kept results."""

import datetime
from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce, Now

from studio.inserts import insert
from studio.media import names
from studio.models.accounts import User
from studio.models.favourites import Favourite
from studio.models.galleries import Gallery, Hue
from studio.models.generations import Generation
from studio.models.ids import first_at, uuid7
from studio.models.prompts import History, Prompt
from studio.models.relay_requests import RelayRequest
from studio.models.relays import ImageModel, Relay
from studio.models.rows import QuickRow
from studio.models.samples import BEST_OF_PROMPT, KEPT, PREVIEWED, SamplesQuerySet

SEEN_BY_TEAM = Q(shared=True, trashed_at=None, held_at=None, removed_at=None, unusable=False)
"""A picture of a shared generation that was not taken out, and that nothing keeps back."""

TILED = (*PREVIEWED, "owner", "alt_text", "shared", "trashed_at")
"""What a tile is made of beside what it is annotated with."""


OLD_NAME_LENGTH = 200
UNBOUND: dict[str, Any] = {"db_index": False, "db_constraint": False, "editable": False}


class ImageQuerySet(SamplesQuerySet["Image"]):
    def visible_to(self, user: User) -> Self:
        """What this person may open, the one rule: their own, their trash with it, and what the team sees.

        What was removed is nobody's. What could not be decoded is for administrators alone.
        """
        own = Q(owner=user, removed_at=None, unusable=False)
        quarantined = Q(unusable=True, removed_at=None, trashed_at=None)
        return self.filter(own | SEEN_BY_TEAM | quarantined if user.is_administrator else own | SEEN_BY_TEAM)

    def seen_by_team(self) -> Self:
        """What everyone may open."""
        return self.filter(SEEN_BY_TEAM)

    def keep(self, image: "Image") -> None:
        """Write the row of a slot; a repeat replaces what was there, in one statement on both databases."""
        facts = ["key", "media_type", "width", "height", "byte_size", "sha256"]
        facts += ["revised_prompt", "words", "model", "link_dies_at", "saved_at", "missing_since"]
        facts += ["unusable", "developed_at", "tone", "hue", "likeness", "sides", "deaths", "develop_at"]
        slot = ["generation", "index"]
        insert(image, unique=slot, update=facts)

    def of(self, *, images: Iterable[UUID], generations: Iterable[UUID]) -> Self:
        """These, and those of these generations, first ones first."""
        return self.filter(Q(pk__in=images) | Q(generation__in=generations)).order_by("generation", "index")

    def kept(self) -> Self:
        """Neither in the trash, nor removed, nor unusable."""
        return self.filter(KEPT)

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def favourites_of(self, user: User) -> Self:
        return self.filter(favourites__person=user)

    def newest_first(self) -> Self:
        """Ids are made in order of time, so they are the key for paging as well."""
        return self.order_by("-pk")

    def undeveloped(self) -> Self:
        """What waits for its thumbnail: what is kept, and what an administrator wants to have tried again."""
        waiting = Q(unusable=False) | Q(develop_at__isnull=False)
        return self.filter(waiting, developed_at=None, trashed_at=None, removed_at=None)

    def due(self) -> Self:
        """Those whose pause after a failure is over."""
        return self.filter(Q(develop_at=None) | Q(develop_at__lte=Now()))

    def set_aside_of(self, relay: Relay) -> Self:
        """Pictures of this relay that could not be developed."""
        by = Q(generation__via__relay=relay) | Q(generation__via=None, generation__model__relay=relay)
        return self.filter(by, unusable=True, trashed_at=None, removed_at=None)

    def with_run(self) -> Self:
        """What an administrator is told of a picture: whose it is, and who drew it."""
        run = (f"generation__{name}" for name in ("model__relay", "via__relay"))
        return self.select_related("owner", *run)

    def same(self, image: "Image") -> Self:
        """The row, for as long as it holds just these bytes and stands as it was found."""
        waiting = image.developed_at is None
        rows = self.filter(pk=image.pk, sha256=image.sha256, unusable=image.unusable)
        return rows.filter(developed_at__isnull=waiting)

    def older_than(self, moment: datetime.datetime) -> Self:
        """What was made before; ids are made in order of time."""
        return self.filter(pk__lt=first_at(moment))

    def liked(self, flag: bool = True) -> Self:
        """What somebody has among their favourites (or nobody)."""
        return self.filter(hearts__gt=0) if flag else self.filter(hearts=0)

    def in_trash(self) -> Self:
        return self.filter(trashed_at__isnull=False, removed_at=None, unusable=False)

    def in_gallery(self, gallery: Gallery, user: User) -> Self:
        """One view of the gallery, newest first; each is a part of what is visible, and one walk along one index."""
        match gallery:
            case Gallery.FAVOURITES:
                return self.visible_to(user).kept().favourites_of(user).order_by("-favourites__image_id")
            case Gallery.TEAM:
                return self.seen_by_team().newest_first()
            case Gallery.TRASH:
                return self.owned_by(user).in_trash().newest_first()
            case Gallery.SEEN:
                return self.visible_to(user).kept().newest_first()
        return self.owned_by(user).kept().newest_first()

    def up_to(self, pk: UUID) -> Self:
        """This image (which need not exist any more) and the older ones."""
        return self.filter(pk__lte=pk)

    def newer_page(self, pk: UUID, size: int) -> UUID | None:
        """What the page above the one that begins after `pk` begins after; nothing when that is the first page."""
        keys = self.order_by().values_list("pk", flat=True)
        return keys.filter(pk__gte=pk).order_by("pk")[size : size + 1].first()

    def neighbours(self, pk: UUID) -> "tuple[Image | None, Image | None]":
        """The next newer and the next older image within this set, with what a preview of them is made of."""
        rows = self.order_by().only(*PREVIEWED)
        return rows.filter(pk__gt=pk).order_by("pk").first(), rows.filter(pk__lt=pk).order_by("-pk").first()

    def beside(self, image: "Image", user: User) -> Self:
        """The images of the same generation that this person may look at."""
        return self.visible_to(user).kept().filter(generation=image.generation_id)

    def in_history(self, history: History, user: User) -> Self:
        """The pictures that a view of the prompts shows: the team's, or one's own."""
        if history == History.TEAM:
            return self.seen_by_team()
        mine = self.alias(person=Coalesce("owner", Value(None))).filter(person=user.pk)  # as in RunsQuerySet
        return mine.kept()

    def with_card_data(self, user: User) -> Self:
        """Everything a card shows: person, prompt, and whether `user` likes it."""
        liked = Favourite.objects.filter(image=OuterRef("pk"), person=user)
        marked = self.annotate(is_favourite=Exists(liked), prompt_text=F("generation__prompt__text"))
        return marked.select_related("owner")

    def with_tile_data(self, user: User) -> Self:
        """What a tile of the gallery shows, and nothing else; its owner is read beside it (cards.places)."""
        return self.with_card_data(user).select_related(None).only(*TILED)

    def with_file_data(self) -> Self:
        """Everything that goes with a picture's file: its run, and the requests on the wire."""
        run = ("owner", "prompt", "comparison", "preset", "model__relay", "via__relay")
        requests = RelayRequest.objects.select_related("model__relay")
        rows = self.select_related("owner", *(f"generation__{name}" for name in run))
        return rows.prefetch_related(Prefetch("generation__relay_requests", requests))

    def with_receipt_data(self, user: User) -> Self:
        """Everything the viewer shows of one image, its requests on the wire included."""
        related = ("owner", "prompt", "comparison", "preset", "model__relay", "via__relay")
        requests = RelayRequest.objects.select_related("model__relay")
        run = Image.objects.kept().filter(generation=OuterRef("generation")).order_by().values("generation")
        size = Coalesce(Subquery(run.annotate(size=Count("pk")).values("size")), 0)
        waits = Count("cases", filter=Q(cases__kind="review", cases__decided_at=None))
        rows = self.with_card_data(user).annotate(run_size=size, awaits_review=waits)
        rows = rows.select_related(*(f"generation__{name}" for name in related))
        return rows.prefetch_related(Prefetch("generation__relay_requests", requests))


class Image(QuickRow):
    """One picture as the relay delivered it, byte for byte, and what is known of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="images")
    owner = models.ForeignKey(User, models.CASCADE, related_name="images")
    model = models.ForeignKey(ImageModel, models.PROTECT, null=True, related_name="images")
    # Whose run it is of: triggers keep what its generation says, so that the best of a prompt are found by an index.
    prompt = models.ForeignKey(Prompt, models.DO_NOTHING, null=True, related_name="images", **UNBOUND)
    index = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=200)
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    tone = models.CharField(max_length=7, blank=True)
    hue = models.CharField(max_length=8, choices=Hue, blank=True, default="")
    likeness = models.CharField(max_length=16, blank=True, default="")
    revised_prompt = models.TextField(blank=True)
    # What a person wrote for whoever cannot see it; empty where the prompt says it (`alt`).
    alt_text = models.TextField(blank=True)
    # What its file was called where it was brought in from; told to its owner alone.
    # Null where it has none: for a column that is never null SQLite writes the whole table anew.
    old_name = models.CharField(max_length=OLD_NAME_LENGTH, null=True, editable=False)  # noqa: DJ001
    # When somebody took it along for the first time: it was worth its price.
    downloaded_at = models.DateTimeField(null=True, editable=False)
    # The mean of what people gave it, in hundredths of a star; None where nobody has.
    rating = models.PositiveSmallIntegerField(null=True)
    # How many people have it among their favourites; triggers keep it.
    hearts = models.PositiveIntegerField(db_default=0, editable=False)
    words = models.TextField(blank=True, default="", editable=False)
    shared = models.BooleanField()
    unusable = models.BooleanField(default=False)
    link_dies_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(db_default=Now())
    developed_at = models.DateTimeField(null=True)
    develop_at = models.DateTimeField(null=True)
    deaths = models.PositiveSmallIntegerField(default=0)
    sides: "models.JSONField[list[int]]" = models.JSONField(default=list)
    missing_since = models.DateTimeField(null=True)  # when `verify_media` found no original
    # Three ways to be kept back, each with its own end: by the owner, by a moderator who looks, by a decision.
    trashed_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="image_once_per_slot"),
            # Ids are unique anyway; but told so, SQLite finds here that the team sees a picture, and not in its row.
            models.UniqueConstraint(F("id").desc(), name="image_team", condition=SEEN_BY_TEAM),
        ]
        indexes = [
            models.Index(
                fields=["owner", "-id"],
                name="image_mine",
                condition=KEPT,
            ),
            models.Index(*BEST_OF_PROMPT, name="image_of_prompt", condition=KEPT),
            models.Index(fields=["rating"], name="image_rated", condition=Q(rating__isnull=False)),
            models.Index(fields=["owner", "-id"], name="image_trash", condition=Q(trashed_at__isnull=False)),
            models.Index(
                fields=["id"],
                name="image_undeveloped",
                condition=Q(developed_at=None, trashed_at=None, removed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"Picture {self.index + 1} of {str(self.generation_id)[-12:]}"

    @property
    def ratio(self) -> float:
        """Width by height."""
        return round(self.width / self.height, 4)

    @property
    def long_side(self) -> int:
        return max(self.width, self.height)

    @property
    def edition(self) -> str:
        """What tells the bytes of this slot from those that came before: part of an address that may be kept."""
        return self.sha256[:12]

    @property
    def print_number(self) -> int:
        """What tells the thumbnails of this development from those that were made before."""
        return int(self.developed_at.timestamp() * 1_000_000) if self.developed_at else 0

    @property
    def is_seen_by_team(self) -> bool:
        """What SEEN_BY_TEAM asks of a row."""
        kept_back = self.trashed_at or self.held_at or self.removed_at
        return self.shared and not self.unusable and kept_back is None

    @property
    def in_trash(self) -> bool:
        return self.trashed_at is not None

    @property
    def extension(self) -> str:
        return self.key.rpartition(".")[2]

    @property
    def filename(self) -> str:
        """The name a download gets."""
        return names.download(self.generation.prompt.text, self.pk, self.extension)

    @property
    def keys(self) -> list[str]:
        """Every place in the storage where something of it may lie."""
        return [self.key, *map(self.thumbnail_key, names.ALL_SIDES)]

    def thumbnail_key(self, side: int) -> str:
        """Storage key of the WebP thumbnail with this long side."""
        return names.thumbnail(self.key.split("/")[1], self.generation_id, self.index, side)
