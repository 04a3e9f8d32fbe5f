"""What something costs and what is left for it, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from studio.forms.generations import GenerationForm
from studio.models import ImageModel, Rate, Unit, User
from studio.services import budgets, prices, purses
from studio.words.money import PERIODS, amount, price

OF_PRICE = ("size", "image_size", "quality")
"""Settings that a price may depend on."""


def price_of(model: ImageModel) -> str:
    """Return the price of one image as the picker shows it: the usual one, or the lowest of several."""
    of_images = [row for row in model.prices if not row.get("per")]
    rows = [(Decimal(row["rate"]), Unit(row["unit"])) for row in of_images]
    if not rows:
        return "by tokens" if model.prices else ""
    usual = next((row for row in of_images if not row["size"] and not row["quality"]), None)
    rate = Rate(Decimal(usual["rate"]), Unit(usual["unit"])) if usual else Rate(*min(rows))
    words = amount(rate.of(1), rate.unit) if rate.each else "free"
    return words if usual else f"from {words}"


Part = tuple[Rate | None, int]
"""The price of one image, if it is known, and how many are asked for."""


@dataclass(frozen=True)
class CostCard:
    """What stands on the button and beside it: the cost, what is left, and whether it is too much."""

    cost: str
    left: str
    during: str
    is_over: bool


def cost_of(form: GenerationForm, person: User) -> CostCard:
    """Return what the form as it stands would cost this person."""
    settings = {name: form[name].value() for name in OF_PRICE if name in form.fields}
    settings = form.house.settle(settings) if form.house else settings
    return sum_of([(form.model, settings, _count(form))], person)


def sum_of(orders: Iterable[tuple[ImageModel, Mapping[str, Any], int]], person: User) -> CostCard:
    """Return what several orders cost together: model, settings and number of each. Said where one has a price."""
    rows = list(orders)
    parts = [(prices.rate_of(model=model, settings=settings), n) for model, settings, n in rows]
    is_priced = any(model.prices for model, _settings, _n in rows)
    return _with_left(_said(parts) if is_priced else "", parts, person)


def _said(parts: list[Part]) -> str:
    sums: dict[Unit, int] = {}
    for rate, n in parts:
        if rate:
            sums[rate.unit] = sums.get(rate.unit, 0) + rate.of(n)
    if not sums:
        return price(None, "")
    known = " and ".join(price(found, unit) for unit, found in sums.items())
    return known if all(rate for rate, _n in parts) else f"{known} and an unknown price"


def _with_left(cost: str, parts: list[Part], person: User) -> CostCard:
    """Add what is left of the tightest budget: that which has room for the smallest share of all this."""
    total = sum(n for _rate, n in parts) or 1
    month = budgets.allowance(person=person)
    left = [(month.left / total, amount(month.left, Unit.IMAGES), PERIODS["month"])]
    for purse in purses.of(person=person):
        unit = Unit(purse.budget.unit)
        counted = [(rate, n) for rate, n in parts if purses.counts(purse, rate)]
        wanted = sum(n if unit == Unit.IMAGES else rate.of(n) if rate else 0 for rate, n in counted)
        if wanted:
            left.append((purse.left / wanted, amount(purse.left, unit), PERIODS[purse.budget.period]))
    share, words, during = min(left)
    return CostCard(cost, f"{words} left", during, share < 1)


def _count(form: GenerationForm) -> int:
    text = str(form["n"].value() or "")
    return min(max(1, int(text)), form.model.max_n) if text.isdecimal() and len(text) < 4 else 1
