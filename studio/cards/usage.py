"""What was used, as tables and bars of finished values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from studio.models import ImageModel, Unit, User
from studio.services.usage import UsageLine, Used
from studio.words.money import amount

WIDTH, HEIGHT, GAP = 720, 120, 0.25


@dataclass(frozen=True)
class UsageRow:
    """One line of a table."""

    name: str
    runs: int
    images: int
    failed: int
    kept: int
    cost: str
    each: str
    usual: str = ""


@dataclass(frozen=True)
class Bar:
    """One day of the chart, in units of its drawing."""

    x: float
    y: float
    width: float
    height: float
    label: str


def total_of(used: Used) -> UsageRow:
    """Return all of it as one line."""
    return _row("All", used.total)


def models_of(used: Used) -> list[UsageRow]:
    """Return a line for each model, the most used first; one statement."""
    models = ImageModel.objects.select_related("relay").in_bulk(list(used.models))
    rows = []
    for key, line in _sorted(used.models):
        model = models.get(key)
        usual = f"{model.usual_ms / 1000:.0f} s" if model and model.usual_ms else ""
        rows.append(_row(f"{model.label}, {model.relay}" if model else "A removed model", line, usual))
    return rows


def relays_of(used: Used) -> list[UsageRow]:
    """Return a line for each relay; one statement."""
    models = ImageModel.objects.select_related("relay").in_bulk(list(used.models))
    sums: dict[Any, UsageLine] = {}
    for key, line in used.models.items():
        name = str(models[key].relay) if key in models else "A removed relay"
        _add(sums.setdefault(name, UsageLine(name)), line)
    return [_row(name, line) for name, line in _sorted(sums)]


def people_of(used: Used, most: int | None = None) -> list[UsageRow]:
    """Return a line for each person, those with the most pictures first, and no more than so many; one statement."""
    lines = _sorted(used.people)[:most]
    people: dict[UUID, User] = User.objects.in_bulk([key for key, _ in lines])
    return [_row(str(people[key]), line) for key, line in lines if key in people]


def days_of(used: Used) -> list[UsageRow]:
    """Return a line for each day that saw something, the newest first."""
    return [_row(f"{day.day} {day:%B}", used.days[day]) for day in sorted(used.days, reverse=True)]


def bars_of(used: Used) -> list[Bar]:
    """Return the pictures of each day as bars of one chart."""
    count = (used.last - used.first).days + 1
    most = max((line.images for line in used.days.values()), default=0) or 1
    step = WIDTH / count
    bars = []
    for place in range(count):
        day = used.first + timedelta(days=place)
        images = used.days[day].images if day in used.days else 0
        height = round(images / most * (HEIGHT - 2), 1)
        label = f"{day.day} {day:%B}: {amount(images, Unit.IMAGES)}"
        x = round(place * step + step * GAP / 2, 1)
        bars.append(Bar(x, HEIGHT - height, round(step * (1 - GAP), 1), height, label))
    return bars


def scale_of(used: Used) -> tuple[str, str, str]:
    """Return what stands under the chart: its first day, the height of its tallest bar, its last day."""
    most = max((line.images for line in used.days.values()), default=0)
    first, last = (f"{day.day} {day:%B}" for day in (used.first, used.last))
    return first, f"at most {amount(most, Unit.IMAGES)} a day", last


def _sorted(lines: dict[Any, UsageLine]) -> list[tuple[Any, UsageLine]]:
    return sorted(lines.items(), key=lambda item: (-item[1].images, -item[1].runs, str(item[0])))


def _add(into: UsageLine, line: UsageLine) -> None:
    for name in ("runs", "images", "failed", "unpriced", "kept"):
        setattr(into, name, getattr(into, name) + getattr(line, name))
    for unit, parts in line.costs.items():
        into.costs[unit] = into.costs.get(unit, 0) + parts


def _row(name: str, line: UsageLine, usual: str = "") -> UsageRow:
    return UsageRow(
        name=name,
        runs=line.runs,
        images=line.images,
        failed=line.failed,
        kept=line.kept,
        cost=costs(line),
        each=_each(line),
        usual=usual,
    )


def costs(line: UsageLine) -> str:
    """Say what it cost in each unit, and that some of it is not known."""
    said = [amount(parts, unit) for unit, parts in sorted(line.costs.items())]
    return " + ".join([*said, *(["unknown"] if line.unpriced else [])])


def _each(line: UsageLine) -> str:
    """Say what one picture cost that was kept for good, rounded up to the smallest part."""
    if not line.kept or line.unpriced:
        return ""
    return " + ".join(amount(-(-parts // line.kept), unit) for unit, parts in sorted(line.costs.items()))


def csv_of(parts: Iterable[tuple[str, Iterable[UsageRow]]]) -> Iterable[Iterable[object]]:
    """Yield the tables as lines of one file."""
    yield ["cut", "name", "generations", "images", "failed", "kept", "cost", "cost of a kept image"]
    for cut, rows in parts:
        for row in rows:
            yield [cut, row.name, row.runs, row.images, row.failed, row.kept, row.cost, row.each]
