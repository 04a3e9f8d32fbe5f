"""Pages of a list, and the first rows of a set, found before anything is joined to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True)
class Page[Row]:
    """The rows that are shown, and the last of them where older ones follow: the next page begins after it."""

    rows: list[Row]
    older: Row | None


def page_of[Row](rows: Sequence[Row] | QuerySet[Any, Row], size: int) -> Page[Row]:
    """Return the first page of some rows; of a query one row more is read, which tells whether others follow."""
    found = list(rows[: size + 1])
    shown = found[:size]
    return Page(shown, shown[-1] if len(found) > size else None)


def first_of[Rows: QuerySet[Any, Any]](rows: Rows, size: int) -> Rows:
    """Return the newest few of a set that is sorted by id, to be joined to whatever a page shows of them.

    In one step a planner that has statistics joins first and sorts everything: at 100,000 images of one person SQLite
    took 190 ms instead of 1 ms after an ANALYZE.
    """
    return type(rows)(rows.model).filter(pk__in=rows.values("pk")[:size]).order_by("-pk")
