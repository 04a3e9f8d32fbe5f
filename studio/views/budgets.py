"""Budgets and pleas for more of them, for administrators."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards import budgets as cards
from studio.errors import StudioError
from studio.forms.money import CapForm, RuleOfBudgetForm
from studio.http import StudioRequest
from studio.models import Budget, Plea, Unit
from studio.services import budget_rules, pleas
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only

SECTION = {"section": "budgets"}


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show every budget with what is gone of it, and who asks for more."""
    return _index(request)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Make a budget."""
    form = RuleOfBudgetForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        budget_rules.add(administrator=request.user, **form.asked)
        messages.success(request, "It counts from now on.")
        return SeeOther(reverse("budgets.index"))
    return render_page(
        request, "budgets/new.html", SECTION | {"form": form}, status=422 if form.errors else 200
    )


@administrators_only
@require_POST
def cap(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Give a budget another amount."""
    budget = fetch_or_404(request, Budget.objects.of_people(), pk)
    form = CapForm(request.POST, unit=Unit(budget.unit))
    if not form.is_valid():
        return _index(request, refused=(pk, form), status=422)
    try:
        budget_rules.change(budget=budget, administrator=request.user, **form.cleaned_data)
    except StudioError as error:
        form.add_error("cap", error.sentence)
        return _index(request, refused=(pk, form), status=error.status)
    messages.success(request, "Saved.")
    return SeeOther(reverse("budgets.index"))


@administrators_only
@require_POST
def ending(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let a budget count no more."""
    budget = fetch_or_404(request, Budget.objects.of_people(), pk)
    budget_rules.end(budget=budget, administrator=request.user)
    messages.success(request, "It counts no more.")
    return SeeOther(reverse("budgets.index"))


@administrators_only
@require_POST
def grant(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Give what somebody asked for."""
    return _decide(request, pk, pleas.grant, "Granted. They are told.")


@administrators_only
@require_POST
def decline(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Leave a budget as it is."""
    return _decide(request, pk, pleas.decline, "Declined.")


def _decide(request: StudioRequest, pk: UUID, service: Callable[..., None], said: str) -> HttpResponse:
    plea = fetch_or_404(request, Plea.objects.all(), pk)
    service(plea=plea, administrator=request.user)
    messages.success(request, said)
    return SeeOther(reverse("budgets.index"))


def _index(
    request: StudioRequest, *, refused: tuple[UUID, CapForm] | None = None, status: int = 200
) -> HttpResponse:
    context = SECTION | {"rules": cards.rules(), "pleas": cards.pleas()}
    context |= {"refused": refused and refused[0], "form": refused and refused[1]}
    return render_page(request, "budgets/index.html", context, status=status)
