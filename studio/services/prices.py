"""What pictures cost: the price of a model for some settings, and how prices are set."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from studio.models import Cost, ImageModel, Rate, Unit


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
        if _plain(row["size"]) in {"", *sizes} and _plain(row["quality"]) in {"", quality}
    ]
    if not fitting:
        return None
    best = max(fitting, key=lambda row: (bool(row["size"]), bool(row["quality"])))
    return Rate(Decimal(best["rate"]), Unit(best["unit"]))


def _plain(value: Any) -> str:
    """Return a value as it is compared: 4K is 4k, 1024×1024 is 1024x1024."""
    return str(value or "").strip().lower().replace("×", "x")
