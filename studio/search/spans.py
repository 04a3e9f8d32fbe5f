"""What a generation may have cost, as it is asked for: 0.02-0.10 USD, -$0.05, 5000- units."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from studio.models import Unit
from studio.models.units import in_parts
from studio.words.money import SIGNS, amount

NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
SPAN = re.compile(rf"({NUMBER})?\s*(?:(-|–|to)\s*({NUMBER})?)?", re.ASCII)
UNITS: dict[str, Unit] = {unit.value.lower(): unit for unit in Unit if unit != Unit.IMAGES}
UNITS |= {sign.strip().lower(): Unit(code) for code, sign in SIGNS.items()}


@dataclass(frozen=True)
class Span:
    """From what to what, both with it, in smallest parts of a unit; one end may be open."""

    least: int | None
    most: int | None
    unit: Unit

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what somebody typed or an address says; raises ValueError."""
        plain = text.strip().lower()
        found = [name for name in UNITS if name in plain]
        unit = max(found, key=len, default=None)
        numbers = SPAN.fullmatch(plain.replace(unit, " ").strip()) if unit else None
        if unit is None or numbers is None or not (numbers[1] or (numbers[2] and numbers[3])):
            raise ValueError(text)
        least, most = (in_parts(Decimal(each), UNITS[unit]) if each else None for each in numbers.group(1, 3))
        most = least if numbers[2] is None else most
        if least is not None and most is not None and most < least:
            raise ValueError(text)
        return cls(least, most, UNITS[unit])

    def __str__(self) -> str:
        return f"{self._number(self.least)}-{self._number(self.most)} {self.unit.value}"

    def _number(self, parts: int | None) -> str:
        return "" if parts is None else f"{(Decimal(parts) / self.unit.parts).normalize():f}"

    @property
    def label(self) -> str:
        """The same in words."""
        ends = [amount(parts, self.unit) for parts in (self.least, self.most) if parts is not None]
        if len(ends) == 2:
            return f"cost {ends[0]}" if self.least == self.most else f"cost {ends[0]} to {ends[1]}"
        return f"cost {ends[0]} and more" if self.most is None else f"cost at most {ends[0]}"
