"""Amounts that relays state, whose values may be anything."""

from decimal import Decimal

LIMIT = Decimal(1_000_000)


def amount(value: object, *, places: int) -> Decimal | None:
    """Return a number below a million, rounded to so many decimal places; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 40:
        return None
    try:
        number = Decimal(str(value).strip())
    except ArithmeticError:
        return None
    if not number.is_finite() or not 0 <= number < LIMIT:
        return None
    rounded = number.quantize(Decimal(1).scaleb(-places))
    return rounded if rounded < LIMIT else None
