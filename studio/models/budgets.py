"""How many images a person may make in a month, and how many are reserved and spent."""

from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from studio.models.accounts import User


class AllowanceQuerySet(models.QuerySet["Allowance"]):
    def of(self, person: User | UUID, month: date) -> "AllowanceQuerySet":
        return self.filter(person=person, month=month)

    def reserve(self, count: int) -> bool:
        """Reserve images if they fit below the cap; the database compares, so races cannot overshoot."""
        fits = self.filter(cap__gte=F("reserved") + F("spent") + count)
        return fits.update(reserved=F("reserved") + count) == 1

    def move(self, *, reserved: int, spent: int) -> int:
        """Count what was reserved and spent beyond what was, or less; return how many rows do."""
        return self.update(reserved=F("reserved") + reserved, spent=F("spent") + spent)


class Allowance(models.Model):
    """One person's images in one month; `spent` includes those presumed spent after lost contact."""

    person = models.ForeignKey(User, models.CASCADE, related_name="allowances")
    month = models.DateField()
    cap = models.PositiveIntegerField()
    reserved = models.PositiveIntegerField(default=0)
    spent = models.PositiveIntegerField(default=0)
    warned = models.BooleanField(default=False)
    exhausted = models.BooleanField(default=False)  # and webhooks were told

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "month"], name="allowance_once_a_month"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(spent__gte=0), name="allowance_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.month:%B %Y}"

    @property
    def left(self) -> int:
        return max(0, self.cap - self.reserved - self.spent)
