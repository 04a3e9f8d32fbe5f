"""Pictures that were made elsewhere and are brought in: one row for each time, which a worker works off."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.words import Reason

PATIENCE = timedelta(minutes=10)
"""After this an import at which nothing moved was left behind by a worker that died."""

NAMED = 100
"""Files of one import that are told of one by one."""

NAME_LENGTH = 120


class ImportState(models.TextChoices):
    """How far an import is."""

    COMING = "coming", "Being uploaded"
    WAITING = "waiting", "Waiting"
    WORKING = "working", "Working"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Could not be read"


UNDER_WAY = (ImportState.COMING, ImportState.WAITING, ImportState.WORKING)


class ImportQuerySet(models.QuerySet["Import"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def before(self, pk: UUID | None) -> Self:
        """The page after the row `pk`."""
        return self.filter(pk__lt=pk) if pk else self

    def under_way(self) -> Self:
        return self.filter(state__in=UNDER_WAY)

    def forgotten(self) -> Self:
        """Those whose ticket or whose worker was lost; nobody works for who may not sign in."""
        lost = Q(state=ImportState.WORKING, moved_at__lt=Now() - PATIENCE)
        return self.filter(lost | Q(state=ImportState.WAITING), owner__is_active=True)

    def never_came(self) -> Self:
        """Those whose upload broke off."""
        return self.filter(state=ImportState.COMING, moved_at__lt=Now() - timedelta(days=1))

    def move(self, *old: ImportState, to: ImportState, why: Reason | None = None, **facts: Any) -> bool:
        """Move the one matching row on if it is still in an old state; the row count decides."""
        if why is not None:
            facts |= {"reason": why.code, "reason_values": why.values}
        return self.filter(state__in=old).update(state=to, moved_at=Now(), **facts) == 1

    def worked_by(self, row: "Import") -> Self:
        """The row, for as long as the claim is still ours and its person may sign in (SAFETY T13)."""
        return self.filter(pk=row.pk, state=ImportState.WORKING, claim=row.claim, owner__is_active=True)

    def step(self, row: "Import", **counts: int) -> bool:
        """Count one file more in the row that we work off; False once it is another's, or was stopped."""
        facts = {name: F(name) + count for name, count in counts.items()}
        return self.worked_by(row).update(done=F("done") + 1, moved_at=Now(), **facts) == 1


class Import(models.Model):
    """One ZIP or folder of pictures; each of its files ends as kept, as the same, or as a problem."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="imports", db_index=False)
    name = models.CharField(max_length=NAME_LENGTH)
    shared = models.BooleanField()
    collection = models.ForeignKey("Collection", models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=200, blank=True)
    has_table = models.BooleanField(default=False)
    byte_size = models.PositiveBigIntegerField(default=0)

    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.COMING)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    moved_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=40, blank=True)
    reason_values: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)

    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    wordless = models.PositiveIntegerField(default=0)
    # The first of those that were not kept: [file, code, values]
    problems: "models.JSONField[list[list[Any]]]" = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_known"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(state__in=UNDER_WAY), name="import_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="import_mine")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def why(self) -> Reason:
        """Why it could not be read; nothing where its state says it all."""
        return Reason(self.reason, **self.reason_values)

    @property
    def table_key(self) -> str:
        """Where the table of prompts lies that came beside it."""
        return f"{self.key}.csv"

    @property
    def keys(self) -> list[str]:
        """Every place in the storage where something of it lies."""
        return [self.key, self.table_key][: 1 + self.has_table] if self.key else []
