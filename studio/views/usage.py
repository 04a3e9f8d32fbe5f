"""What one has used oneself, what is left, and asking for more."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from studio.cards import budgets as cards
from studio.cards import usage as figures
from studio.errors import StudioError
from studio.forms.money import PleaForm
from studio.http import StudioRequest
from studio.models import Plea, User
from studio.services import pleas, purses, usage
from studio.views.files import as_csv
from studio.views.page import SeeOther, render_page
from studio.words import say


def days_of(request: StudioRequest) -> int:
    """Return of how many days the page tells; thirty where the address names none of ours."""
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in map(str, usage.DAYS) else usage.DAYS[1]


def told(days: int, person: User | None = None, *, exact: bool = False) -> dict[str, Any]:
    """Return what the tables and the chart show."""
    used = usage.look(days=days, person=person, exact=exact)
    return {
        "days": days,
        "spans": usage.DAYS,
        "total": figures.total_of(used),
        "bars": figures.bars_of(used),
        "scale": figures.scale_of(used),
        "by_day": figures.days_of(used),
        "by_model": figures.models_of(used),
        "used": used,
    }


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show what one spent and on what, and what is left of every budget."""
    context = told(days_of(request), request.user) | {"gauges": cards.own(request.user)}
    return render_page(request, "usage/index.html", context | {"section": "usage"})


@require_safe
def file(request: StudioRequest) -> HttpResponse:
    """The same as CSV, which is kept: exact, however long that takes."""
    found = told(days_of(request), request.user, exact=True)
    return as_csv(figures.csv_of([("day", found["by_day"]), ("model", found["by_model"])]), "usage.csv")


@require_http_methods(["GET", "HEAD", "POST"])
def more(request: StudioRequest) -> HttpResponse:
    """Ask the administrators for more of a budget."""
    gauges = cards.own(request.user)
    budgets = {gauge.key: (f"{gauge.name}: {gauge.still}", gauge.unit) for gauge in gauges}
    tightest = max(gauges, key=lambda gauge: gauge.share).key
    form = PleaForm(request.POST if request.method == "POST" else None, budgets=budgets, tightest=tightest)
    if not form.is_bound or not form.is_valid():
        return _more(request, form, gauges, status=422 if form.is_bound else 200)
    data = form.cleaned_data
    purse = next((row for row in purses.of(person=request.user) if str(row.pk) == data["of"]), None)
    try:
        pleas.ask(person=request.user, amount=data["amount"], purse=purse, note=data["note"])
    except StudioError as error:
        form.add_error(None, error.sentence)
        return _more(request, form, gauges, status=error.status)
    messages.success(request, say("asked_for_more", {}))
    return SeeOther(reverse("usage.index"))


def _more(request: StudioRequest, form: PleaForm, gauges: list[Any], *, status: int) -> HttpResponse:
    waiting = [cards.plea_of(row) for row in Plea.objects.of(request.user).open().with_card_data()]
    context = {"form": form, "gauges": gauges, "waiting": waiting, "section": "usage"}
    return render_page(request, "usage/more.html", context, status=status)
