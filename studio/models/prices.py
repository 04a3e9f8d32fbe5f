"""What an image of a model costs, and what it cost before."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.relays import ImageModel
from studio.models.units import RATE_DIGITS, RATE_PLACES, Unit

SIZE_LENGTH = 20
QUALITY_LENGTH = 60


class Per(models.TextChoices):
    """What a price is of: one image, or a million tokens as a relay counts them."""

    IMAGE = "", "image"
    TEXT = "text", "text tokens"
    PICTURE = "image", "image tokens"
    OUTPUT = "output", "output tokens"


class PriceQuerySet(models.QuerySet["Price"]):
    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Price(models.Model):
    """What an image, or a million tokens, costs from `since` on; never changed, the next row of its place takes over.

    An empty size or quality stands for any that has no row of its own. Without a rate the price is unknown again.
    `by` is who set it; nobody where the relay's model list says it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    model = models.ForeignKey(ImageModel, models.CASCADE, related_name="price_history")
    size = models.CharField(max_length=SIZE_LENGTH, blank=True)
    quality = models.CharField(max_length=QUALITY_LENGTH, blank=True)
    per = models.CharField(max_length=8, choices=Per, blank=True, db_default="")
    rate = models.DecimalField(max_digits=RATE_DIGITS, decimal_places=RATE_PLACES, null=True)
    unit = models.CharField(max_length=12, choices=Unit)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField(db_default=Now())

    objects = PriceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate=None) | Q(rate__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(unit__in=[unit for unit in Unit.values if unit != Unit.IMAGES]),
                name="price_unit_known",
            ),
            models.CheckConstraint(condition=Q(per__in=Per.values), name="price_per_known"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.size} {self.quality}: {self.rate} {self.unit}"
