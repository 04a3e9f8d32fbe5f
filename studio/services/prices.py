"""What pictures cost: the price of a model for some settings, and where prices come from."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from studio.db import write_transaction
from studio.models import Cost, Dialect, ImageModel, Price, Rate, Unit, User
from studio.models.prices import Per
from studio.relays.answers.numbers import LIMIT
from studio.relays.shapes import ModelInfo, Usage
from studio.services import audit

BY_HAND = "prices"
"""In `ImageModel.by_hand`: an administrator has set them, and no list changes them."""

QUOTA, QUOTA_4K = Decimal(5000), Decimal(12500)
"""Units of one image at rout.my before its model's multiplier (RELAYS.md §1.2)."""

TOKENS = 1_000_000
"""A price by tokens is that of so many."""

MULTIPLIER_LIMIT = Decimal(1_000_000)

Row = dict[str, str]
"""One price as it stands on a model: size, quality, rate and unit, and `per` where it is of tokens."""

Place = tuple[str, str, str]
"""Size, quality and what a price is of: each place has one price at a time."""


def estimate(*, model: ImageModel, settings: Mapping[str, Any], n: int) -> Cost | None:
    """Return what so many images would cost; None where the price is not known. Asks the database nothing."""
    rate = rate_of(model=model, settings=settings)
    return Cost(rate.of(n), rate.unit) if rate else None


def rate_of(*, model: ImageModel, settings: Mapping[str, Any]) -> Rate | None:
    """Return what one image costs: of the prices that fit, the one that says most, the size before the quality."""
    sizes = {_plain(settings.get(name)) for name in ("image_size", "size")} - {""}
    quality = _plain(settings.get("quality"))
    fitting = [
        row
        for row in model.prices
        if not row.get("per")
        and _plain(row["size"]) in {"", *sizes}
        and _plain(row["quality"]) in {"", quality}
    ]
    if not fitting:
        return None
    best = max(fitting, key=lambda row: (bool(row["size"]), bool(row["quality"])))
    return Rate(Decimal(best["rate"]), Unit(best["unit"]))


def of_usage(*, model: ImageModel, usage: Usage) -> Decimal | None:
    """Return in USD what an answer says it cost, else its tokens by their prices, rounded up; None if neither is known.

    Tokens of pictures that went in cost what text costs unless they have a price of their own.
    """
    rates = {row["per"]: Decimal(row["rate"]) for row in model.prices if row.get("per")}
    if usage.cost is not None or not usage.tokens or not {Per.TEXT, Per.OUTPUT} <= rates.keys():
        return usage.cost
    rates.setdefault(Per.PICTURE, rates[Per.TEXT])
    total = sum((rates[name] * count for name, count in usage.tokens.items()), Decimal(0)) / TOKENS
    total = total.quantize(Decimal("0.000001"), ROUND_CEILING)
    return total if total < LIMIT else None


def row_of(rate: Decimal, unit: Unit, *, size: str = "", quality: str = "", per: str = "") -> Row:
    """Return a price as it stands on a model."""
    row = {"size": size, "quality": quality, "rate": f"{rate.normalize():f}", "unit": unit.value}
    return row | {"per": per} if per else row


def multiplier(info: ModelInfo) -> Decimal | None:
    """Return a relay's factor as the table keeps it; None for one that cannot be meant."""
    value = info.multiplier
    if value is None or not value.is_finite() or not 0 <= value < MULTIPLIER_LIMIT:
        return None
    return value.quantize(Decimal("0.0001"))


def listed(*, model: ImageModel, info: ModelInfo) -> list[Row]:
    """Return the prices that a relay's list says of a model, none where it says nothing."""
    if model.relay.dialect == Dialect.ROUTMY and (factor := multiplier(info)) is not None:
        bases = {"": QUOTA, "4K": QUOTA_4K}
        return [row_of(base * factor, Unit.UNITS, size=size) for size, base in bases.items()]
    return [row_of(info.price, Unit.USD)] if info.price is not None else []


def keep(*, models: Iterable[ImageModel], by: User | None = None) -> None:
    """Add what models' prices have become to their history: call it with the change, in its transaction."""
    rows = list(models)
    known = _known(rows) if rows else {}
    news = [_price(row, new, by) for row in rows for new in _news(known.get(row.pk, {}), row.prices)]
    if news:
        Price.objects.bulk_create(news)


def set_by_hand(*, administrator: User, wanted: Mapping[ImageModel, list[Row]]) -> int:
    """Give models these prices instead of those they have; return of how many they changed."""
    with write_transaction():
        rows = ImageModel.objects.select_for_update(no_key=True).in_bulk([model.pk for model in wanted])
        changed = [rows[model.pk] for model, prices in wanted.items() if rows[model.pk].prices != prices]
        before = {row.pk: row.prices for row in changed}
        for model, prices in wanted.items():
            rows[model.pk].prices = prices
            rows[model.pk].by_hand = sorted({*rows[model.pk].by_hand, BY_HAND})
        ImageModel.objects.bulk_update(rows.values(), ["prices", "by_hand"])
        keep(models=changed, by=administrator)
        for row in changed:
            detail = {"before": {"prices": before[row.pk]}, "after": {"prices": row.prices}}
            audit.record(actor=administrator, action="model.priced", subject=row.pk, **detail)
    return len(changed)


def leave_to_the_list(*, administrator: User, model: ImageModel) -> None:
    """Let the relay's list say what a model costs again; it is read with the next list."""
    with write_transaction():
        row = ImageModel.objects.select_for_update(no_key=True).get(pk=model.pk)
        if BY_HAND not in row.by_hand:
            return
        row.by_hand = [name for name in row.by_hand if name != BY_HAND]
        row.save(update_fields=["by_hand"])
        audit.record(actor=administrator, action="model.priced", subject=row.pk, after={"prices": "list"})


def _known(models: list[ImageModel]) -> dict[Any, dict[Place, Price]]:
    """Return the newest price of each place of these models."""
    newest: dict[Any, dict[Place, Price]] = {}
    rows = Price.objects.filter(model__in=[model.pk for model in models]).order_by("pk")
    for row in rows:
        newest.setdefault(row.model_id, {})[row.size, row.quality, row.per] = row
    return newest


def _news(known: dict[Place, Price], prices: Iterable[Row]) -> list[dict[str, Any]]:
    """Return what is new: other prices, and for those that are gone that they are unknown."""
    wanted = {(row["size"], row["quality"], row.get("per", "")): row for row in prices}
    news: list[dict[str, Any]] = [
        {**row, "rate": Decimal(row["rate"])}
        for place, row in wanted.items()
        if place not in known or (known[place].rate, known[place].unit) != (Decimal(row["rate"]), row["unit"])
    ]
    for place, old in known.items():
        if place not in wanted and old.rate is not None:
            size, quality, per = place
            news.append({"size": size, "quality": quality, "per": per, "rate": None, "unit": old.unit})
    return news


def _price(model: ImageModel, facts: dict[str, Any], by: User | None) -> Price:
    return Price(model=model, by=by, **facts)


def _plain(value: Any) -> str:
    """Return a value as it is compared: 4K is 4k, 1024×1024 is 1024x1024."""
    return str(value or "").strip().lower().replace("×", "x")
