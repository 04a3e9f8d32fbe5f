"""Links to pictures that could not be fetched, kept whole and sealed so that an administrator can try by hand."""

import datetime
from typing import Self

from cryptography.fernet import InvalidToken
from django.db import models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from studio.errors import Unavailable
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.relays import ImageModel, Relay, vault
from studio.models.slots import Slot, SlotState
from studio.words import Reason

KEPT = datetime.timedelta(days=7)


class KeptLinkQuerySet(models.QuerySet["KeptLink"]):
    def of_relay(self, relay: Relay) -> Self:
        """Links of pictures that are still missing, newest first, each with the `state` of its place."""
        place = Slot.objects.filter(generation=OuterRef("generation"), index=OuterRef("index"))
        rows = self.filter(model__relay=relay).annotate(state=Subquery(place.values("state")))
        missing = rows.exclude(state=SlotState.SAVED).order_by("-kept_at", "-pk")
        return missing.select_related("generation__owner", "model")

    def old(self) -> Self:
        return self.filter(kept_at__lt=Now() - KEPT)


class KeptLink(models.Model):
    """A relay's signed link to one picture; the key of FIELD_KEYS alone opens it, and nobody is shown it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="kept_links")
    index = models.PositiveSmallIntegerField()
    model = models.ForeignKey(ImageModel, models.CASCADE, related_name="kept_links")
    host = models.CharField(max_length=255)
    sealed_url = models.TextField(editable=False)
    revised_prompt = models.TextField(blank=True)
    kept_at = models.DateTimeField(db_default=Now())

    objects = KeptLinkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "index"], name="kept_link_once")]
        indexes = [models.Index(fields=["model", "-kept_at"], name="kept_link_of_model")]

    def __str__(self) -> str:
        return f"{self.generation_id} {self.index + 1} at {self.host}"

    @property
    def url(self) -> str:
        """The link in the clear, for a fetch only; raises Unavailable when it cannot be read."""
        try:
            return vault().decrypt(self.sealed_url.encode()).decode()
        except InvalidToken:
            raise Unavailable(Reason("link_unreadable")) from None

    @url.setter
    def url(self, value: str) -> None:
        self.sealed_url = vault().encrypt(value.encode()).decode()
