"""The first rows of a set, found before anything is joined to them."""

from typing import Any

from django.db.models import QuerySet


def first_of[Rows: QuerySet[Any, Any]](rows: Rows, size: int) -> Rows:
    """Return the newest few of a set that is sorted by id, to be joined to whatever a page shows of them.

    In one step a planner that has statistics joins first and sorts everything: at 100,000 images of one person SQLite
    took 190 ms instead of 1 ms after an ANALYZE.
    """
    return type(rows)(rows.model).filter(pk__in=rows.values("pk")[:size]).order_by("-pk")
