"""How relays have done in the last seven days, for administrators: five queries, however many relays."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Sum, Window
from django.db.models.functions import RowNumber

from studio.models import Relay, RelayRequest, State
from studio.models.relay_requests import RelayRequestQuerySet
from studio.relays.dialects.base import Kind
from studio.words import requests

DAYS = 7
ERRORS = 5
"""Last errors of each relay, where nobody asks for more."""

ANSWERED = (Kind.BLOCKED, Kind.INVALID, Kind.RATE_LIMITED)
"""Answers that say nothing of how well a relay draws: of a prompt, of settings, of too many requests."""

CHARGEABLE = (Kind.TRANSIENT, Kind.UNKNOWN, Kind.BAD_ANSWER, "empty", State.BROKEN, "not_stored")
"""Requests behind which something may have been drawn and charged, although no picture came."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One request that brought no images; `pk` is the request's, for its kept answer."""

    pk: UUID
    at: datetime
    kind: str
    status: int | None
    trace_id: str
    generation: UUID
    model: str
    has_answer: bool

    @property
    def sentence(self) -> str:
        """What happened, in our words."""
        return f"{requests.ended(self.kind, self.status)}."


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What the pictures that were kept took: `failed` requests brought none and may have been drawn and charged.

    `lost` is what relays said these cost, in USD; most never say.
    """

    requests: int = 0
    kept: int = 0
    failed: int = 0
    lost: Decimal | None = None

    @property
    def each(self) -> float | None:
        """Requests for each picture that was kept."""
        return self.requests / self.kept if self.kept else None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Requests that could have brought images, the share of them that did (0 to 1), and the median time of those."""

    requests: int = 0
    success_rate: float | None = None
    median_ms: int | None = None
    effort: Effort = Effort()
    errors: list[Failure] = field(default_factory=list)


def figures(*, relays: Iterable[Relay], errors: int = ERRORS) -> dict[UUID, Figures]:
    """Return the figures of each of these relays by its id, with so many errors; one that was not asked has none."""
    pks = [relay.pk for relay in relays]
    rows = (
        RelayRequest.objects.filter(model__relay__in=pks).since(timedelta(days=DAYS)).exclude(ended_at=None)
    )
    counts, medians, failures = _counts(rows), _medians(rows), _errors(rows, errors)
    efforts = _efforts(rows)
    return {
        pk: Figures(
            requests=counts.get(pk, (0, 0))[0],
            success_rate=counts[pk][1] / counts[pk][0] if pk in counts else None,
            median_ms=medians.get(pk),
            effort=efforts.get(pk, Effort()),
            errors=failures.get(pk, []),
        )
        for pk in pks
    }


def _counts(rows: RelayRequestQuerySet) -> dict[UUID, tuple[int, int]]:
    """Return how many requests of each relay could have drawn, and how many did."""
    done = Count("pk", filter=Q(outcome=State.DONE))
    counted = (
        rows.exclude(outcome__in=ANSWERED)
        .order_by()
        .values_list("model__relay")
        .annotate(asked=Count("pk"), done=done)
    )
    return {pk: (asked, good) for pk, asked, good in counted}


def _efforts(rows: RelayRequestQuerySet) -> dict[UUID, Effort]:
    """Return for each relay how many requests left, how many pictures were kept, and what came to nothing."""
    nothing = Q(outcome__in=CHARGEABLE)
    by_relay = rows.order_by().values_list("model__relay")
    counted = by_relay.annotate(
        asked=Count("pk"), failed=Count("pk", filter=nothing), lost=Sum("cost", filter=nothing)
    )
    usable = Q(generation__images__unusable=False)
    pictures = Count("generation__images", filter=usable, distinct=True)
    kept = dict(by_relay.filter(outcome=State.DONE).annotate(kept=pictures))
    return {
        pk: Effort(requests=requests, kept=kept.get(pk, 0), failed=failed, lost=lost)
        for pk, requests, failed, lost in counted
    }


def _medians(rows: RelayRequestQuerySet) -> dict[UUID, int]:
    """Return each relay's median milliseconds (of an even number the lower one); the database does the sorting."""
    took = ExpressionWrapper(F("ended_at") - F("sent_at"), output_field=DurationField())
    by_relay = F("model__relay")
    placed = rows.filter(outcome=State.DONE).annotate(
        took=took,
        place=Window(RowNumber(), partition_by=by_relay, order_by=[took.asc(), F("pk").asc()]),
        total=Window(Count("pk"), partition_by=by_relay),
    )
    middle = placed.filter(place=(F("total") + 1) / 2).order_by()
    return {pk: round(span.total_seconds() * 1000) for pk, span in middle.values_list("model__relay", "took")}


def _errors(rows: RelayRequestQuerySet, most: int) -> dict[UUID, list[Failure]]:
    """Return each relay's last failures, the newest first."""
    newest = [F("sent_at").desc(), F("pk").desc()]
    place = Window(RowNumber(), partition_by=F("model__relay"), order_by=newest)
    failed = rows.exclude(outcome__in=(State.DONE, State.CANCELLED, "")).annotate(place=place)
    last = failed.filter(place__lte=most).order_by(*newest).annotate(has_answer=~Q(raw=""))
    columns = (
        "pk",
        "sent_at",
        "outcome",
        "status",
        "trace_id",
        "generation_id",
        "model__label",
        "has_answer",
    )
    found: dict[UUID, list[Failure]] = {}
    for relay, *facts in last.values_list("model__relay", *columns):
        found.setdefault(relay, []).append(_failure(*facts))
    return found


def _failure(pk: UUID, at: datetime, kind: str, status: int | None, trace_id: str, *rest: Any) -> Failure:
    generation, model, has_answer = rest
    return Failure(
        pk=pk,
        at=at,
        kind=kind,
        status=status,
        trace_id=trace_id,
        generation=generation,
        model=model,
        has_answer=bool(has_answer),
    )
