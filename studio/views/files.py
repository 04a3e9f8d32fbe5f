"""Files that are made while they are sent."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse

from studio.spreadsheets import lines


def as_csv(rows: Iterable[Iterable[object]], name: str) -> StreamingHttpResponse:
    """Return rows as a CSV file to keep."""
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
