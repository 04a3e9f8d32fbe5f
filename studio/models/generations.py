"""Generations, and the named reads of those who work on them (SAFETY.md §1)."""

import datetime
from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now

from studio.models.accounts import User
from studio.models.comparisons import Comparison
from studio.models.grids import Grid
from studio.models.ids import storage_token, uuid7
from studio.models.installation import Installation
from studio.models.library import SavedVersion
from studio.models.presets import Preset
from studio.models.prompts import Prompt
from studio.models.relays import ImageModel, Relay
from studio.models.rows import QuickRow
from studio.models.runs import DRAWN_BY, RunsQuerySet
from studio.models.states import ACTIVE, RUNNING, WAITING, State
from studio.models.units import RATE_DIGITS, RATE_PLACES, Unit
from studio.words import Reason

RANK = Coalesce("rank", 0)
"""Where an administrator put what waits: below 0 before everybody's turn, above 0 after it."""


class GenerationQuerySet(RunsQuerySet["Generation"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def visible_to(self, user: User) -> Self:
        """One's own, and what is shared with the team."""
        return self.filter(Q(shared=True) | Q(owner=user))

    def alone(self) -> Self:
        """Those that stand in no comparison and in no grid."""
        return self.filter(comparison=None, grid=None)

    def single(self) -> Self:
        """Those that have a card of their own: all but the columns of comparisons."""
        return self.filter(comparison=None)

    def in_cells_of(self, grid: Grid) -> Self:
        """The cells of a grid in their order, with what their cards show."""
        return self.filter(grid=grid).order_by("cell").select_related("prompt", "owner", *DRAWN_BY)

    def figures_of_grids(self, grids: Iterable[Grid]) -> Any:
        """What is known of each grid: cells, pictures asked for, how many ended or wait, if the team sees any."""
        rows = self.filter(grid__in=[grid.pk for grid in grids]).order_by().values("grid")
        return rows.annotate(
            cells=Count("pk"),
            ended=Count("pk", filter=~Q(state__in=ACTIVE) | Q(stopped_waiting_at__isnull=False)),
            waiting=Count("pk", filter=Q(state__in=WAITING)),
            asked=Sum("n"),
            newest=Sum("version"),
            for_all=Count("pk", filter=Q(shared=True)),
        )

    def in_columns(self) -> Self:
        """The generations of comparisons in the order of their columns, with what their cards show.

        `column` counts from 0 through all columns, also those that are not among these rows.
        """
        before = Generation.objects.filter(
            comparison=OuterRef("comparison"), pk__lt=OuterRef("pk")
        ).order_by()
        place = Coalesce(Subquery(before.values("comparison").annotate(n=Count("pk")).values("n")), 0)
        return (
            self.order_by("pk")
            .annotate(column=place)
            .select_related("comparison", "prompt", "owner", *DRAWN_BY)
        )

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

    def cancellable_by(self, user: User) -> Self:
        """One's own, and for administrators everything that waits for its turn."""
        mine = Q(owner=user)
        anybodys = Q(state__in=(State.QUEUED, State.CLAIMED))
        return self.select_related("owner").filter(mine | anybodys if user.is_administrator else mine)

    def closed(self, flag: bool = False) -> Self:
        """Generations whose trouble the person has put away (or not)."""
        return self.filter(closed=flag)

    def ready(self) -> Self:
        """Rows a worker may take now: waiting ones of people who may draw, and received ones nobody is saving.

        While drawing is stopped nothing that waits may; the database says so itself, in the same statement.
        """
        stopped = Exists(Installation.objects.filter(stopped_at__isnull=False))
        return self.filter(
            Q(~stopped, state=State.QUEUED, owner__is_active=True) | Q(state=State.RECEIVED, claimed_by=""),
            Q(not_before=None) | Q(not_before__lte=Now()),
        )

    def asking(self, relay: Relay) -> Self:
        """Rows that a worker has claimed, or whose answer it awaits, at this relay."""
        by = Q(via__relay=relay) | Q(via=None, model__relay=relay)
        return self.in_state(State.CLAIMED, State.SENT).filter(by)

    def abandoned(self, lease: datetime.timedelta) -> Self:
        """Rows whose worker has not renewed its lease, by the database's clock."""
        return self.in_state(*RUNNING).exclude(claimed_by="").filter(lease_at__lt=Now() - lease)

    def with_card_data(self) -> Self:
        return self.select_related("model__relay", "prompt", "owner").prefetch_related("slots", "images")

    def known(self, generation: "Generation") -> Self:
        """The row, for as long as its claim and its request are those we know of: who was overtaken finds nothing."""
        claim = {"claimed_by": generation.claimed_by, "claim": generation.claim}
        return self.filter(pk=generation.pk, attempts=generation.attempts, **claim)

    def move(self, *old: State, to: State, why: Reason | None = None, **fields: Any) -> bool:
        """Move the one matching row on if it is still in an old state; the row count decides."""
        if why is not None:
            fields |= {"reason": why.code, "reason_values": why.values}
        return self.in_state(*old).update(state=to, version=F("version") + 1, **fields) == 1

    def touch(self) -> bool:
        """Tell the cards that something of the row has changed; say whether the row was found."""
        return self.update(version=F("version") + 1) == 1


class Generation(QuickRow):
    """One request: a prompt, a model, settings, n slots. The row alone decides what happens to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="generations")
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="generations")
    model = models.ForeignKey(ImageModel, models.PROTECT, related_name="generations")
    via = models.ForeignKey(ImageModel, models.PROTECT, null=True, related_name="+")
    trail: "models.JSONField[list[dict[str, Any]]]" = models.JSONField(default=list)
    comparison = models.ForeignKey(Comparison, models.CASCADE, null=True, related_name="generations")
    grid = models.ForeignKey(Grid, models.CASCADE, null=True, related_name="cells", db_index=False)
    cell = models.PositiveSmallIntegerField(null=True)
    # The house preset that it was asked for with, in the version of then.
    preset = models.ForeignKey(Preset, models.PROTECT, null=True, related_name="+", db_index=False)
    preset_version = models.PositiveIntegerField(null=True)
    # Where its pictures go as they are kept; chosen when it was sent.
    collection = models.ForeignKey("Collection", models.SET_NULL, null=True, related_name="+", db_index=False)
    # What it was made from: the prompt that was taken over and changed, the version of a saved prompt.
    parent = models.ForeignKey(Prompt, models.SET_NULL, null=True, related_name="offspring", db_index=False)
    saved = models.ForeignKey(SavedVersion, models.SET_NULL, null=True, related_name="runs", db_index=False)
    # With what it was brought in; then no relay of ours has drawn it, and nothing was paid here.
    brought = models.ForeignKey("Import", models.SET_NULL, null=True, related_name="runs", db_index=False)
    submission_id = models.UUIDField()
    # By which request it was asked for, for the log; null, so that SQLite adds it without making the table anew.
    request_id = models.CharField(max_length=12, null=True)  # noqa: DJ001
    settings = models.JSONField(default=dict)
    n = models.PositiveSmallIntegerField()
    shared = models.BooleanField()
    withheld_at = models.DateTimeField(null=True)  # by moderators, who give back what was shared until then
    token = models.CharField(max_length=32, default=storage_token, editable=False)

    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    version = models.PositiveIntegerField(default=0)
    closed = models.BooleanField(default=False)
    stopped_waiting_at = models.DateTimeField(null=True)
    restored = models.BooleanField(default=False)
    claimed_by = models.CharField(max_length=120, blank=True)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    lease_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    rank = models.IntegerField(
        null=True
    )  # where an administrator put it; nowhere, while it waits for its turn
    round = models.PositiveSmallIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)

    month = models.DateField()
    rules_version = models.PositiveIntegerField(default=0)
    classified = models.BooleanField(default=False)

    reason = models.CharField(max_length=40, blank=True)
    reason_values = models.JSONField(default=dict)
    error_kind = models.CharField(max_length=20, blank=True)
    error_raw = models.TextField(blank=True)
    trace_id = models.CharField(max_length=120, blank=True)

    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    first_ms = models.PositiveIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)

    # What one image cost on the day it was asked for, and what all of it has cost so far, in smallest parts.
    # Neither is known where the model has no price; an unknown price is not nothing.
    rate = models.DecimalField(max_digits=RATE_DIGITS, decimal_places=RATE_PLACES, null=True)
    cost = models.PositiveBigIntegerField(null=True)
    cost_unit = models.CharField(max_length=12, choices=Unit, blank=True)

    # Read with it where it is shown: its places in their order, the pictures that the person who looks may see, and
    # its requests with what they cost.
    places: list[Any]
    pictures: list[Any]
    priced: list[Any]

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_id"], name="generation_once_per_submission"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="generation_state_known"),
            models.CheckConstraint(condition=Q(n__range=(1, 10)), name="generation_n_in_range"),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="generation_mine"),
            models.Index(
                fields=["owner", "-id"], name="generation_alone", condition=Q(comparison=None, grid=None)
            ),
            models.Index(fields=["grid", "cell"], name="generation_in_grid", condition=Q(grid__isnull=False)),
            models.Index(fields=["prompt", "-id"], name="generation_of_prompt"),
            models.Index(
                fields=["prompt", "model", "via", "n", "id", "shared"],
                name="generation_of_team",
                condition=Q(shared=True),
            ),
            models.Index(
                fields=["prompt", "id"],
                name="generation_came",
                condition=Q(parent__isnull=False) | Q(saved__isnull=False),
            ),
            models.Index(fields=["settled_at"], name="generation_settled"),
            models.Index(fields=["state", "id"], name="generation_active"),
            models.Index(
                fields=["collection"],
                name="generation_into",
                condition=Q(collection__isnull=False),
            ),
            models.Index(fields=["parent"], name="generation_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["brought"], name="generation_brought", condition=Q(brought__isnull=False)),
            models.Index(fields=["saved"], name="generation_saved", condition=Q(saved__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def drawn_by(self) -> ImageModel:
        """The model that draws: the one that was asked for, or its stand-in."""
        return self.via or self.model

    @property
    def why(self) -> Reason:
        """Why it waits, or how it ended; nothing where its state says it all."""
        return Reason(self.reason, **self.reason_values)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_awaited(self) -> bool:
        """Whether it runs and its person still waits for it."""
        return self.is_active and self.stopped_waiting_at is None

    @property
    def can_cancel(self) -> bool:
        return self.state in (State.HELD, State.QUEUED, State.CLAIMED)

    @property
    def can_stop_waiting(self) -> bool:
        slow = self.state == State.SENT or (self.state == State.RECEIVED and self.not_before is not None)
        return slow and self.is_awaited

    @property
    def asks_its_person(self) -> bool:
        """Whether it waited in a restored copy: only its person knows whether it is still wanted."""
        return self.state == State.CANCELLED and self.reason == "restored"

    @property
    def drawn_ms(self) -> int | None:
        """Milliseconds between the request and the whole answer; after a retry those of the first that drew."""
        if self.first_ms is not None:
            return self.first_ms
        if self.sent_at is None or self.received_at is None:
            return None
        return round((self.received_at - self.sent_at).total_seconds() * 1000)
