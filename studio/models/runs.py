"""What the history of prompts tells of their generations."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Sum, Value, Window
from django.db.models.functions import Coalesce, RowNumber

from studio.models.accounts import User
from studio.models.prompts import History
from studio.models.relay_requests import RelayRequest
from studio.models.slots import Slot
from studio.models.states import ACTIVE, State

DRAWN_BY = ("model__relay", "via__relay")


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

    def runs_of(self, prompts: Iterable[UUID]) -> Self:
        """Return the newest of these generations for each text; `runs` of them asked for `asked` pictures."""
        text = F("prompt__digest")
        rows = self.filter(prompt__in=prompts).annotate(
            digest=text,
            place=Window(RowNumber(), partition_by=text, order_by=F("pk").desc()),
            runs=Window(Count("pk"), partition_by=text),
            asked=Window(Sum("n"), partition_by=text),
        )
        return rows.filter(place=1).with_outcome()

    def of_text(self, digest: str) -> Self:
        """Those that asked for this very text."""
        return self.filter(prompt__digest=digest)

    def with_outcome(self) -> Self:
        """What is told of a run: who drew it, and what that cost."""
        requests = Prefetch("relay_requests", RelayRequest.objects.figures())
        return self.select_related("comparison", *DRAWN_BY).prefetch_related(requests)

    def models_of(self, prompts: Iterable[UUID]) -> dict[str, int]:
        """How many models drew each text of these prompts."""
        drawn_by = self.filter(prompt__in=prompts).values_list("prompt__digest")
        return dict(drawn_by.order_by().annotate(models=Count(Coalesce("via", "model"), distinct=True)))

    def origins_of(self, prompts: Iterable[UUID], user: User) -> Self:
        """Return the first of these generations for each text that came from something this person may see."""
        parent = Q(parent__shared_at__isnull=False) | Q(parent__author=user)
        saved = Q(saved__saved__shared=True) | Q(saved__saved__owner=user)
        text = F("prompt__digest")
        rows = self.filter(parent | saved, prompt__in=prompts).annotate(
            digest=text, place=Window(RowNumber(), partition_by=text, order_by=F("pk").asc())
        )
        return rows.filter(place=1).select_related("parent__author", "saved__saved")
