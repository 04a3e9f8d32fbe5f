"""Somebody leaves, comes back, or is erased with everything that is theirs."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studio.errors import StudioError
from studio.forms.people import ErasureForm, HeirForm
from studio.http import StudioRequest
from studio.models import User
from studio.services.people import erasure, leaving
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only

SECTION = {"section": "people"}


@administrators_only
@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show the two ways to go, and what an erasure would remove."""
    person = fetch_or_404(request, User.objects.all(), pk)
    return _detail(request, person, ErasureForm(person=person))


@administrators_only
@require_POST
def leave(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let a person go; what they shared stays."""
    person = fetch_or_404(request, User.objects.all(), pk)
    heirs = HeirForm(request.POST, person=person)
    if not heirs.is_valid():
        return _detail(request, person, ErasureForm(person=person), heirs=heirs, status=422)
    leaving.leave(person=person, administrator=request.user, heir=heirs.cleaned_data["heir"])
    return SeeOther(reverse("people.detail", args=[pk]))


@administrators_only
@require_POST
def come_back(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let a person in again who had left."""
    person = fetch_or_404(request, User.objects.all(), pk)
    leaving.come_back(person=person, administrator=request.user)
    return SeeOther(reverse("people.detail", args=[pk]))


@administrators_only
@require_POST
def erase(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Have a person erased, once their address was typed."""
    person = fetch_or_404(request, User.objects.all(), pk)
    form = ErasureForm(request.POST, person=person)
    if not form.is_valid():
        return _detail(request, person, form, status=422)
    try:
        erasure.ask(person=person, administrator=request.user)
    except StudioError as error:
        form.add_error(None, error.sentence)
        return _detail(request, person, form, status=error.status)
    messages.success(request, "They are out, and a worker erases what was theirs.")
    return SeeOther(reverse("people.index"))


def _detail(
    request: StudioRequest,
    person: User,
    form: ErasureForm,
    *,
    heirs: HeirForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = SECTION | {"person": person, "form": form, "counts": erasure.preview(person=person)}
    context["heirs"] = heirs or HeirForm(person=person)
    return render_page(request, "leaving/detail.html", context, status=status)
