"""Keeps sums of what was used, so that a page of thirty days does not read all of their generations and pictures.

Everything of the last hour or two is read as it is; what is older is summed up once for each person and day. Triggers
write down each late change (a picture is liked or purged, an answer is found): until the clock makes the sums of that
person and day anew, they are read as they are, too. So the figures are exact at any moment, and nobody waits for a row
that others write.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as midnight
from itertools import batched
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from studio.db import write_transaction
from studio.models import Favourite, Generation, Image, OutsideLink, Placed, State
from studio.models.clock import database_time
from studio.models.ids import first_at, made_at
from studio.models.usage import FIGURES, START, UsageMark, UsageSum, UsageTouched

FAILED = (State.FAILED, State.REFUSED, State.BROKEN, State.UNKNOWN)
FOUR_STARS = 400
MARK: dict[str, Any] = {"image": OuterRef("pk")}
GOOD = (
    Q(Exists(Favourite.objects.filter(**MARK)))
    | Q(Exists(Placed.objects.filter(**MARK)))
    | Q(Exists(OutsideLink.objects.filter(**MARK)))
    | Q(rating__gte=FOUR_STARS)
    | Q(downloaded_at__isnull=False)
)
"""Kept for good: liked, put into a collection, shown outside, starred, downloaded."""

YOUNG = 65 * 60
"""Seconds for which a generation is in no sum. Triggers write down what changes after 30 minutes, so a transaction may
last for half an hour; machines' clocks may differ by an hour from the database's, by which both is told."""

SECONDS = 20.0
"""For which one round works; the next goes on."""

TOUCHED = 2000
PARTS = 200
"""Days of one person that one statement names; of more, those days are read whole of which many people were touched."""

BEARABLE = 20_000
"""Generations that a page reads anew because something has changed about their people's days."""

WHOLE = 4
"""A day is read whole where the sums of one in so many of its people are not to be believed."""

Pairs = Collection[tuple[UUID | None, date]]


class Grain(NamedTuple):
    """The smallest thing that is summed; what a sum does not tell apart is None."""

    day: Any
    owner: Any
    model: Any
    unit: str
    figures: tuple[int, ...]


@dataclass(frozen=True)
class Stretch:
    """Generations by their ids and their owner."""

    low: UUID
    high: UUID | None = None
    owner: UUID | None = None

    @property
    def rows(self) -> Q:
        wanted = {"pk__gte": self.low, "pk__lt": self.high, "owner": self.owner}
        return Q(**{name: value for name, value in wanted.items() if value is not None})


def beginning(day: date) -> UUID:
    """Return the smallest id of a day."""
    return first_at(timezone.make_aware(datetime.combine(day, midnight())))


def day_of(pk: UUID) -> date:
    """Return the day that an id carries."""
    return timezone.localtime(made_at(pk)).date()


def mark() -> UsageMark:
    """Return up to where the sums go; nowhere, while they are of another time zone."""
    zone = timezone.get_default_timezone_name()
    return UsageMark.objects.filter(zone=zone).first() or UsageMark(zone=zone)


def read(*parts: Stretch) -> list[Grain]:
    """Return what these generations are, as they stand now; a statement for each two hundred parts."""
    return [grain for some in batched(parts, PARTS) for grain in _read(some)]


def _read(parts: Iterable[Stretch]) -> Iterator[Grain]:
    where = Q()
    for part in parts:
        where |= part.rows
    for day, owner, model, unit, *figures in _sums_of(where):
        yield Grain(day, owner, model, unit, tuple(figure or 0 for figure in figures))


def _sums_of(where: Q) -> Any:
    rows: Any = Generation.objects.filter(where).order_by()
    rows = rows.annotate(
        day=TruncDate("created_at"), drawn=Coalesce("via", "model"), came=_pictures(), good=_pictures(GOOD)
    )
    return rows.values_list("day", "owner", "drawn", "cost_unit").annotate(
        Count("pk"),
        Count("cost"),
        Sum("cost"),
        failed=Count("pk", filter=Q(state__in=FAILED)),
        unpriced=Count("pk", filter=Q(cost=None, state=State.DONE)),
        images=Sum("came"),
        kept=Sum("good"),
    )


def _pictures(such: Q | None = None) -> Subquery:
    """Return how many pictures a generation has, or how many such.

    Looked up for each, never joined: of a short time PostgreSQL takes there to be one row, or so many that it reads
    all pictures of all years.
    """
    rows = Image.objects.filter(generation=OuterRef("pk"), unusable=False).order_by()
    rows = rows.filter(such) if such else rows
    return Subquery(rows.values("generation").annotate(count=Count("pk")).values("count"))


def touched(until: UUID, first: date, person: UUID | None = None) -> Pairs | None:
    """Return whose sums of which days are not to be believed now; no person stands for all people of that day.

    None where these are of so many generations that nobody would wait for them to be read: the clock is at it.
    """
    rows = UsageTouched.objects.filter(generation__gte=beginning(first), generation__lt=until)
    rows = rows.filter(owner=person) if person else rows
    found = list(rows.values_list("owner", "generation").distinct()[: BEARABLE + 1])
    if len(found) > BEARABLE:
        return None
    pairs: Pairs = {(owner, day_of(pk)) for owner, pk in found}
    pairs = pairs if person else _in_few(pairs)
    return None if _are_of_many(pairs) else pairs


def _are_of_many(pairs: Pairs) -> bool:
    """Say whether these sums are of more generations than a page reads; it stops as soon as it knows."""
    runs = 0
    for some in batched(pairs, PARTS):
        runs += UsageSum.objects.filter(_named(some)).aggregate(of=Sum("runs"))["of"] or 0
        if runs > BEARABLE:
            return True
    return False


def _in_few(pairs: Pairs) -> Pairs:
    """Return the same with a whole day in the place of many of its people, as a purge leaves them, if they are many."""
    if len(pairs) <= PARTS:
        return pairs
    many = Counter(day for _, day in pairs)
    people = UsageSum.objects.filter(made__in=many, owner__isnull=False).order_by().values_list("made")
    there = dict(people.annotate(Count("owner", distinct=True)))
    return {(None if WHOLE * many[day] >= there.get(day, 0) else owner, day) for owner, day in pairs}


def parts_of(pairs: Pairs, until: UUID) -> list[Stretch]:
    """Return the generations that the sums of these people and days are of."""
    return [
        Stretch(beginning(day), min(until, beginning(day + timedelta(days=1))), owner) for owner, day in pairs
    ]


def summed(pairs: Pairs) -> Iterator[Grain]:
    """Yield what the sums say of these people on these days."""
    for some in batched(pairs, PARTS):
        for day, owner, model, unit, *figures in UsageSum.objects.filter(_named(some)).values_list(
            "day", "owner", "model", "unit", *FIGURES
        ):
            yield Grain(day, owner, model, unit, tuple(figures))


def _named(pairs: Iterable[tuple[UUID | None, date]]) -> Q:
    """Return the condition that names the sums of some people on some days, of all people where it names none."""
    where = Q()
    for owner, day in pairs:
        where |= Q(made=day, owner=owner) if owner else Q(made=day, owner__isnull=False)
    return where


def count() -> int:
    """Sum up what is to be summed up, a day or some changes at a time; return in how many steps."""
    until, steps = time.monotonic() + SECONDS, 0
    while time.monotonic() < until and (_count_anew() or _go_on()):
        steps += 1
    return steps


def _count_anew() -> bool:
    """Make those sums anew of which something has changed since; say whether there were any."""
    rows = list(UsageTouched.objects.order_by("pk").values_list("pk", "owner", "generation")[:TOUCHED])
    now = mark()
    pairs = _in_few({(owner, day_of(pk)) for _, owner, pk in rows if pk < now.until})
    if rows:
        found = [(day_of_part, read(*parts)) for day_of_part, parts in _by_day(parts_of(pairs, now.until))]
        _write(now, now.until, pairs, found, [pk for pk, *_ in rows])
    return bool(rows)


def _by_day(parts: Iterable[Stretch]) -> Iterable[tuple[date, list[Stretch]]]:
    days: dict[date, list[Stretch]] = {}
    for part in parts:
        days.setdefault(day_of(part.low), []).append(part)
    return days.items()


def _go_on() -> bool:
    """Sum up one more day, or what is old enough of today; say whether there was anything."""
    if mark().pk is None:
        _begin()
    now = mark()
    limit = first_at(datetime.fromtimestamp((database_time() - YOUNG) // 3600 * 3600, UTC))
    rows = Generation.objects.filter(pk__gte=now.until, pk__lt=limit).order_by("pk")
    pk = rows.values_list("pk", flat=True).first()
    if pk is None:
        return False
    day = day_of(pk)
    until = min(limit, beginning(day + timedelta(days=1)))
    _write(now, until, {(None, day)}, [(day, read(Stretch(beginning(day), until)))], [])
    return True


def _begin() -> None:
    """Begin at the first generation; sums by the days of another time zone are of no use."""
    with write_transaction():
        version = UsageMark.objects.aggregate(version=Sum("version"))["version"] or 0
        UsageSum.objects.all().delete()
        UsageMark.objects.all().delete()
        UsageMark.objects.create(until=START, zone=timezone.get_default_timezone_name(), version=version + 1)


def _write(
    known: UsageMark,
    until: UUID,
    pairs: Iterable[tuple[UUID | None, date]],
    found: Iterable[tuple[date, list[Grain]]],
    seen: list[int],
) -> None:
    """Put sums in the place of those of some people on some days (all people, where it names none).

    Nothing is done where another worker has moved the sums meanwhile. What is changed while they are read leaves a
    row that was not `seen`, and is counted the next time.
    """
    with write_transaction(durable=False):
        moved = UsageMark.objects.filter(pk=known.pk, version=known.version)
        if known.pk and not moved.update(until=until, version=F("version") + 1):
            return
        for some in batched(pairs, PARTS):
            UsageSum.objects.filter(_named(some)).delete()
        for day, grains in found:
            _put(day, grains)
            _sum_up(day)
        UsageTouched.objects.filter(pk__in=seen).delete()


def _put(made: date, grains: Iterable[Grain]) -> None:
    UsageSum.objects.bulk_create(
        (
            UsageSum(
                made=made,
                day=grain.day,
                owner=grain.owner,
                model=grain.model,
                unit=grain.unit,
                **dict(zip(FIGURES, grain.figures, strict=True)),
            )
            for grain in grains
        ),
        batch_size=500,
    )


def _sum_up(made: date) -> None:
    """Sum up one day over all people."""
    UsageSum.objects.filter(made=made, owner=None).delete()
    people = UsageSum.objects.filter(made=made, owner__isnull=False)  # as their index is
    rows = people.values_list("day", "model", "unit")
    sums = rows.order_by().annotate(**{f"all_{name}": Sum(name) for name in FIGURES})
    _put(made, [Grain(day, None, model, unit, tuple(figures)) for day, model, unit, *figures in sums])
