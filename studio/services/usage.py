"""What was used: by day, person, relay and model; images, costs, failures, and what was kept for good."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from studio.models import Unit, User
from studio.models.usage import FIGURES, UsageMark, UsageSum
from studio.services import usage_sums
from studio.services.usage_sums import Grain, Pairs, Stretch

DAYS = (7, 30, 90)
TRIES = 3

Signed = tuple[Grain, int]


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
    """What was used in some days, in several cuts; `behind` while a great deal of it is being counted anew."""

    first: date
    last: date
    days: dict[Any, UsageLine]
    models: dict[Any, UsageLine]
    people: dict[Any, UsageLine]
    total: UsageLine
    behind: bool = False


def look(*, days: int, person: User | None = None, exact: bool = False) -> Used:
    """Return what the last days used, of one person or of all; everything is read where that takes to be `exact`.

    Five statements, six of all; some more where something has changed since the clock has been there.
    """
    last = timezone.localdate()
    first = last - timedelta(days=days - 1)
    grains, behind = _grains(first, person, exact)
    by_day = _lines(grains, lambda grain: grain.day)
    by_model = _lines(grains, lambda grain: grain.model)
    by_person = {} if person else _lines(grains, lambda grain: grain.owner)
    return Used(first, last, by_day, by_model, by_person, _total(by_model.values()), behind)


def _grains(first: date, person: User | None, exact: bool) -> tuple[list[Signed], bool]:
    """Return what adds up to the figures of these days; as it is in the tables, while the sums are being moved."""
    for _ in range(TRIES):
        mark = usage_sums.mark()
        owner, there = person.pk if person else None, mark.until > usage_sums.beginning(first)
        changed = usage_sums.touched(mark.until, first, owner) if there else ()
        if changed is None and exact:
            break
        found = list(_by_sums(mark, first, person, changed or ()))
        after = usage_sums.mark()
        if (after.pk, after.version) == (mark.pk, mark.version):
            return found, changed is None
    return list(_by_sums(UsageMark(), first, person, ())), False


def _by_sums(mark: UsageMark, first: date, person: User | None, changed: Pairs) -> Iterator[Signed]:
    """Yield the sums, what has changed since they were made, and what is in none yet."""
    beginning, owner = usage_sums.beginning(first), person.pk if person else None
    if mark.until > beginning:
        yield from ((grain, 1) for grain in (_own(first, owner) if owner else _of_all(first)))
        if changed:
            yield from ((grain, -1) for grain in usage_sums.summed(changed))
            yield from ((grain, 1) for grain in usage_sums.read(*usage_sums.parts_of(changed, mark.until)))
    yield from ((grain, 1) for grain in usage_sums.read(Stretch(max(mark.until, beginning), owner=owner)))


def _own(first: date, owner: Any) -> Iterator[Grain]:
    rows = UsageSum.objects.filter(made__gte=first, owner=owner)
    for day, model, unit, *figures in rows.values_list("day", "model", "unit", *FIGURES):
        yield Grain(day, owner, model, unit, tuple(figures))


def _of_all(first: date) -> Iterator[Grain]:
    """Yield what all did by days and models, then what each person did."""
    yield from (grain._replace(owner=None) for grain in _own(first, None))
    people = UsageSum.objects.filter(made__gte=first, owner__isnull=False).order_by()
    sums = people.values_list("owner", "unit").annotate(**{f"all_{name}": Sum(name) for name in FIGURES})
    for owner, unit, *figures in sums:
        yield Grain(None, owner, None, unit, tuple(figures))


def _lines(grains: Iterable[Signed], key: Callable[[Grain], Any]) -> dict[Any, UsageLine]:
    """Return the lines of one cut."""
    sums: dict[tuple[Any, str], Sequence[int]] = {}
    for grain, sign in grains:
        if (cut := key(grain)) is None:
            continue
        place = (cut, grain.unit)
        before = sums.get(place)
        if before is None and sign > 0:
            sums[place] = grain.figures  # nearly all of the people
        else:
            pairs = zip(before or [0] * len(FIGURES), grain.figures, strict=True)
            sums[place] = [old + sign * new for old, new in pairs]
    found: dict[Any, UsageLine] = {}
    for (cut, unit), figures in sums.items():
        if figures[0]:  # else all of it was taken out again
            _add(found.setdefault(cut, UsageLine(cut)), unit, *figures)
    return found


def _add(
    line: UsageLine,
    unit: str,
    runs: int,
    priced: int,
    spent: int,
    failed: int,
    unpriced: int,
    images: int,
    kept: int,
) -> None:
    line.runs += runs
    line.images += images
    line.failed += failed
    line.unpriced += unpriced
    line.kept += kept
    if unit and priced:
        line.costs[Unit(unit)] = line.costs.get(Unit(unit), 0) + spent


def _total(lines: Iterable[UsageLine]) -> UsageLine:
    total = UsageLine(None)
    for line in lines:
        for name in ("runs", "images", "failed", "unpriced", "kept"):
            setattr(total, name, getattr(total, name) + getattr(line, name))
        for unit, amount in line.costs.items():
            total.costs[unit] = total.costs.get(unit, 0) + amount
    return total
