"""What the history of prompts tells of their generations."""

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce

from studio.models.accounts import User
from studio.models.prompts import History
from studio.models.relay_requests import RelayRequest
from studio.models.slots import Slot
from studio.models.states import ACTIVE, State

DRAWN_BY = ("model__relay", "via__relay")
_SAID_OF_RUN = ("owner", "prompt", "n", "shared", "state", "settings", "created_at")
_TIMES = ("sent_at", "received_at", "first_ms")
TOLD = (*_SAID_OF_RUN, *_TIMES, "model__label", "via__label", "comparison__blind", "comparison__picked_at")
"""What is told of a run where many of them stand below one another."""
_PARENT = ("parent__text", "parent__shared_at", "parent__author__name", "parent__author__email")
_SAVED = ("saved__number", "saved__saved__title", "saved__saved__shared", "saved__saved__owner")
CAME_FROM = ("prompt", *_PARENT, *_SAVED)
"""What is told of where a run came from."""


class AsKept(models.Func):
    """A key as the database keeps it: where there are hundreds, no objects are made of them."""

    template = "%(expressions)s"
    output_field = models.Field()


class RunsQuerySet[M: models.Model](models.QuerySet[M]):
    """Generations as the runs of prompts."""

    def fallen_short(self) -> Self:
        """Those that ended with something missing of what was paid for, in the last round or in one before it."""
        missing = Slot.objects.missing().filter(generation=OuterRef("pk")).order_by()
        paid = RelayRequest.objects.paid().filter(generation=OuterRef("pk"))
        ended = self.filter(Exists(missing)).exclude(state__in=ACTIVE)
        return ended.filter(Q(state__in=(State.DONE, State.BROKEN)) | Exists(paid))

    def in_history(self, history: History, user: User) -> Self:
        """What a view of the prompts tells of: the team's runs, or one's own."""
        if history == History.TEAM:
            return self.filter(shared=True)
        # By an expression: by the column SQLite would walk along everything this person ever made.
        return self.alias(person=Coalesce("owner", Value(None))).filter(person=user.pk)

    def figures_of(self, prompts: Iterable[UUID]) -> models.QuerySet[M, Any]:
        """Each of these prompts with each model that drew it: the newest run, how many there are, how much they asked.

        By the prompt and not by its text: joined to a table SQLite would read that whole for a Bloom filter. Keys as
        they are kept; the newest as text, as PostgreSQL compares no UUIDs in a group.
        """
        newest = Max(Cast("pk", models.CharField(max_length=36)))
        rows = (
            self.filter(prompt__in=prompts).order_by().values_list(*map(AsKept, ("prompt", "model", "via")))
        )
        return rows.annotate(newest=newest, runs=Count("pk"), asked=Sum("n"))  # type: ignore[return-value]

    def of_text(self, digest: str) -> Self:
        """Those that asked for this very text."""
        return self.filter(prompt__digest=digest)

    def with_outcome(self) -> Self:
        """What is told of a run, and who drew it; what that cost is read beside it (cards.places)."""
        return self.select_related("comparison", "model", "via").only(*TOLD)

    def origin(self, user: User) -> models.Subquery:
        """Of the runs of a prompt, within a query of prompts, the first that came from what this person may see."""
        parent = Q(parent__shared_at__isnull=False) | Q(parent__author=user)
        saved = Q(saved__saved__shared=True) | Q(saved__saved__owner=user)
        came = Q(parent__isnull=False) | Q(saved__isnull=False)  # as the index has it
        rows = self.filter(came, parent | saved, prompt=OuterRef("pk"))
        return models.Subquery(rows.order_by("pk").values("pk")[:1])

    def with_origin(self) -> Self:
        """What is told of where a run came from."""
        return self.select_related("parent__author", "saved__saved").only(*CAME_FROM)
