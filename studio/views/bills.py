"""Relays' bills held against what the studio knows, for administrators."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio import spreadsheets
from studio.cards import bills as cards
from studio.errors import StudioError
from studio.forms.bills import BillForm, View
from studio.http import StudioRequest
from studio.models import Bill
from studio.models.paging import page_of
from studio.services.relays import bills
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, before_of, render_page, start_of
from studio.views.roles import administrators_only
from studio.words import Reason

PAGE = 50
SECTION = {"section": "bills"}


@csrf_exempt  # the token is looked at by the view inside: the handler must be named before the body is read
@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: StudioRequest) -> HttpResponse:
    """Show the bills there are; take another one in."""
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    return _index(request)


@csrf_protect
def _index(request: StudioRequest) -> HttpResponse:
    if request.method != "POST":
        return _list(request, BillForm())
    form = BillForm(request.POST, request.FILES)
    if form.is_valid() and (bill := _taken_in(request, form)):
        return SeeOther(reverse("bills.detail", args=[bill.pk]))
    return _list(request, form, status=422)


def _taken_in(request: StudioRequest, form: BillForm) -> Bill | None:
    """Return the bill that the form brings; nothing where something is wrong with it, which the form then says."""
    facts = {name: form.cleaned_data[name] for name in ("relay", "unit", "begins_at", "ends_at")}
    try:
        content = form.content
        if not content.strip() and (path := form.cleaned_data["path"]):
            content = bills.ask(relay=facts["relay"], path=path)
        elif not content.strip():
            raise StudioError(Reason("bill_nothing"), param="text")
        return bills.take_in(administrator=request.user, text=content, zone=form.tz, **facts)
    except UnicodeDecodeError:
        form.add_error("file", str(Reason("bill_not_text")))
    except StudioError as error:
        form.add_error(error.param if error.param in form.fields else None, error.sentence)
    return None


def _list(request: StudioRequest, form: BillForm, *, status: int = 200) -> HttpResponse:
    before = before_of(request)
    page = page_of(Bill.objects.for_list(before), PAGE)
    context = SECTION | {
        "form": form,
        "bills": [cards.card_of(bill) for bill in page.rows],
        "older": page.older and page.older.pk,
    }
    return render_page(request, "bills/index.html", context, status=status)


@administrators_only
@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one part of a bill."""
    bill = _bill(request, pk)
    view, start = _view(request), start_of(request)
    page = page_of(_rows(bill, view)[start : start + PAGE + 1], PAGE)
    card = cards.card_of(bill)
    counts = card.counts | {View.UNBILLED: bill.unbilled().count()}
    context = SECTION | {
        "card": card,
        "totals": cards.totals_of(bill),
        "view": view,
        "tabs": [(each, counts[each.value]) for each in View],
        "rows": [_row(bill, view, row) for row in page.rows],
        "further": start + PAGE if page.older else 0,
        "undecided": [cards.lost_of(row) for row in bill.undecided()[:PAGE]],
    }
    return render_page(request, "bills/detail.html", context)


@administrators_only
@require_POST
def settlement(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Settle what contact was lost with from a bill."""
    charged, free = bills.settle(bill=_bill(request, pk), administrator=request.user)
    messages.success(request, str(Reason("bill_settled", charged=charged, free=free)))
    return SeeOther(reverse("bills.detail", args=[pk]))


@administrators_only
@require_POST
def deletion(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take a bill out again; what was settled from it stays."""
    bills.delete(bill=_bill(request, pk), administrator=request.user)
    messages.success(request, str(Reason("bill_deleted")))
    return SeeOther(reverse("bills.index"))


@administrators_only
@require_safe
def export(request: StudioRequest, pk: UUID) -> StreamingHttpResponse:
    """Send one part of a bill as CSV."""
    bill, view = _bill(request, pk), _view(request)
    lines = (_row(bill, view, row).cells for row in _rows(bill, view).iterator(chunk_size=500))
    response = StreamingHttpResponse(
        spreadsheets.lines(_with_head(lines)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="bill-{view}.csv"'
    return response


def _with_head(lines: Iterable[list[str]]) -> Iterable[Iterable[object]]:
    yield cards.CELLS
    yield from lines


def _bill(request: StudioRequest, pk: UUID) -> Bill:
    return fetch_or_404(request, Bill.objects.select_related("relay", "by"), pk)


def _view(request: StudioRequest) -> View:
    asked = request.GET.get("view", "")
    return View(asked) if asked in View.values else View.STRANGE


def _rows(bill: Bill, view: View) -> Any:
    return bill.unbilled() if view == View.UNBILLED else bill.lines.found(view).in_order()


def _row(bill: Bill, view: View, row: Any) -> cards.BillRow:
    return cards.row_of_request(row) if view == View.UNBILLED else cards.row_of_line(row, bill.unit)
