"""Personal tokens of programs, and the calls that came in by them, so that none is paid for twice."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from studio.models.accounts import Role, User
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.relays import ImageModel
from studio.models.states import ACTIVE

USED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a token is known."""


class Scope(models.TextChoices):
    """What a program may do with a token."""

    DRAW = "draw", "Draw and read"
    READ = "read", "Read only"


class Delivers(models.TextChoices):
    """How pictures come where a call does not say it."""

    BOTH = "both", "Address and data"
    ADDRESS = "address", "Address only"
    DATA = "data", "Data only (Open WebUI)"


class Reach(models.TextChoices):
    """Which models a token may use of those that its person may."""

    ALL = "", "All that I may use"
    MODERATOR = Role.MODERATOR.value, "Those that moderators may use"
    MEMBER = Role.MEMBER.value, "Those that everybody may use"


class Gateway(models.TextChoices):
    """How a token that several people share says who asks (API §6)."""

    OWN = "", "Nobody: it is mine alone"
    OPEN_WEBUI = "openwebui", "Open WebUI, signed"
    HEADER = "header", "A gateway, by a header"


class TokenState(models.TextChoices):
    """Whether a program can still use a token."""

    OPEN = "open", "In use"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"
    SUSPENDED = "suspended", "Suspended"


class TokenQuerySet(models.QuerySet["Token"]):
    def open(self) -> Self:
        """Those that open something: a suspended person's are dead at once (SAFETY T13)."""
        return self.in_time().filter(person__is_active=True)

    def in_time(self) -> Self:
        """Those that were neither revoked nor have expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), revoked_at=None)

    def owned_by(self, user: User) -> Self:
        return self.filter(person=user)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def before(self, pk: object) -> Self:
        return self.filter(pk__lt=pk) if pk else self


class Token(models.Model):
    """One token; its secret was shown once, the row has a digest and the last four signs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.DRAW)
    delivers = models.CharField(max_length=8, choices=Delivers, default=Delivers.BOTH)
    strict = models.BooleanField(default=False)
    reach = models.CharField(max_length=16, choices=Reach, default=Reach.ALL, blank=True)
    gateway = models.CharField(max_length=10, choices=Gateway, default=Gateway.OWN, blank=True)
    gateway_header = models.CharField(max_length=60, blank=True)
    gateway_sealed = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="token_scope_known"),
            models.CheckConstraint(condition=Q(delivers__in=Delivers.values), name="token_delivers_known"),
            models.CheckConstraint(condition=Q(gateway__in=Gateway.values), name="token_gateway_known"),
            models.CheckConstraint(condition=Q(reach__in=Reach.values), name="token_reach_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> TokenState:
        if self.revoked_at:
            return TokenState.REVOKED
        if self.expires_at and self.expires_at <= timezone.now():
            return TokenState.EXPIRED
        return TokenState.OPEN if self.person.is_active else TokenState.SUSPENDED

    def reaches(self, model: ImageModel) -> bool:
        """Whether a program may ask for a model by this token, as far as the token goes."""
        return not self.reach or model.is_within(self.reach)

    def may_use(self, model: ImageModel) -> bool:
        """Whether a program draws with a model by this token now."""
        return self.reaches(model) and not model.obstacle(self.person, reach=self.reach)

    @property
    def is_used_late(self) -> bool:
        """Whether its last use has to be written down again."""
        return self.used_at is None or self.used_at < timezone.now() - USED_EVERY


class CallQuerySet(models.QuerySet["Call"]):
    def since(self, moment: timedelta) -> Self:
        return self.filter(created_at__gt=Now() - moment)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def awaits_first(self) -> Self:
        """Those that are drawn while the first call, which they repeat, has not come."""
        return self.filter(Q(generation=None) | Q(generation__state__in=ACTIVE), early=True)

    def reach(self, submission: Any) -> "models.QuerySet[Call, str]":
        """How far the token goes by which a generation was asked for; no row where it was asked for on a page."""
        return self.filter(pk=submission).values_list("token__reach", flat=True)


class Call(models.Model):
    """One call that asked for a generation: its key, what it said, and when it was left without an answer.

    It is written before its generation, which is submitted under its id; until then it has none. An `early` one was
    sent again by a library whose first call has not come yet: it may still stand in line somewhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token = models.ForeignKey(Token, models.CASCADE, related_name="calls", db_index=False)
    key = models.CharField(max_length=255, blank=True)
    digest = models.CharField(max_length=64)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="calls", null=True)
    created_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True)
    early = models.BooleanField(default=False, db_default=False)

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], condition=~Q(key=""), name="call_once_per_key")
        ]
        indexes = [models.Index(fields=["token", "digest", "-id"], name="call_of_body")]

    def __str__(self) -> str:
        return f"{self.pk} of {self.token_id}"
