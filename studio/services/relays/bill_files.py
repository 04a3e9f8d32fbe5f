"""Reads a relay's usage export: CSV or JSON with whatever names, order, separators and clocks its columns have."""

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from django.utils.dateparse import parse_date, parse_datetime

from studio.cleaning import clean_text
from studio.errors import StudioError
from studio.spreadsheets import plain
from studio.words import Reason

MOST = 20_000
LONGEST = 200
LARGEST = Decimal(10) ** 12
NUMBER = re.compile(r"-?[0-9][0-9.,]*(?:[eE][-+]?[0-9]+)?|-?[.,][0-9]+")

COLUMNS: dict[str, tuple[str, ...]] = {
    "at": (
        "time",
        "timestamp",
        "created at",
        "created",
        "date",
        "datetime",
        "started at",
        "starttime",
        "request time",
    ),
    "trace_id": ("trace id", "request id", "trace", "generation id", "call id", "id", "log id"),
    "model": ("model", "model name", "model id"),
    "images": ("images", "image count", "num images", "n", "count", "quantity"),
    "amount": (
        "cost",
        "amount",
        "price",
        "total cost",
        "spend",
        "usd",
        "charge",
        "quota",
        "units",
        "credits",
    ),
}
"""What a column may be called, the likeliest name first; case, signs and what stands in brackets do not count."""


@dataclass(frozen=True, kw_only=True)
class Billed:
    """One line of an export; `amount` is as it is written there."""

    number: int
    at: datetime
    model: str = ""
    trace_id: str = ""
    images: int | None = None
    amount: Decimal | None = None


def read(text: str, *, zone: tzinfo = UTC) -> list[Billed]:
    """Return the lines; raises StudioError saying which line or column is wrong. Times without a zone are in `zone`."""
    text = text.lstrip("\ufeff").strip()
    separator = _separator(text)
    rows = _objects(text) if text[:1] in ("[", "{") else csv.reader(io.StringIO(text), delimiter=separator)
    try:
        head = next(rows, [])
        places = _places(head)
        found = [(number, _cells(row, places)) for number, row in _numbered(rows)]
    except csv.Error:
        raise StudioError(Reason("bill_not_csv"), param="text") from None
    if not found:
        raise StudioError(Reason("bill_empty"), param="text")
    return [_line(number, cells, zone, comma=separator == ";") for number, cells in found]


def _objects(text: str) -> Iterator[list[str]]:
    """Yield the head and the rows of a JSON list of flat objects, bare or under "data"."""
    try:
        value = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise StudioError(Reason("bill_not_csv"), param="text") from None
    found = value.get("data") if isinstance(value, dict) else value
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    head = list(rows[0]) if rows else []
    yield head
    for row in rows:
        yield [str(row[name]) if isinstance(row.get(name), str) else "" for name in head]


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max((",", ";", "\t"), key=first.count)


def _places(head: Iterable[str]) -> dict[str, int]:
    """Return in which column each thing stands; a time is needed, and something to know the request by."""
    names = [_name(cell) for cell in head]
    found = {
        what: names.index(next(name for name in known if name in names))
        for what, known in COLUMNS.items()
        if any(name in names for name in known)
    }
    if "at" not in found:
        raise StudioError(Reason("bill_without_time", columns=_said(names)), param="text")
    if not {"trace_id", "model"} & set(found):
        raise StudioError(Reason("bill_without_request", columns=_said(names)), param="text")
    return found


def _name(cell: str) -> str:
    bare = cell.partition("(")[0].lower()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())


def _said(names: list[str]) -> str:
    return ", ".join(name[:30] for name in names[:12] if name) or "–"


def _numbered(rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, 2):
        if number > MOST + 1:
            raise StudioError(Reason("bill_too_long", most=MOST), param="text")
        if any(cell.strip() for cell in row):
            yield number, row


def _cells(row: list[str], places: dict[str, int]) -> dict[str, str]:
    return {what: plain(row[place].strip()) for what, place in places.items() if place < len(row)}


def _line(number: int, cells: dict[str, str], zone: tzinfo, *, comma: bool) -> Billed:
    at = _moment(cells.get("at", ""), zone)
    if at is None:
        raise StudioError(Reason("bill_bad_time", row=number, text=cells.get("at", "")[:40]), param="text")
    amount = _amount(cells.get("amount", ""), comma=comma)
    if amount is None and cells.get("amount"):
        raise StudioError(Reason("bill_bad_amount", row=number, text=cells["amount"][:40]), param="text")
    return Billed(
        number=number,
        at=at,
        model=clean_text(cells.get("model", ""))[:LONGEST],
        trace_id=clean_text(cells.get("trace_id", ""))[:120],
        images=_count(cells.get("images", "")),
        amount=amount,
    )


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """Read ISO 8601, a date, or seconds or milliseconds since 1970."""
    try:
        if text.replace(".", "", 1).isdigit():
            seconds = float(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        at = parse_datetime(text.replace("/", "-"))
        if at is None and (day := parse_date(text.replace("/", "-"))):
            at = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone comes next
        if at is not None and at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        return at.astimezone(UTC) if at else None
    except (ValueError, OverflowError, OSError):
        return None


def _amount(text: str, *, comma: bool) -> Decimal | None:
    """Read 0.04, $0.04, 1,234.50 and 0,04; `comma` says that a comma alone stands before decimals."""
    found = NUMBER.search(text)
    bare = found[0] if found else ""
    if "," in bare and "." not in bare:
        decimals = comma or bare.lstrip("-").startswith("0,") or len(bare.rpartition(",")[2]) != 3
        bare = bare.replace(",", "." if decimals else "")
    try:
        value = Decimal(bare.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < LARGEST else None


def _count(text: str) -> int | None:
    try:
        count = float(text)
    except ValueError:
        return None
    return int(count) if math.isfinite(count) and 0 <= count < 10_000 else None
