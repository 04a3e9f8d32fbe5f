"""What people ask administrators for when a budget is used up."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.purses import Purse


class PleaState(models.TextChoices):
    """What became of a plea."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"


class PleaQuerySet(models.QuerySet["Plea"]):
    def open(self) -> Self:
        return self.filter(state=PleaState.OPEN)

    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def with_card_data(self) -> Self:
        return self.select_related("person", "purse__budget", "decided_by").order_by("pk")


class Plea(models.Model):
    """One person asks for more of one budget, until its period ends: of a purse, or of the images of a month."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="pleas")
    purse = models.ForeignKey(Purse, models.CASCADE, null=True, related_name="pleas")
    month = models.DateField(null=True)
    amount = models.PositiveBigIntegerField()
    note = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=PleaState, default=PleaState.OPEN)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = PleaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PleaState.values), name="plea_state_known"),
            models.CheckConstraint(condition=Q(purse=None) ^ Q(month=None), name="plea_of_one_budget"),
            models.UniqueConstraint(
                fields=["person", "purse"], condition=Q(state=PleaState.OPEN), name="plea_once_a_purse"
            ),
            models.UniqueConstraint(
                fields=["person", "month"], condition=Q(state=PleaState.OPEN), name="plea_once_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} asks for {self.amount}, {self.state}"

    @property
    def unit(self) -> str:
        return self.purse.budget.unit if self.purse else "images"
