"""What people tell moderators, and the reasons they and the moderators choose from."""

from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.cases import Case
from studio.models.generations import Generation
from studio.models.ids import uuid7
from studio.models.images import Image


class PublicReason(models.Model):
    """A change to the list of reasons: one of the team's own words, or one that is offered no longer.

    Words are never changed: what was said to somebody stays said. One that comes with the studio has none here.
    """

    code = models.CharField(primary_key=True, max_length=40)
    words = models.CharField(max_length=80, blank=True)
    added_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["added_at", "code"]

    def __str__(self) -> str:
        return self.words or self.code


class ReportQuerySet(models.QuerySet["Report"]):
    def by(self, person: User, generation: Generation, image: Image | None) -> Self:
        """What a person has said of a picture, or of a prompt whichever run of it they saw."""
        subject = Q(image=image) if image else Q(image=None, generation__prompt=generation.prompt_id)
        return self.filter(subject, person=person)

    def reporters_of(self, case: Case) -> set[UUID]:
        """Who has said something of what a case is about, on its card or on another."""
        told = self.filter(Q(case=case.of_id or case.pk) | Q(image=case.image_id, image__isnull=False))
        return set(told.values_list("person", flat=True))


class Report(models.Model):
    """One person's word about one thing, on the card of its case."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="reports")
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="+")
    image = models.ForeignKey(Image, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "generation"], condition=Q(image=None), name="report_once"
            ),
            models.UniqueConstraint(
                fields=["person", "image"], condition=Q(image__isnull=False), name="report_once_image"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.pk}"
