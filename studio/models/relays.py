"""Relays and the models they offer."""

from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from studio.errors import Unavailable
from studio.models.ids import uuid7

IMAGES_AT_ONCE = 10
"""Our own limit for one generation (RELAYS.md §2.3)."""


class Dialect(models.TextChoices):
    """The set of rules a relay follows (RELAYS.md §1)."""

    ROUTEWAY = "routeway", "Routeway"
    OPENAI = "openai", "OpenAI"


def vault() -> MultiFernet:
    """Return the cipher for relay keys: the first of FIELD_KEYS writes, all of them read."""
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


class Relay(models.Model):
    """An outside service that draws; its key is written here and never shown again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60, unique=True)
    dialect = models.CharField(max_length=20, choices=Dialect)
    base_url = models.URLField(max_length=300, help_text="For example https://api.routeway.ai/v1")
    sealed_key = models.TextField(blank=True, editable=False)
    key_ending = models.CharField(max_length=4, blank=True, editable=False)
    enabled = models.BooleanField(default=True)
    sandbox = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def api_key(self) -> str:
        """The key in the clear, for a call only; raises Unavailable when it cannot be read."""
        if not self.sealed_key:
            return ""
        try:
            return vault().decrypt(self.sealed_key.encode()).decode()
        except InvalidToken:
            raise Unavailable(
                "The relay's key cannot be read. An administrator must enter it again."
            ) from None

    @api_key.setter
    def api_key(self, value: str) -> None:
        self.sealed_key = vault().encrypt(value.encode()).decode() if value else ""
        self.key_ending = value[-4:] if len(value) >= 12 else ""


class ImageModelQuerySet(models.QuerySet["ImageModel"]):
    def usable(self) -> "ImageModelQuerySet":
        """Models that can be chosen now, with their relay, in the picker's order."""
        return (
            self.filter(enabled=True, relay__enabled=True)
            .select_related("relay")
            .order_by("relay__name", "label")
        )


class ImageModel(models.Model):
    """One model of one relay, and what it takes: `accepts` maps each field to its values, empty for free ones."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    relay = models.ForeignKey(Relay, models.CASCADE, related_name="models")
    model_id = models.CharField("id at the relay", max_length=200)
    label = models.CharField(max_length=100)
    accepts = models.JSONField(
        default=dict,
        blank=True,
        help_text='Accepted fields and their values, for example {"size": ["1024x1024"], "seed": []}',
    )
    max_n = models.PositiveSmallIntegerField(
        default=IMAGES_AT_ONCE, validators=[MinValueValidator(1), MaxValueValidator(IMAGES_AT_ONCE)]
    )
    enabled = models.BooleanField(default=True)
    usual_ms = models.PositiveIntegerField(null=True, editable=False)

    objects = ImageModelQuerySet.as_manager()

    class Meta:
        verbose_name = "model"
        ordering = ["relay__name", "label"]
        constraints = [
            models.UniqueConstraint(fields=["relay", "model_id"], name="model_once_per_relay"),
            models.CheckConstraint(
                condition=models.Q(max_n__range=(1, IMAGES_AT_ONCE)), name="model_max_n_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def takes(self, field: str) -> bool:
        return field in self.accepts

    def values_of(self, field: str) -> list[str]:
        """The values this model takes for a field; empty when any value goes or none does."""
        return list(self.accepts.get(field) or [])

    def fitting(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The part of the wanted settings that this model takes."""
        return {name: value for name, value in wanted.items() if self._fits(name, value)}

    def _fits(self, name: str, value: Any) -> bool:
        values: Iterable[str] = self.values_of(name)
        return self.takes(name) and (not values or value in values)
