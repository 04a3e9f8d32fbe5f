"""The few pictures by which prompts and runs are known."""

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Sum, Window
from django.db.models.functions import RowNumber

from studio.models.prompts import Prompt

PREVIEWED = ("width", "height", "tone", "developed_at", "sha256")
"""What a preview of a picture is made of."""

KEPT = Q(trashed_at=None, removed_at=None, unusable=False)
"""A picture that is neither in the trash, nor removed, nor unusable."""

UNRATED = 300
"""Where a picture stands among rated ones that nobody has rated."""


class Stars(models.Func):
    """What a picture is rated at; the number is part of the text, so that an index of the same is found."""

    template = f"COALESCE(%(expressions)s, {UNRATED})"
    output_field = models.IntegerField()


class Keys(models.Subquery):
    """The keys of the rows of a query as one list, as the database keeps them.

    With a subquery for each place PostgreSQL planned and SQLite began as many.
    """

    output_field = models.Field()

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        return super().as_sql(*args, **{"template": "ARRAY(%(subquery)s)"} | kwargs)

    def as_sqlite(self, *args: Any, **kwargs: Any) -> Any:
        return self.as_sql(*args, template="(SELECT json_group_array(pk) FROM (%(subquery)s))", **kwargs)


BEST = (F("hearts").desc(), Stars("rating").desc(), F("id").desc())
"""The order of pictures by which a prompt is known."""

BEST_OF_PROMPT = (F("prompt"), *BEST, F("shared"), F("held_at"), F("unusable"))
"""The columns of its index, with whatever a view of the history asks of a picture, so that no row has to be read."""


class SamplesQuerySet[M: models.Model](models.QuerySet[M]):
    """Pictures as what came of prompts and runs."""

    def samples_of(self, prompts: Iterable[UUID], *also: Any, each: int) -> models.QuerySet[Any, Any]:
        """Each of these prompts with the keys of its best few images, and more of it."""
        best = self.filter(prompt=OuterRef("pk")).order_by(*BEST).values("pk")[:each]
        return Prompt.objects.filter(pk__in=prompts).order_by().values_list("pk", Keys(best), *also)

    def totals_of(self, prompts: Iterable[UUID]) -> models.QuerySet[M, Any]:
        """Each of these prompts with how many images it has, and how many hearts they have together."""
        rows = self.filter(prompt__in=prompts).order_by().values_list("prompt")
        return rows.annotate(Count("pk"), Sum("hearts"))  # type: ignore[return-value]

    def first_of_runs(self, runs: Iterable[UUID], *, each: int) -> Self:
        """The first few images of each of these generations; `count` is how many it has."""
        place = Window(RowNumber(), partition_by=F("generation"), order_by=F("index").asc())
        found = self.filter(generation__in=runs).annotate(
            place=place, count=Window(Count("pk"), partition_by=F("generation"))
        )
        return found.filter(place__lte=each).order_by("generation", "index").only("generation", *PREVIEWED)
