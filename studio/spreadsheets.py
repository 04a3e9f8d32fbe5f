"""Rows as CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Iterator

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would work out (OWASP, CSV injection)."""


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield each row as a line, as it comes."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow([cell(value) for value in row])
        yield line.getvalue()


def cell(value: object) -> str:
    """Return a value as text; what would be a formula begins with an apostrophe, and one more if it did already."""
    text = "" if value is None else str(value)
    return f"'{text}" if _calculates(text) else text


def plain(text: str) -> str:
    """Return what `cell` made text of as it was."""
    return text[1:] if text.startswith("'") and _calculates(text) else text


def _calculates(text: str) -> bool:
    return text.lstrip("'").startswith(FORMULA)
