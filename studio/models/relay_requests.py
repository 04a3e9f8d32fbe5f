"""The requests that left for relays (SAFETY.md §1.9)."""

import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from studio.models.ids import uuid7
from studio.models.relays import ImageModel, Relay
from studio.models.rows import QuickRow

RATE_WINDOW = datetime.timedelta(seconds=65)
"""A relay counts when a request arrives, we count when it leaves: a busy machine has been seen 2 s late."""


PAID = ("done", "broken", "bad_answer", "not_stored")
"""Outcomes after which an answer was paid for, whether it could be used or not."""


class RelayRequestQuerySet(models.QuerySet["RelayRequest"]):
    def open(self) -> Self:
        """Those whose end has not been written down."""
        return self.filter(ended_at=None)

    def paid(self) -> Self:
        """Those whose answer was paid for."""
        return self.filter(outcome__in=PAID)

    def of_relay(self, relay: Relay) -> Self:
        return self.filter(model__relay=relay)

    def figures(self) -> Self:
        """What each request cost and left out, without its raw answer."""
        return self.only("generation_id", "attempt", "dropped", "cost")

    def since(self, span: datetime.timedelta) -> Self:
        """Those that left within this time, by the database's clock."""
        return self.filter(sent_at__gt=Now() - span)


class RelayRequest(QuickRow):
    """One request that left for a relay, written down before its first byte."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey("Generation", models.CASCADE, related_name="relay_requests")
    model = models.ForeignKey(ImageModel, models.SET_NULL, null=True, related_name="relay_requests")
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
    tokens: "models.JSONField[dict[str, int]]" = models.JSONField(default=dict)
    raw = models.TextField(blank=True)

    objects = RelayRequestQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "attempt"], name="relay_request_once")]
        indexes = [models.Index(fields=["model", "-sent_at"], name="relay_request_of_model")]

    def __str__(self) -> str:
        return f"{self.generation_id} request {self.attempt}"


def spool_name(generation: UUID, attempt: int) -> str:
    """File name of the spool of one attempt."""
    return f"{generation}-{attempt}.spool"
