"""The first page of administration, the settings, and what is said to everybody."""

from typing import Any

from django.conf import settings as options
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards import health as cards
from studio.errors import StudioError
from studio.forms.team import AnnouncementForm, ChoicesForm, StopForm
from studio.http import StudioRequest
from studio.models import Installation, installation
from studio.services import health, retention, team
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only
from studio.words import say


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show how the studio stands and what to do about it."""
    found = health.look()
    context = {
        "section": "health",
        "troubles": cards.troubles_of(found, installation()),
        "groups": cards.groups_of(found),
        "relays": cards.relays_of(found),
        "relays_in_trouble": [],  # they stand among the troubles
    }
    return render_page(request, "administration/index.html", context)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: StudioRequest) -> HttpResponse:
    """Show every setting and where it comes from; change those that are the team's choice."""
    if request.method != "POST":
        return _settings(request)
    form = ChoicesForm(request.POST)
    if not form.is_valid():
        return _settings(request, choices=form, status=422)
    days = form.cleaned_data["retention_days"]
    if days and days != _row().retention_days and "sure" not in request.POST:
        preview = retention.preview(days=days)
        if preview.goes:
            return _settings(request, choices=form, preview=preview)
    team.choose(administrator=request.user, **form.choices)
    messages.success(request, say("team_chosen", {}))
    return SeeOther(reverse("administration.settings"))


@administrators_only
@require_POST
def drawing(request: StudioRequest) -> HttpResponse:
    """Stop drawing for everybody, or let it go on."""
    form = StopForm(request.POST)
    if not form.is_valid():
        return _settings(request, stop=form, status=422)
    try:
        if request.POST.get("on") == "1":
            team.resume_drawing(administrator=request.user)
        else:
            team.stop_drawing(administrator=request.user, why=form.cleaned_data["why"])
    except StudioError as error:
        return _refused(request, error, stop=form)
    return SeeOther(reverse("administration.settings"))


@administrators_only
@require_POST
def announcement(request: StudioRequest) -> HttpResponse:
    """Say something to everybody, or take it back."""
    form = AnnouncementForm(request.POST)
    if not form.is_valid():
        return _settings(request, announcement=form, status=422)
    try:
        if "withdraw" in request.POST:
            team.withdraw_announcement(administrator=request.user)
        else:
            team.announce(administrator=request.user, **form.cleaned_data)
            messages.success(request, say("announced", {}))
    except StudioError as error:
        return _refused(request, error, announcement=form)
    return SeeOther(reverse("administration.settings"))


@require_POST
def dismissal(request: StudioRequest) -> HttpResponse:
    """Put the announcement away."""
    team.dismiss_announcement(person=request.user)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return SeeOther(back if is_ours else reverse("generations.index"))


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Tell a machine that this process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Tell a machine whether the studio can work: its database, its migrations, its storage."""
    found = health.is_ready()
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def _refused(request: StudioRequest, error: StudioError, **forms: Any) -> HttpResponse:
    form = next(iter(forms.values()))
    form.add_error(error.param if error.param in form.fields else None, error.sentence)
    return _settings(request, status=422 if error.param else error.status, **forms)


def _settings(request: StudioRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    row = _row()
    context = {
        "section": "settings",
        "row": row,
        "choices": ChoicesForm.opened(row),
        "stop": StopForm(),
        "announcement": AnnouncementForm(),
        "variables": options.VARIABLES,
    }
    return render_page(request, "administration/settings.html", context | more, status=status)


def _row() -> Installation:
    return Installation.objects.first() or Installation()
