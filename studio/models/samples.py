"""The few pictures by which prompts and runs are known."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

PREVIEWED = ("width", "height", "tone", "developed_at", "sha256")
"""What a preview of a picture is made of."""

UNRATED = 300
"""Where a picture stands among rated ones that nobody has rated."""


class SamplesQuerySet[M: models.Model](models.QuerySet[M]):
    """Pictures as what came of prompts and runs."""

    def samples_of(self, prompts: Iterable[UUID], *, each: int) -> models.QuerySet[M]:
        """The best few images of each of these prompts, in no order."""
        best = [F("hearts").desc(), Coalesce("rating", UNRATED).desc(), F("pk").desc()]
        place = Window(RowNumber(), partition_by=F("generation__prompt"), order_by=best)
        first = self.filter(generation__prompt__in=prompts).annotate(place=place).filter(place__lte=each)
        rows = self.model._default_manager.filter(pk__in=first.order_by().values("pk"))
        return rows.annotate(prompt=F("generation__prompt")).only("rating", "hearts", *PREVIEWED)  # type: ignore[return-value]

    def totals_of(self, prompts: Iterable[UUID]) -> Iterable[tuple[UUID, int, int]]:
        """Each of these prompts with how many images it has, and how many hearts they have together."""
        rows = self.filter(generation__prompt__in=prompts).order_by().values_list("generation__prompt")
        return rows.annotate(Count("pk"), Sum("hearts"))

    def first_of_runs(self, runs: Iterable[UUID], *, each: int) -> Self:
        """The first few images of each of these generations; `count` is how many it has."""
        place = Window(RowNumber(), partition_by=F("generation"), order_by=F("index").asc())
        found = self.filter(generation__in=runs).annotate(
            place=place, count=Window(Count("pk"), partition_by=F("generation"))
        )
        return found.filter(place__lte=each).order_by("generation", "index").only("generation", *PREVIEWED)
