"""Generations, their slots, and the ledger of requests on the wire (SAFETY.md §1)."""

import datetime
from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, F, Min, Q, Window
from django.db.models.functions import Now, RowNumber

from studio.models.accounts import User
from studio.models.comparisons import Comparison
from studio.models.ids import storage_token, uuid7
from studio.models.prompts import Prompt
from studio.models.relays import ImageModel


class State(models.TextChoices):
    """Where a generation stands."""

    HELD = "held", "waiting for a moderator"
    QUEUED = "queued", "waiting"
    CLAIMED = "claimed", "starting"
    SENT = "sent", "asking the relay"
    RECEIVED = "received", "saving"
    DONE = "done", "done"
    REFUSED = "refused", "refused"
    FAILED = "failed", "failed"
    BROKEN = "broken", "answer unusable"
    UNKNOWN = "unknown", "contact lost"
    CANCELLED = "cancelled", "cancelled"


WAITING = (State.HELD, State.QUEUED)
RUNNING = (State.CLAIMED, State.SENT, State.RECEIVED)
ACTIVE = WAITING + RUNNING


NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)


class SlotState(models.TextChoices):
    """Where one of the n asked-for images stands."""

    WAITING = "waiting"
    SAVED = "saved"
    UNUSABLE = "unusable"
    BLOCKED_ADDRESS = "blocked_address"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    EXPIRED = "expired"
    PENDING_STORAGE = "pending_storage"


class GenerationQuerySet(models.QuerySet["Generation"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def visible_to(self, user: User) -> Self:
        """One's own, and what was drawn for the team."""
        return self.filter(Q(shared=True) | Q(owner=user))

    def latest_of(self, prompts: Iterable[UUID]) -> dict[UUID, tuple[UUID, str]]:
        """Return the id and the model's label of the newest generation of each of these prompts."""
        place = Window(RowNumber(), partition_by=F("prompt_id"), order_by=F("pk").desc())
        numbered = self.filter(prompt__in=prompts).annotate(place=place).filter(place=1)
        return {
            prompt: (pk, label)
            for prompt, pk, label in numbered.values_list("prompt_id", "pk", "model__label")
        }

    def submitted_as(self, submission_id: UUID) -> Self:
        return self.filter(submission_id=submission_id)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def before(self, pk: UUID | None) -> Self:
        """The page after the row `pk`; ids are made in order of time."""
        return self.filter(pk__lt=pk) if pk else self

    def in_state(self, *states: State) -> Self:
        return self.filter(state__in=states)

    def active(self) -> Self:
        return self.in_state(*ACTIVE)

    def closed(self, flag: bool = False) -> Self:
        """Generations whose trouble the person has put away (or not)."""
        return self.filter(closed=flag)

    def ready(self) -> Self:
        """Rows a worker may take now: waiting ones, and received ones nobody is saving."""
        return self.filter(
            Q(state=State.QUEUED) | Q(state=State.RECEIVED, claimed_by=""),
            Q(not_before=None) | Q(not_before__lte=Now()),
        )

    def abandoned(self, lease: datetime.timedelta) -> Self:
        """Rows whose worker has not renewed its lease, by the database's clock."""
        return self.in_state(*RUNNING).exclude(claimed_by="").filter(lease_at__lt=Now() - lease)

    def with_card_data(self) -> Self:
        return self.select_related("model__relay", "prompt", "owner").prefetch_related("slots", "images")

    def move(self, *old: State, to: State, **fields: Any) -> bool:
        """Move the one matching row on if it is still in an old state; the row count decides."""
        return self.in_state(*old).update(state=to, version=F("version") + 1, **fields) == 1

    def touch(self) -> None:
        """Tell the cards that something of the row has changed."""
        self.update(version=F("version") + 1)

    def ahead_of(self, generation: "Generation") -> int:
        """How many waiting generations were there first."""
        return self.in_state(State.QUEUED).filter(pk__lt=generation.pk).count()

    def claim_next(self, worker: str) -> "Generation | None":
        """Claim the fairest ready row: people take turns, each with the one that has waited longest."""
        with transaction.atomic(using=self.db):
            for owner in self._turns():
                rows = self.ready().filter(owner=owner).order_by("pk")
                row = rows.select_for_update(skip_locked=True, of=("self",)).first()
                if row and self.filter(pk=row.pk)._claim(State(row.state), worker):
                    User.objects.filter(pk=owner).update(last_claimed_at=Now())
                    break
            else:
                return None
        return self.select_related("owner", "prompt", "model__relay").get(pk=row.pk)

    def _turns(self) -> list[UUID]:
        """People with ready rows: those with the fewest running first, then whoever waited longest for a turn."""
        claimed = Generation.objects.in_state(*RUNNING).exclude(claimed_by="").order_by()
        running = dict(claimed.values_list("owner").annotate(Count("pk")))
        ready = self.ready().order_by().values_list("owner", "owner__last_claimed_at")
        people = ready.annotate(first=Min("created_at"))
        turns = [(running.get(owner, 0), turn or NEVER, first, owner) for owner, turn, first in people]
        return [owner for *_, owner in sorted(turns)]

    def _claim(self, state: State, worker: str) -> bool:
        to = State.CLAIMED if state == State.QUEUED else State.RECEIVED
        return self.filter(claimed_by="").move(
            state, to=to, claimed_by=worker, lease_at=Now(), not_before=None
        )


class Generation(models.Model):
    """One request: a prompt, a model, settings, n slots. The row alone decides what happens to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="generations")
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="generations")
    model = models.ForeignKey(ImageModel, models.PROTECT, related_name="generations")
    via = models.ForeignKey(ImageModel, models.PROTECT, null=True, related_name="+")
    trail: "models.JSONField[list[dict[str, Any]]]" = models.JSONField(default=list)
    comparison = models.ForeignKey(Comparison, models.CASCADE, null=True, related_name="generations")
    submission_id = models.UUIDField()
    settings = models.JSONField(default=dict)
    n = models.PositiveSmallIntegerField()
    shared = models.BooleanField()
    token = models.CharField(max_length=32, default=storage_token, editable=False)

    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    version = models.PositiveIntegerField(default=0)
    closed = models.BooleanField(default=False)
    claimed_by = models.CharField(max_length=120, blank=True)
    lease_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    presses = models.PositiveSmallIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)

    month = models.DateField()
    held = models.PositiveSmallIntegerField(default=0)
    spent = models.PositiveSmallIntegerField(default=0)
    presumed = models.PositiveSmallIntegerField(default=0)

    sentence = models.TextField(blank=True)
    error_kind = models.CharField(max_length=20, blank=True)
    error_raw = models.TextField(blank=True)
    trace_id = models.CharField(max_length=120, blank=True)

    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_id"], name="generation_once_per_submission"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="generation_state_known"),
            models.CheckConstraint(condition=Q(n__range=(1, 10)), name="generation_n_in_range"),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="generation_mine"),
            models.Index(fields=["prompt", "-id"], name="generation_of_prompt"),
            models.Index(
                fields=["state", "id"],
                name="generation_active",
                condition=Q(state__in=[str(s) for s in ACTIVE]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def drawer(self) -> ImageModel:
        """The model that draws: the one that was asked for, or its stand-in."""
        return self.via or self.model

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def can_cancel(self) -> bool:
        return self.state in (State.HELD, State.QUEUED, State.CLAIMED)

    @property
    def drawn_ms(self) -> int | None:
        """Milliseconds between the request and the whole answer."""
        if self.sent_at is None or self.received_at is None:
            return None
        return round((self.received_at - self.sent_at).total_seconds() * 1000)


class SlotQuerySet(models.QuerySet["Slot"]):
    def missing(self) -> Self:
        return self.exclude(state=SlotState.SAVED).order_by("index")


class Slot(models.Model):
    """The place of one asked-for image."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="slots")
    index = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=SlotState, default=SlotState.WAITING)

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="slot_once"),
            models.CheckConstraint(condition=Q(state__in=SlotState.values), name="slot_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.index + 1} {self.state}"


class WireRequest(models.Model):
    """The ledger: one row for each request that left for a relay, written before its first byte."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="wire_requests")
    model = models.ForeignKey(ImageModel, models.SET_NULL, null=True, related_name="wire_requests")
    attempt = models.PositiveSmallIntegerField()
    slots: "models.JSONField[list[int]]" = models.JSONField(default=list)
    sent: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    dropped = models.JSONField(default=list)
    sent_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    trace_id = models.CharField(max_length=120, blank=True)
    cost = models.DecimalField("cost in USD", max_digits=12, decimal_places=6, null=True)
    raw = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "attempt"], name="wire_request_once")]
        indexes = [models.Index(fields=["model", "-sent_at"], name="wire_request_of_model")]

    def __str__(self) -> str:
        return f"{self.generation_id} request {self.attempt}"


def spool_name(generation: UUID, attempt: int) -> str:
    """File name of the spool of one attempt."""
    return f"{generation}-{attempt}.spool"
