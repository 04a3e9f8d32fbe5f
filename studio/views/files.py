"""Small files that are made for whoever asks."""

from collections.abc import Iterable

from django.http import HttpResponse

from studio.spreadsheets import lines


def as_csv(rows: Iterable[Iterable[object]], name: str) -> HttpResponse:
    """Return rows as a CSV file to keep."""
    response = HttpResponse("".join(lines(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
