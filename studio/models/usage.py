"""What was used, summed by the day; triggers write down whose sums a late change has made wrong (migration 0066)."""

from uuid import UUID

from django.db import models
from django.db.models import Q

from studio.models.units import Unit

FIGURES = ("runs", "priced", "spent", "failed", "unpriced", "images", "kept")
START = UUID(int=0)


class UsageSum(models.Model):
    """What one person used on one day of one model in one unit; without an owner, what all of them did."""

    made = models.DateField()  # the day that the ids carry, by which days are chosen
    day = (
        models.DateField()
    )  # the day of `created_at`, which is told; another one where something was brought in
    owner = models.UUIDField(null=True)
    model = models.UUIDField()
    unit = models.CharField(max_length=12, choices=Unit, blank=True)
    runs = models.PositiveBigIntegerField()
    priced = models.PositiveBigIntegerField()
    spent = models.PositiveBigIntegerField()
    failed = models.PositiveBigIntegerField()
    unpriced = models.PositiveBigIntegerField()
    images = models.PositiveBigIntegerField()
    kept = models.PositiveBigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "made"], name="usage_of_owner"),
            models.Index(fields=["made"], name="usage_of_people", condition=Q(owner__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.runs} runs of {self.owner or 'everybody'} on {self.made}"


class UsageTouched(models.Model):
    """A generation of long ago of which something has changed: the sums of its owner and day are to be made anew."""

    owner = models.UUIDField()
    generation = models.UUIDField()

    def __str__(self) -> str:
        return str(self.generation)


class UsageMark(models.Model):
    """Up to which id everything is in the sums, by the days of which time zone; one row at most."""

    until = models.UUIDField(default=START)
    zone = models.CharField(max_length=64)
    version = models.PositiveBigIntegerField(default=0)  # moves whenever the sums do

    def __str__(self) -> str:
        return f"{self.until} in {self.zone}"
