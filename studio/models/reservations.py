"""What a generation may use of its person's month, and the ledger of everything that was moved (SAFETY §1)."""

from typing import NamedTuple, Self

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.units import Unit


class Account(models.TextChoices):
    """Where an amount is: free, reserved for a request, spent, or presumed spent after lost contact."""

    FREE = "free"
    RESERVED = "reserved"
    SPENT = "spent"
    PRESUMED = "presumed"


class Balance(NamedTuple):
    """What a generation has in each account that is not free."""

    reserved: int = 0
    spent: int = 0
    presumed: int = 0


class ReservationState(models.TextChoices):
    """Whether something is still reserved."""

    OPEN = "open"
    SETTLED = "settled"


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def open(self) -> Self:
        return self.filter(state=ReservationState.OPEN)

    def of_round(self, generation: Generation, round: int) -> Self:
        return self.filter(generation=generation, round=round, unit=Unit.IMAGES)


class Reservation(models.Model):
    """What one round of a generation, the first or a retry, reserves of its person's month while it is open."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="reservations")
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="reservations")
    round = models.PositiveSmallIntegerField()
    month = models.DateField()
    unit = models.CharField(max_length=12, choices=Unit, default=Unit.IMAGES)
    amount = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=ReservationState, default=ReservationState.OPEN)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "round", "unit"], name="reservation_once_a_round"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="reservation_unit_known"),
            models.CheckConstraint(
                condition=Q(state__in=ReservationState.values), name="reservation_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}, {self.state}"


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def of(self, generation: Generation) -> Self:
        return self.filter(generation=generation.pk, unit=Unit.IMAGES)

    def balance(self) -> Balance:
        """Return what has come into each account, less what has left it."""
        moved = self.order_by().values_list("source", "target").annotate(Sum("amount"))
        sums = dict.fromkeys(Account, 0)
        for source, target, amount in moved:
            sums[Account(source)] -= amount
            sums[Account(target)] += amount
        return Balance(sums[Account.RESERVED], sums[Account.SPENT], sums[Account.PRESUMED])


class LedgerEntry(models.Model):
    """One amount that was moved from one account to another; the database refuses to change or remove it.

    It names rows by their ids alone, so that it outlives them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(db_default=Now())
    reservation = models.UUIDField()
    generation = models.UUIDField()
    person = models.UUIDField()
    month = models.DateField()
    unit = models.CharField(max_length=12, choices=Unit)
    source = models.CharField(max_length=8, choices=Account)
    target = models.CharField(max_length=8, choices=Account)
    amount = models.PositiveBigIntegerField()

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_moves_something"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="ledger_moves_elsewhere"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="ledger_unit_known"),
            models.CheckConstraint(
                condition=Q(source__in=Account.values, target__in=Account.values),
                name="ledger_accounts_known",
            ),
        ]
        indexes = [
            models.Index(fields=["generation"], name="ledger_of_generation"),
            models.Index(fields=["person", "month"], name="ledger_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit} {self.source} → {self.target}"
