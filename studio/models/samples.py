"""The few pictures by which prompts and runs are known."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, OuterRef, Subquery, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from studio.models.favourites import Favourite

PREVIEWED = ("width", "height", "tone", "developed_at", "sha256")
"""What a preview of a picture is made of."""

UNRATED = 300
"""Where a picture stands among rated ones that nobody has rated."""


class SamplesQuerySet[M: models.Model](models.QuerySet[M]):
    """Pictures as what came of prompts and runs."""

    def samples_of(self, prompts: Iterable[UUID], *, each: int) -> Self:
        """The best few images of each of these prompts, best first; of `count` in all, which have `hearts` together."""
        text = F("generation__prompt")
        likes = Favourite.objects.filter(image=OuterRef("pk")).order_by().values("image")
        liked = Coalesce(Subquery(likes.annotate(n=Count("pk")).values("n")), 0)
        found = self.filter(generation__prompt__in=prompts).annotate(prompt=text, liked=liked)
        found = found.annotate(
            place=Window(
                RowNumber(),
                partition_by=text,
                order_by=[F("liked").desc(), Coalesce("rating", UNRATED).desc(), F("pk").desc()],
            ),
            count=Window(Count("pk"), partition_by=text),
            hearts=Window(Sum("liked"), partition_by=text),
        )
        return found.filter(place__lte=each).order_by("place").only("rating", *PREVIEWED)

    def first_of_runs(self, runs: Iterable[UUID], *, each: int) -> Self:
        """The first few images of each of these generations; `count` is how many it has."""
        place = Window(RowNumber(), partition_by=F("generation"), order_by=F("index").asc())
        found = self.filter(generation__in=runs).annotate(
            place=place, count=Window(Count("pk"), partition_by=F("generation"))
        )
        return found.filter(place__lte=each).order_by("generation", "index").only("generation", *PREVIEWED)
