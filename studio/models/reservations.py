"""What a generation may use of its person's month, and the ledger of everything that was moved (SAFETY §1)."""

from typing import NamedTuple, Self

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.units import RATE_DIGITS, RATE_PLACES, Rate, Unit


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
        """What a round reserved: its images, and what they cost if that is known."""
        return self.filter(generation=generation, round=round)

    def of_images(self) -> Self:
        return self.filter(unit=Unit.IMAGES)

    def of_money(self) -> Self:
        return self.exclude(unit=Unit.IMAGES)


class Reservation(models.Model):
    """What one round of a generation, the first or a retry, reserves while it is open: images, and what they cost.

    `rate` is what one image costs, `correction` by how much a relay's own word differs from that for what was
    delivered; `purses` are the counters it stands in. The round's requests come after attempt `after`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="reservations")
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="reservations")
    round = models.PositiveSmallIntegerField()
    month = models.DateField()
    unit = models.CharField(max_length=12, choices=Unit, default=Unit.IMAGES)
    amount = models.PositiveBigIntegerField()
    rate = models.DecimalField(max_digits=RATE_DIGITS, decimal_places=RATE_PLACES, null=True)
    correction = models.BigIntegerField(default=0)
    purses: "models.JSONField[list[int]]" = models.JSONField(default=list)
    after = models.PositiveSmallIntegerField(default=0)
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

    @property
    def is_of_images(self) -> bool:
        return self.unit == Unit.IMAGES

    def amounts(self, images: Balance) -> Balance:
        """Return what so many images in each account cost; no rounding is lost or counted twice between them."""
        spent = self.cost(images.spent)
        presumed = self.cost(images.spent + images.presumed)
        reserved = self.cost(sum(images))
        return Balance(reserved - presumed, max(0, spent + self.correction), presumed - spent)

    def cost(self, images: int) -> int:
        """Return what so many images cost at its price; nothing where that is not known."""
        return Rate(self.rate, Unit(self.unit)).of(images) if self.rate is not None else 0


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def of(self, generation: Generation) -> Self:
        return self.filter(generation=generation.pk, unit=Unit.IMAGES)

    def of_reservation(self, reservation: Reservation) -> Self:
        return self.filter(reservation=reservation.pk)

    def balance(self) -> Balance:
        """Return what has come into each account, less what has left it; of one unit."""
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
    purses: "models.JSONField[list[int]]" = models.JSONField(default=list)

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
