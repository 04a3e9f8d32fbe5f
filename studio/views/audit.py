"""The audit: looking through it, and taking it away."""

import json
from collections.abc import Iterator
from itertools import chain

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from studio import spreadsheets
from studio.cards.audit import COLUMNS, export_rows, rows_of
from studio.forms.audit import AuditForm
from studio.http import StudioRequest
from studio.models.audit import AuditQuerySet
from studio.models.paging import page_of
from studio.services import audit
from studio.views.page import render_page
from studio.views.roles import administrators_only

PAGE = 50
LARGEST = 2**63 - 1


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show what was done, newest first; every search and every page has an address."""
    form = AuditForm(request.GET)
    page = page_of(form.rows().newest_first().before(_before(request)).select_related("actor"), PAGE)
    context = {
        "section": "audit",
        "form": form,
        "rows": rows_of(page.rows),
        "older": page.older and page.older.seq,
        "before": "before" in request.GET,
    }
    return render_page(
        request, "audit/index.html", context, partial="entries", status=422 if form.errors else 200
    )


@administrators_only
@require_safe
def export(request: StudioRequest) -> HttpResponse | StreamingHttpResponse:
    """Send what is looked for as CSV or JSON, oldest first, as it is read; that it was taken is written down."""
    form, kind = AuditForm(request.GET), request.GET.get("format", "csv")
    if not form.is_valid() or kind not in ("csv", "json"):
        raise Http404
    asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
    audit.record(actor=request.user, action="audit.exported", subject="", format=kind, asked=asked)
    lines = (_csv if kind == "csv" else _json)(form.rows().select_related("actor"))
    media_type = "text/csv; charset=utf-8" if kind == "csv" else "application/json"
    response = StreamingHttpResponse(lines, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate()}.{kind}"'
    return response


def _csv(rows: AuditQuerySet) -> Iterator[str]:
    cells = ([_cell(value) for value in row.values()] for row in export_rows(rows.oldest_first()))
    return spreadsheets.lines(chain([COLUMNS], cells))


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) and value else value or ""


def _json(rows: AuditQuerySet) -> Iterator[str]:
    yield "["
    for number, row in enumerate(export_rows(rows.oldest_first())):
        yield f"{',' if number else ''}\n{json.dumps(row, ensure_ascii=False)}"
    yield "\n]\n"


def _before(request: StudioRequest) -> int | None:
    """Return the entry after which a page begins."""
    text = request.GET.get("before", "")
    if text and not (text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST):
        raise Http404
    return int(text[:20]) if text else None
