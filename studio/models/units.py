"""What is counted: images, the units of a relay's quota, money; always as a whole number of smallest parts."""

from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from django.db import models

PARTS = 1_000_000
"""Parts of a currency that are counted: prices of one image go far below a cent."""

RATE_DIGITS, RATE_PLACES = 18, 6


class Unit(models.TextChoices):
    """What is counted, in its smallest part: an image, a quota unit, or a millionth of a currency."""

    IMAGES = "images"
    UNITS = "units"
    USD = "USD", "USD"
    EUR = "EUR", "EUR"
    GBP = "GBP", "GBP"
    CHF = "CHF", "CHF"
    CNY = "CNY", "CNY"
    JPY = "JPY", "JPY"
    INR = "INR", "INR"

    @property
    def parts(self) -> int:
        """How many smallest parts one of it has."""
        return 1 if self in (Unit.IMAGES, Unit.UNITS) else PARTS


class Cost(NamedTuple):
    """An amount in smallest parts, and of what."""

    amount: int
    unit: Unit


class Rate(NamedTuple):
    """What one image costs; whole units, not parts."""

    each: Decimal
    unit: Unit

    def of(self, images: int) -> int:
        """Return what so many images cost, in smallest parts, rounded up (RELAYS.md §1.2)."""
        return in_parts(self.each * images, self.unit)


def in_parts(value: Decimal, unit: Unit) -> int:
    """Return an amount in smallest parts, rounded up."""
    return int((value * unit.parts).to_integral_value(ROUND_CEILING))
