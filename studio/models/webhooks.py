"""Webhooks: where a program is told of what happens, what it is to be told, and how each try went."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone

from studio.models.accounts import User
from studio.models.generations import Generation
from studio.models.ids import uuid7

HELD_FOR = timedelta(seconds=60)
"""How long a delivery is a worker's: well over the longest try, so that a dead worker's is tried again."""

AT_ONCE, AT_ONCE_FAILING = 4, 1
"""Tries under way for one webhook: a receiver that hangs keeps no other waiting."""


class WebhookKind(models.TextChoices):
    """What a webhook may be told of."""

    COMPLETED = "generation.completed", "Images are ready"
    FAILED = "generation.failed", "Images did not come"
    HELD = "generation.held", "A prompt waits for a moderator"
    SHARED = "image.shared", "Images were shown to the team"
    REPORTED = "image.reported", "Something was reported"
    BUDGET_LOW = "budget.threshold", "Four fifths of a budget are used"
    BUDGET_GONE = "budget.exhausted", "A budget is used up"
    RELAY_PAUSED = "relay.paused", "A relay was paused"
    RELAY_BACK = "relay.recovered", "A relay draws again"
    TEST = "webhook.test", "A test"

    @classmethod
    def offered(cls, *, team: bool) -> list["WebhookKind"]:
        """Return what one may choose: the team's webhooks hear of reports and relays too."""
        return [kind for kind in cls if kind != cls.TEST and (team or kind not in OF_TEAM)]


OF_TEAM = {WebhookKind.REPORTED, WebhookKind.RELAY_PAUSED, WebhookKind.RELAY_BACK}


class WhyOff(models.TextChoices):
    """Why a webhook is told nothing."""

    ON = "", "On"
    PERSON = "person", "Switched off"
    GONE = "gone", "Off: its receiver is gone"
    FAILING = "failing", "Off: it failed for three days"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def of_team(self) -> Self:
        return self.filter(owner=None)

    def managed_by(self, user: User) -> Self:
        """One's own, and for administrators the team's."""
        return self.filter(Q(owner=user) | Q(owner=None)) if user.is_administrator else self.owned_by(user)

    def alive(self) -> Self:
        """Those that are told: a suspended person's hear nothing (SAFETY T13)."""
        return self.filter(Q(owner=None) | Q(owner__is_active=True), why_off=WhyOff.ON)

    def hearing(self, person: UUID | None, *, team: bool) -> Self:
        """Those that a person's news may go to: their own, and the team's."""
        own = Q(owner=person) if person else Q(pk=None)
        return self.alive().filter(own | Q(owner=None) if team else own)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def with_counts(self) -> Self:
        """How many deliveries each has waiting, how many of these for another try, and how many failed for good."""
        waits = Q(deliveries__state=DeliveryState.WAITING)
        return self.annotate(
            waiting=Count("deliveries", filter=waits),
            tried=Count("deliveries", filter=waits & Q(deliveries__tries__gt=0)),
            failed=Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED)),
        )


class Webhook(models.Model):
    """One address that is told; a person's own, or the team's (no owner).

    Its secret signs and must be read again, so it is encrypted; while it is being changed the old one signs too.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, null=True, related_name="webhooks")
    url = models.CharField(max_length=2000)
    kinds: "models.JSONField[list[str]]" = models.JSONField(default=list)
    sealed = models.TextField()
    old_sealed = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    why_off = models.CharField(max_length=8, choices=WhyOff, default=WhyOff.ON, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(why_off__in=WhyOff.values), name="webhook_why_off_known")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_on(self) -> bool:
        return self.why_off == WhyOff.ON

    @property
    def old_signs(self) -> bool:
        """Whether the secret before this one signs too."""
        return self.old_until is not None and self.old_until > timezone.now()

    @property
    def at_once(self) -> int:
        """How many tries may be under way for it."""
        return AT_ONCE_FAILING if self.failing_since else AT_ONCE

    @property
    def is_of_team(self) -> bool:
        return self.owner_id is None


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    DROPPED = "dropped", "No longer true"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        return self.filter(state=DeliveryState.WAITING)

    def under_way(self) -> Self:
        """Those that a worker is sending: until it has ended, they are due when it would have died."""
        return self.waiting().filter(due_at__gt=Now(), held_until__gt=Now())

    def idle(self) -> Self:
        """Those that no worker is sending."""
        held = Q(state=DeliveryState.WAITING, held_until__gt=Now())
        return self.exclude(held)

    def due(self, *, failing: bool) -> Self:
        """Those to be tried now, for receivers that fail or do not, and that are not being asked enough already."""
        asked = Delivery.objects.under_way().order_by().values("webhook").annotate(n=Count("pk"))
        full = asked.filter(n__gte=AT_ONCE_FAILING if failing else AT_ONCE).values("webhook")
        hooks = Webhook.objects.alive().filter(failing_since__isnull=not failing).exclude(pk__in=full)
        return self.waiting().filter(webhook__in=hooks, due_at__lte=Now()).order_by("due_at")

    def newest_first(self) -> Self:
        """Ids are made in order of time."""
        return self.order_by("-pk")

    def before(self, pk: UUID | None) -> Self:
        return self.filter(pk__lt=pk) if pk else self

    def move(self, *, to: DeliveryState, **fields: Any) -> int:
        """Move these rows, which a worker has no part in any more; return how many there were."""
        return self.update(state=to, held_until=None, **fields)


class Delivery(models.Model):
    """One thing that one webhook is told: ids, codes, numbers; what is sent is read from the rows as they are then."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    kind = models.CharField(max_length=24, choices=WebhookKind)
    generation = models.ForeignKey(Generation, models.CASCADE, null=True, related_name="+")
    values: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    held_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known")
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(state=DeliveryState.WAITING)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def public_id(self) -> str:
        """The `webhook-id`: the same over all tries and replays, so that a receiver knows what it has seen."""
        return f"msg_{self.pk.hex}"


class DeliveryTry(models.Model):
    """How one try went: the receiver's status and the beginning of its answer, or why there is none."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(null=True)
    problem = models.CharField(max_length=24, blank=True)
    answer = models.CharField(max_length=1024, blank=True)
    took_ms = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.status or self.problem}"
