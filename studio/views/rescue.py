"""The rescue ledger: for each picture that came as a link, whether it was saved before the link died (PRODUCT §3.1)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from studio.cards import rescue as cards
from studio.http import StudioRequest
from studio.models import rescue
from studio.models.paging import page_of
from studio.models.rescue import Rescue
from studio.views.page import before_of, number_before, render_page
from studio.views.roles import administrators_only

PAGE = 50
SECTION = {"section": "rescue"}


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show what was lost, what is on its way, or what was saved, the newest first."""
    asked = request.GET.get("view", Rescue.LOST)
    view = Rescue(asked) if asked in Rescue.values else Rescue.LOST
    rows: Any = {Rescue.LOST: rescue.lost, Rescue.WAITING: rescue.waiting, Rescue.SAVED: rescue.saved}[view]()
    line: Callable[[Any], Any] = cards.image_line if view == Rescue.SAVED else cards.slot_line
    before: Any = before_of(request) if view == Rescue.SAVED else number_before(request)
    page = page_of(rows.filter(pk__lt=before) if before else rows, PAGE)
    context = SECTION | {
        "view": view,
        "views": list(Rescue),
        "lines": [line(row) for row in page.rows],
        "older": page.older and page.older.pk,
        "before": before,
    }
    return render_page(request, "rescue/index.html", context)
