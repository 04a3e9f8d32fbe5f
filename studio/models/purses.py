"""Budgets: how much somebody, a role or the whole team may use in a day, a week or a month; and their counters."""

from datetime import date, timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from studio.models.accounts import Role, User
from studio.models.ids import uuid7
from studio.models.units import Unit


class Whom(models.TextChoices):
    """Whose use a budget counts."""

    PERSON = "person", "one person"
    ROLE = "role", "a role"
    TEAM = "team", "the whole team"
    TOKEN = "token", "one token"


class Period(models.TextChoices):
    """How long a budget lasts before it begins anew, in the installation's time zone."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """Return the first day of the period that a day lies in; weeks begin on Monday."""
        match self:
            case Period.DAY:
                return day
            case Period.WEEK:
                return day - timedelta(days=day.weekday())
        return day.replace(day=1)

    def end(self, day: date) -> date:
        """Return the first day after the period that a day lies in."""
        start = self.start(day)
        match self:
            case Period.DAY:
                return start + timedelta(days=1)
            case Period.WEEK:
                return start + timedelta(days=7)
        return (start + timedelta(days=32)).replace(day=1)


class BudgetQuerySet(models.QuerySet["Budget"]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)

    def counting(self, person: User) -> Self:
        """Budgets that count what this person uses, by whatever way."""
        theirs = Q(whom=Whom.PERSON, person=person) | Q(whom=Whom.ROLE, role=person.role)
        return self.in_force().filter(theirs | Q(whom=Whom.TEAM))

    def of_token(self, token: UUID) -> Self:
        """The budget of a token's own, below its person's."""
        return self.in_force().filter(whom=Whom.TOKEN, token=token)

    def of_people(self) -> Self:
        """Those that administrators made: a token's belongs to the token."""
        return self.in_force().exclude(whom=Whom.TOKEN)


class Budget(models.Model):
    """A rule: whose use is counted, of what, and how much of it there is in each period.

    `each` gives everybody of the role or the team a purse of their own, instead of one for all of them together.
    A strict one lets nobody use what has no price in its unit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    whom = models.CharField(max_length=6, choices=Whom)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="budgets")
    role = models.CharField(max_length=16, choices=Role, blank=True)
    token = models.ForeignKey("studio.Token", models.CASCADE, null=True, related_name="budgets")
    each = models.BooleanField(default=False)
    period = models.CharField(max_length=5, choices=Period)
    unit = models.CharField(max_length=12, choices=Unit)
    cap = models.PositiveBigIntegerField()
    strict = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(whom__in=Whom.values), name="budget_whom_known"),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="budget_period_known"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="budget_unit_known"),
            models.CheckConstraint(
                condition=Q(whom=Whom.PERSON, person__isnull=False) | (~Q(whom=Whom.PERSON) & Q(person=None)),
                name="budget_of_one_person",
            ),
            models.CheckConstraint(condition=Q(whom=Whom.ROLE) ^ Q(role=""), name="budget_of_one_role"),
            models.CheckConstraint(
                condition=Q(whom=Whom.TOKEN) ^ Q(token__isnull=True), name="budget_of_one_token"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whom} {self.cap} {self.unit} a {self.period}"

    @property
    def is_shared(self) -> bool:
        """Whether one purse serves more than one person."""
        return self.whom != Whom.PERSON and not self.each


class PurseQuerySet(models.QuerySet["Purse"]):
    def reserve(self, amount: int) -> bool:
        """Reserve an amount if it fits below the cap; the database compares, so races cannot overshoot."""
        fits = self.filter(cap__gte=F("reserved") + F("spent") + amount)
        return fits.update(reserved=F("reserved") + amount) == 1

    def move(self, *, reserved: int, spent: int) -> None:
        """Count what was reserved and spent beyond what was, or less."""
        self.update(reserved=F("reserved") + reserved, spent=F("spent") + spent)


class Purse(models.Model):
    """The counter of a budget in one period: one person's, or that of all together.

    `carried` is what was spent of the period before the budget began; `spent` holds it too.
    """

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="purses")
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="purses")
    start = models.DateField()
    cap = models.PositiveBigIntegerField()
    reserved = models.PositiveBigIntegerField(default=0)
    spent = models.PositiveBigIntegerField(default=0)
    carried = models.PositiveBigIntegerField(default=0)
    warned = models.BooleanField(default=False)
    exhausted = models.BooleanField(default=False)  # and webhooks were told

    objects = PurseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "person", "start"], name="purse_once_a_period"),
            models.UniqueConstraint(
                fields=["budget", "start"], condition=Q(person=None), name="purse_together_once_a_period"
            ),
            models.CheckConstraint(condition=Q(reserved__gte=0) & Q(spent__gte=0), name="purse_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.budget}, {self.start}"

    @property
    def left(self) -> int:
        return max(0, self.cap - self.reserved - self.spent)
