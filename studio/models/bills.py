"""What relays say they have billed, line by line, and which of our requests each line means."""

from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.relay_requests import PAID, RelayRequest
from studio.models.relays import Relay
from studio.models.states import State
from studio.models.units import Unit

LOST = "unknown"
"""The outcome of a request whose end nobody knows."""

MAY_BE_BILLED = {*PAID, LOST}

TOLD = ("lost_and_charged", "lost_and_free")
"""Reasons of lost contact after a bill has told whether it was charged."""


class Fate(models.TextChoices):
    """What became of one line."""

    MATCHED = "matched", "Known to both"
    STRANGE = "strange", "Billed, unknown here"
    FAILED = "failed", "Billed, though it failed"


class BillQuerySet(models.QuerySet["Bill"]):
    def for_list(self, before: UUID | None) -> Self:
        """The newest first, with what is shown of each; a page of them begins after `before`."""
        rows = self.filter(pk__lt=before) if before else self
        counts = {f"n_{each.name}": models.Count("lines", filter=Q(lines__found=each.value)) for each in Fate}
        rows = rows.select_related("relay", "by").annotate(**counts, billed=models.Sum("lines__amount"))
        return rows.order_by("-pk")


class Bill(models.Model):
    """One export of a relay's usage, as it was given to us; it covers everything from `begins_at` to `ends_at`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    relay = models.ForeignKey(Relay, models.CASCADE, related_name="bills")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    unit = models.CharField(max_length=12, choices=Unit, blank=True)

    objects = BillQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.relay_id} {self.begins_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"

    def sums(self) -> dict[str, int]:
        """What it bills in each part, in smallest parts of its unit."""
        summed = self.lines.order_by().values_list("found").annotate(models.Sum("amount"))
        return dict.fromkeys(Fate.values, 0) | {found: amount or 0 for found, amount in summed}

    def counted(self) -> int | None:
        """What the studio has counted in its unit for the generations that are known to both; nothing if unknown."""
        known = self.lines.found(Fate.MATCHED).filter(request__generation=OuterRef("pk"))
        rows = Generation.objects.filter(Exists(known), cost_unit=self.unit)
        found: int | None = rows.aggregate(models.Sum("cost"))["cost__sum"]
        return found

    def unbilled(self) -> QuerySet[RelayRequest]:
        """Our requests of its time that may have been charged, and are not in it; the newest first."""
        named = BillLine.objects.filter(bill=self, request=OuterRef("pk"))
        inside = RelayRequest.objects.of_relay(self.relay).filter(
            sent_at__range=(self.begins_at, self.ends_at)
        )
        rows = inside.filter(~Exists(named), outcome__in=MAY_BE_BILLED)
        return rows.select_related("model", "generation__owner", "generation__comparison").order_by(
            "-sent_at", "-pk"
        )

    def lost(self) -> QuerySet[RelayRequest]:
        """Those whose end nobody knows, and this bill does: it covers their time, or names them."""
        named = BillLine.objects.filter(bill=self, request=OuterRef("pk"))
        rows = RelayRequest.objects.of_relay(self.relay).filter(outcome=LOST)
        return rows.filter(Q(sent_at__range=(self.begins_at, self.ends_at)) | Exists(named))

    def undecided(self) -> QuerySet[Generation]:
        """Generations whose contact was lost: this bill can tell whether they were charged."""
        rows = Generation.objects.in_state(State.UNKNOWN).exclude(reason__in=TOLD)
        lost = self.lost().filter(generation=OuterRef("pk"))
        return rows.filter(Exists(lost)).select_related("owner").order_by("pk")


class BillLineQuerySet(models.QuerySet["BillLine"]):
    def found(self, found: str) -> Self:
        return self.filter(found=found)

    def in_order(self) -> Self:
        run = "request__generation"
        return self.select_related(f"{run}__owner", f"{run}__comparison").order_by("number")


class BillLine(models.Model):
    """One thing a relay has billed; `amount` is in smallest parts of the bill's unit."""

    bill = models.ForeignKey(Bill, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    model_name = models.CharField(max_length=200, blank=True)
    trace_id = models.CharField(max_length=120, blank=True)
    images = models.PositiveIntegerField(null=True)
    amount = models.BigIntegerField(null=True)
    request = models.ForeignKey(RelayRequest, models.SET_NULL, null=True, related_name="billed_as")
    found = models.CharField(max_length=8, choices=Fate)

    objects = BillLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bill", "number"], name="bill_line_once"),
            models.UniqueConstraint(fields=["bill", "request"], name="bill_line_of_request_once"),
            models.CheckConstraint(condition=Q(found__in=Fate.values), name="bill_line_found_known"),
        ]

    def __str__(self) -> str:
        return f"{self.bill_id} line {self.number}"


def counts_of(bill: Bill) -> dict[str, Any]:
    """Return how many lines of a bill ended how; in one statement, unless the list has counted them already."""
    if hasattr(bill, "n_MATCHED"):
        return {each.value: getattr(bill, f"n_{each.name}") for each in Fate}
    counted = bill.lines.order_by().values_list("found").annotate(models.Count("pk"))
    return dict.fromkeys(Fate.values, 0) | dict(counted)
