"""One's own page: name and colour, address, sessions, and what one takes along."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from studio import accounts as door
from studio.cards import people as cards
from studio.errors import StudioError
from studio.forms.accounts import AddressForm, OwnForm
from studio.forms.people import SessionForm
from studio.http import StudioRequest
from studio.models import Export
from studio.services.people import own, sessions
from studio.views.page import SeeOther, render_page


@require_safe
def detail(request: StudioRequest) -> HttpResponse:
    """Show what a person may change about themselves."""
    return _detail(request)


@require_POST
def name(request: StudioRequest) -> HttpResponse:
    """Change one's name and the colour of one's mark."""
    return _change(request, OwnForm(request.POST, person=request.user), own.rename, "form", "#who")


@sensitive_post_parameters("password")
@require_POST
def address(request: StudioRequest) -> HttpResponse:
    """Change one's address; the password is asked."""
    form = AddressForm(request.POST, person=request.user)
    return _change(request, form, own.move, "address_form", "#address")


@require_POST
def end_sessions(request: StudioRequest) -> HttpResponse:
    """End one of one's sessions, or all but this one."""
    form = SessionForm(request.POST)
    if not form.is_valid():
        raise Http404
    pk = form.cleaned_data["session"]
    if pk is None:
        sessions.end_all(person=request.user, actor=request.user)
        door.stay(request, request.user)
    elif session := sessions.of(request.user).filter(pk=pk).first():  # else it has ended by itself
        sessions.end(session=session, actor=request.user)
    return SeeOther(reverse("own.detail") + "#sessions")


def _change(
    request: StudioRequest, form: forms.Form, act: Callable[..., None], name: str, place: str
) -> HttpResponse:
    if not form.is_valid():
        return _detail(request, status=422, **{name: form})
    try:
        act(person=request.user, **form.cleaned_data)
    except StudioError as error:
        form.add_error(error.param or None, error.sentence)
        response = _detail(request, status=error.status, **{name: form})
        if error.retry_after:
            response["Retry-After"] = str(error.retry_after)
        return response
    messages.success(request, "Saved.")
    return SeeOther(reverse("own.detail") + place)


def _detail(request: StudioRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    here = request.session.session_key or ""
    context = {
        "form": OwnForm(person=request.user),
        "address_form": AddressForm(person=request.user),
        "export": Export.objects.of(request.user).first(),
        "sessions": [cards.session_of(row, current=here) for row in sessions.of(request.user)],
    }
    return render_page(request, "own/detail.html", context | more, status=status)
