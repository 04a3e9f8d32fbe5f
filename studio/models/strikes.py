"""What counts against a person, for a while."""

from typing import Self

from django.db import models
from django.db.models import Sum
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.cases import Case
from studio.models.ids import uuid7


class StrikeQuerySet(models.QuerySet["Strike"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def counting(self) -> Self:
        """Those that have not run out."""
        return self.filter(expires_at__gt=Now())

    def latest_first(self) -> Self:
        """Those that count longest first, each with what was decided."""
        return self.select_related("case__decided_by").order_by("-expires_at", "-pk")

    def points(self) -> int:
        return self.aggregate(points=Sum("points"))["points"] or 0


class Strike(models.Model):
    """Points that a decision gave."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="strikes")
    case = models.ForeignKey(Case, models.CASCADE, related_name="strikes")
    points = models.PositiveSmallIntegerField(default=1)
    given_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    objects = StrikeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "expires_at"], name="strike_of_person")]

    def __str__(self) -> str:
        return f"{self.points} for {self.person_id}"
