"""What was used: by day, person, relay and model; images, costs, failures, and what was kept for good."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from studio.models import Favourite, Generation, Image, OutsideLink, Placed, State, Unit, User
from studio.models.generations import GenerationQuerySet
from studio.models.ids import first_at

FAILED = (State.FAILED, State.REFUSED, State.BROKEN, State.UNKNOWN)
DAYS = (7, 30, 90)
GOOD = 400
"""A mean of four stars, in hundredths."""


@dataclass
class UsageLine:
    """What was used of one thing: `costs` in smallest parts of each unit, `unpriced` generations without a cost."""

    key: Any
    runs: int = 0
    images: int = 0
    failed: int = 0
    unpriced: int = 0
    kept: int = 0
    costs: dict[Unit, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Used:
    """What was used in some days, in several cuts."""

    first: date
    last: date
    days: dict[Any, UsageLine]
    models: dict[Any, UsageLine]
    people: dict[Any, UsageLine]
    total: UsageLine


def look(*, days: int, person: User | None = None) -> Used:
    """Return what the last days used, of one person or of all; eight statements, six for one person."""
    last = timezone.localdate()
    first = last - timedelta(days=days - 1)
    rows = Generation.objects.filter(pk__gte=first_at(_midnight(first)))
    rows = rows.owned_by(person) if person else rows
    by_day = _lines(rows, TruncDate("created_at"))
    by_model = _lines(rows, Coalesce("via", "model"))
    by_person = {} if person else _lines(rows, F("owner"))
    return Used(first, last, by_day, by_model, by_person, _total(by_model.values()))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _lines(rows: GenerationQuerySet, cut: Any) -> dict[Any, UsageLine]:
    """Return the lines of one cut; two statements."""
    found: dict[Any, UsageLine] = {}
    counted = (
        rows.order_by()
        .annotate(cut=cut)
        .values_list("cut", "cost_unit")
        .annotate(
            runs=Count("pk"),
            spent=Sum("cost"),
            failed=Count("pk", filter=Q(state__in=FAILED)),
            unpriced=Count("pk", filter=Q(cost=None, state=State.DONE)),
        )
    )
    for key, unit, runs, spent, failed, unpriced in counted:
        line = found.setdefault(key, UsageLine(key))
        line.runs, line.failed, line.unpriced = (
            line.runs + runs,
            line.failed + failed,
            line.unpriced + unpriced,
        )
        if unit and spent is not None:
            line.costs[Unit(unit)] = line.costs.get(Unit(unit), 0) + spent
    for key, images, kept in _pictures(rows, cut):
        if key in found:
            found[key].images, found[key].kept = images, kept
    return found


def _pictures(rows: GenerationQuerySet, cut: Any) -> Iterable[tuple[Any, int, int]]:
    """Return how many came and how many were kept for good: liked, starred, collected, shown outside, downloaded."""
    mine = {"image": OuterRef("pk")}
    images = Image.objects.filter(generation__in=rows.order_by().values("pk"), unusable=False)
    marked = images.annotate(
        good=Exists(Favourite.objects.filter(**mine))
        | Exists(Placed.objects.filter(**mine))
        | Exists(OutsideLink.objects.filter(**mine))
        | Q(rating__gte=GOOD)
        | Q(downloaded_at__isnull=False)
    )
    return (
        marked.order_by()
        .annotate(cut=_through(cut))
        .values_list("cut")
        .annotate(images=Count("pk"), kept=Count("pk", filter=Q(good=True)))
    )


def _through(cut: Any) -> Any:
    """Return a cut of generations as one of their images."""
    if isinstance(cut, TruncDate):
        return TruncDate("generation__created_at")
    if isinstance(cut, Coalesce):
        return Coalesce("generation__via", "generation__model")
    return F("generation__owner")


def _total(lines: Iterable[UsageLine]) -> UsageLine:
    total = UsageLine(None)
    for line in lines:
        for name in ("runs", "images", "failed", "unpriced", "kept"):
            setattr(total, name, getattr(total, name) + getattr(line, name))
        for unit, amount in line.costs.items():
            total.costs[unit] = total.costs.get(unit, 0) + amount
    return total
