"""Prices of models in words."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from studio.models import ImageModel, Price, Rate, Unit
from studio.models.prices import Per
from studio.words.money import amount

CHANGES = 30


def table(models: Iterable[ImageModel]) -> list[dict[str, Any]]:
    """Return a row for each model: what an image costs in each size and quality, and who says so."""
    return [
        {
            "model": model.label,
            "relay": model.relay.name,
            "prices": [
                (
                    _place(row["size"], row["quality"]),
                    _words(row["rate"], row["unit"], row.get("per", "")),
                )
                for row in model.prices
            ],
            "by_hand": "prices" in model.by_hand,
        }
        for model in models
    ]


def changes() -> list[dict[str, Any]]:
    """Return the last changes, newest first; one statement."""
    rows = Price.objects.newest_first().select_related("model__relay", "by")[:CHANGES]
    return [
        {
            "at": row.since,
            "model": f"{row.model.label}, {row.model.relay}",
            "place": _place(row.size, row.quality),
            "price": "unknown" if row.rate is None else _words(row.rate, row.unit, row.per),
            "by": str(row.by) if row.by else "the relay’s list",
        }
        for row in rows
    ]


def _place(size: str, quality: str) -> str:
    return ", ".join(filter(None, [size, quality])) or "any"


def _words(rate: Decimal | str, unit: str, per: str) -> str:
    each = Decimal(rate)
    if per:
        return f"{amount(Rate(each, Unit(unit)).of(1), unit)} for 1M {Per(per).label}"
    if unit == Unit.UNITS and each != each.to_integral_value():
        return f"{each.normalize():f} units"
    return amount(Rate(each, Unit(unit)).of(1), unit)
