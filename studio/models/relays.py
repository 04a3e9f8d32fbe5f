"""Relays and the models they offer."""

from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now

from studio.errors import Unavailable
from studio.models.accounts import Role, User
from studio.models.ids import uuid7
from studio.models.rows import QuickRow
from studio.models.usual import ALL, Usual, usual_of
from studio.relays.settings import IMAGES_AT_ONCE, Accepts
from studio.words import Reason

LINK_MINUTES = 60
"""How long a relay keeps a picture behind a link, where neither the link nor the answer says it (RELAYS.md §1.1)."""

REFUSALS = 3
"""Refused keys or empty accounts in a row after which the studio pauses a relay by itself."""


IS_ADDRESS = RegexValidator(
    r"^https?://[^\s/]+\S*$", "This is not an address. It looks like https://api.example.com/v1."
)
"""A host of one's own network need have no dot, which Django's URLs must; services.relays.addresses says more."""


class Dialect(models.TextChoices):
    """The set of rules a relay follows (RELAYS.md §1)."""

    ROUTEWAY = "routeway", "Routeway"
    ROUTMY = "routmy", "rout.my"
    RELAYROUTER = "relayrouter", "RelayRouter"
    OPENAI = "openai", "OpenAI"
    CHAT = "chat", "Chat images (OpenRouter)"
    GENERIC = "generic", "Generic (OpenAI-compatible)"


def vault() -> MultiFernet:
    """Return the cipher for relay keys: the first of FIELD_KEYS writes, all of them read."""
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


class RelayQuerySet(models.QuerySet["Relay"]):
    def limited(self) -> "RelayQuerySet":
        """Relays that may not be asked at any time: paused or switched off, and those with a limit."""
        return self.exclude(enabled=True, paused_at=None, at_once=None, per_minute=None)

    def drew_badly(self) -> "RelayQuerySet":
        """Relays that run, and of which refusals or a trouble are remembered."""
        return self.filter(paused_at=None).exclude(refusals=0, trouble="")

    def in_trouble(self) -> "RelayQuerySet":
        """Relays that an administrator should look at."""
        return self.filter(enabled=True).exclude(trouble="")

    def in_use(self) -> "RelayQuerySet":
        """Relays of the studio, on or off; those put into the archive are not."""
        return self.filter(archived_at=None)

    def archived(self) -> "RelayQuerySet":
        """Relays put away for good measure, the latest first; what they drew keeps their name."""
        return self.exclude(archived_at=None).order_by("-archived_at")

    def with_model_counts(self) -> "RelayQuerySet":
        """Relays in order, with `known`, how many models they list, and `drawing`, how many of these are offered."""
        listed = models.Q(models__gone_at=None)
        drawing = listed & models.Q(models__draws=True, models__enabled=True)
        counted = self.annotate(
            known=models.Count("models", filter=listed), drawing=models.Count("models", filter=drawing)
        )
        return counted.order_by("position", "name")


class Relay(QuickRow):
    """An outside service that draws; its key is written here and never shown again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60, unique=True)
    dialect = models.CharField(max_length=20, choices=Dialect)
    base_url = models.CharField(
        max_length=300, validators=[IS_ADDRESS], help_text="For example https://api.routeway.ai/v1"
    )
    sealed_key = models.TextField(blank=True, editable=False)
    key_ending = models.CharField(max_length=4, blank=True, editable=False)
    enabled = models.BooleanField(default=True)
    sandbox = models.BooleanField(default=False, editable=False)
    position = models.PositiveSmallIntegerField("order", default=0)
    at_once = models.PositiveSmallIntegerField(
        "requests at once", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    per_minute = models.PositiveSmallIntegerField(
        "requests per minute", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    retries = models.BooleanField("try again when the relay fails", default=True)
    paused_at = models.DateTimeField(null=True, editable=False)
    pause_reason = models.CharField(max_length=40, blank=True, editable=False)
    pause_values = models.JSONField(default=dict, editable=False)
    refusals = models.PositiveSmallIntegerField(default=0, editable=False)
    trouble = models.CharField(max_length=40, blank=True, editable=False)
    trouble_values = models.JSONField(default=dict, editable=False)
    trouble_at = models.DateTimeField(null=True, editable=False)
    synced_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = RelayQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(archived_at=None) | models.Q(enabled=False), name="relay_archived_is_off"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def why_paused(self) -> Reason:
        return Reason(self.pause_reason, **self.pause_values)

    @property
    def pause(self) -> Reason:
        """That it is paused, and the reason that was given."""
        return Reason("relay_paused", relay=self.name, why=self.why_paused)

    @property
    def what_is_wrong(self) -> Reason:
        """What an administrator should look at; nothing while all is well."""
        return Reason(self.trouble, **self.trouble_values)

    @property
    def api_key(self) -> str:
        """The key in the clear, for a call only; raises Unavailable when it cannot be read."""
        if not self.sealed_key:
            return ""
        try:
            return vault().decrypt(self.sealed_key.encode()).decode()
        except InvalidToken:
            raise Unavailable(Reason("relay_key_unreadable", relay=self.name)) from None

    @api_key.setter
    def api_key(self, value: str) -> None:
        self.sealed_key = vault().encrypt(value.encode()).decode() if value else ""
        self.key_ending = value[-4:] if len(value) >= 12 else ""

    @property
    def has_lost_key(self) -> bool:
        """Whether it has a key that none of FIELD_KEYS opens."""
        try:
            return not self.api_key and bool(self.sealed_key)
        except Unavailable:
            return True


class ImageModelQuerySet(models.QuerySet["ImageModel"]):
    def offered(self) -> "ImageModelQuerySet":
        """Models of the picker, with their relay, in its order; `obstacle` says which cannot be used now."""
        drawing = self.filter(enabled=True, draws=True, gone_at=None, relay__enabled=True)
        return drawing.select_related("relay", "stand_in__relay").order_by(
            "relay__position", "relay__name", "label"
        )

    def priced(self) -> "ImageModelQuerySet":
        """Models whose prices an administrator looks after, with their relay, in the order of the picker."""
        drawing = self.filter(draws=True, gone_at=None, relay__archived_at=None)
        return drawing.select_related("relay").order_by("relay__position", "relay__name", "label", "pk")

    def usable(self) -> "ImageModelQuerySet":
        """Models that can draw now, whoever asks."""
        return self.offered().filter(relay__paused_at=None)


class ImageModel(QuickRow):
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
    per_call = models.PositiveSmallIntegerField(
        "images per request",
        default=IMAGES_AT_ONCE,
        validators=[MinValueValidator(1), MaxValueValidator(IMAGES_AT_ONCE)],
    )
    link_minutes = models.PositiveIntegerField(
        "minutes a link lives", default=LINK_MINUTES, validators=[MinValueValidator(1)]
    )
    enabled = models.BooleanField(default=True)
    draws = models.BooleanField(
        null=True, default=True, help_text="Unknown where the relay's model list does not tell."
    )
    by_chat = models.BooleanField("draws through chat", default=False)
    alias = models.CharField("id for programs", max_length=120, blank=True)
    least_role = models.CharField("who may use it", max_length=16, choices=Role, default=Role.MEMBER)
    stand_in = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Draws when this one cannot.",
    )
    multiplier = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    # What an image costs today, as `prices.Price` tells: [{"size", "quality", "rate", "unit", "per"?}, …]
    prices: "models.JSONField[list[dict[str, str]]]" = models.JSONField(
        default=list, blank=True, editable=False
    )
    by_hand: "models.JSONField[list[str]]" = models.JSONField(default=list, blank=True, editable=False)
    gone_at = models.DateTimeField(null=True, editable=False)
    usual_ms = models.PositiveIntegerField(null=True, editable=False)
    # "shape n" → median and 90th percentile of recent requests in milliseconds; "" is all of them.
    usual_times: "models.JSONField[dict[str, list[int]] | None]" = models.JSONField(null=True, editable=False)

    objects = ImageModelQuerySet.as_manager()

    class Meta:
        verbose_name = "model"
        ordering = ["relay__position", "relay__name", "label"]
        constraints = [
            models.UniqueConstraint(fields=["relay", "model_id"], name="model_once_per_relay"),
            models.CheckConstraint(
                condition=models.Q(max_n__range=(1, IMAGES_AT_ONCE)), name="model_max_n_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(per_call__range=(1, IMAGES_AT_ONCE)), name="model_per_call_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def dialect(self) -> str:
        """The dialect its requests follow: a relay may draw with some of its models through chat."""
        return Dialect.CHAT if self.by_chat else self.relay.dialect

    @property
    def is_offered(self) -> bool:
        """Whether the picker shows it; says the same as `offered`."""
        return self.enabled and self.draws is True and self.gone_at is None and self.relay.enabled

    def obstacle(self, person: User, *, reach: str = "") -> Reason:
        """Why this person cannot use the model now, by a token of that reach if any; nothing when they can."""
        if why := self.closed_to(person):
            return why
        waits = self.relay.is_paused and not self.substitute(person, reach=reach)
        return self.relay.pause if waits else Reason()

    def closed_to(self, person: User) -> Reason:
        """Why this person cannot use the model, however long they wait; nothing when they can."""
        if not self.is_within(person.role):
            return Reason("for_role_only", role=Role(self.least_role).label.lower())
        return Reason() if self.is_offered else Reason("not_offered")

    def is_within(self, role: str) -> bool:
        """Whether it is open to a role."""
        return Role(role).rank >= Role(self.least_role).rank

    def substitute(self, person: User, *, reach: str = "") -> "ImageModel | None":
        """The stand-in, if its relay can draw for this person now, and the token they ask by goes so far."""
        other = self.stand_in
        ready = other and other.is_offered and not other.relay.is_paused
        allowed = other and other.is_within(person.role) and other.is_within(reach or person.role)
        return other if ready and allowed else None

    def usual(self, settings: Mapping[str, Any], n: int) -> Usual | None:
        """What it usually takes for this shape and number of pictures; nothing before it has drawn."""
        known = self.usual_times or (self.usual_ms and {ALL: [self.usual_ms, self.usual_ms]})
        return usual_of(known or {}, settings, min(n, self.per_call))

    @property
    def accepted(self) -> Accepts:
        """What it takes, as the one value that forms, switching, comparisons and dialects ask."""
        return Accepts(self.accepts)
