"""What everybody has used, for administrators."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from studio.cards import usage as figures
from studio.http import StudioRequest
from studio.views.files import as_csv
from studio.views.page import render_page
from studio.views.roles import administrators_only
from studio.views.usage import days_of, told

MOST_PEOPLE = 100
"""Told of on the page; the file has everybody."""


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show it by day, person, relay and model."""
    found = told(days_of(request))
    used = found["used"]
    cuts = {
        "by_person": figures.people_of(used, MOST_PEOPLE),
        "more_people": max(0, len(used.people) - MOST_PEOPLE),
        "by_relay": figures.relays_of(used),
    }
    return render_page(request, "spending/index.html", found | cuts | {"section": "spending"})


@administrators_only
@require_safe
def file(request: StudioRequest) -> HttpResponse:
    """The same as CSV, which is kept: exact, however long that takes."""
    found = told(days_of(request), exact=True)
    cuts = [("day", found["by_day"]), ("person", figures.people_of(found["used"]))]
    cuts += [("relay", figures.relays_of(found["used"])), ("model", found["by_model"])]
    return as_csv(figures.csv_of(cuts), "usage.csv")
