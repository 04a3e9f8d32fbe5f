"""House presets: administrators write, order and put away what they fix for the team."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards.presets import rows_of
from studio.errors import StudioError
from studio.forms.presets import PresetForm
from studio.forms.relays import StepForm
from studio.http import StudioRequest
from studio.models import ImageModel, Preset
from studio.services import presets
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only
from studio.words import say

SECTION = {"section": "presets"}


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show all presets in the order in which people choose from them."""
    rows = rows_of(Preset.objects.in_order(), ImageModel.objects.offered())
    return render_page(request, "presets/index.html", SECTION | {"rows": rows})


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Write a preset."""
    form = PresetForm(request.POST or None, models=list(ImageModel.objects.offered()))
    if not form.is_valid():
        return _page(request, form)
    try:
        row = presets.add(administrator=request.user, **form.facts)
    except StudioError as error:
        return _refused(request, form, error)
    messages.success(request, say("preset_saved", {"preset": row.name}))
    return SeeOther(reverse("presets.index"))


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Change a preset; who comes second to the same version is told so."""
    row = _preset(request, pk)
    form = PresetForm(request.POST or None, models=list(ImageModel.objects.offered()), preset=row)
    if not form.is_valid():
        return _page(request, form)
    seen = form.cleaned_data["version"] or 0
    try:
        presets.edit(preset=row, administrator=request.user, version=seen, **form.facts)
    except StudioError as error:
        return _refused(request, form, error)
    messages.success(request, say("preset_saved", {"preset": row.name}))
    return SeeOther(reverse("presets.index"))


@administrators_only
@require_POST
def position(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Move a preset one place up or down."""
    row, form = _preset(request, pk), StepForm(request.POST)
    if form.is_valid():
        presets.move(preset=row, administrator=request.user, step=form.cleaned_data["step"])
    return SeeOther(f"{reverse('presets.index')}#preset-{row.pk}")


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def retirement(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask before a preset is put away; POST does it."""
    row = _preset(request, pk)
    if request.method != "POST":
        return render_page(request, "presets/retirement.html", SECTION | {"preset": row})
    presets.retire(preset=row, administrator=request.user)
    messages.success(request, say("preset_retired", {"preset": row.name}))
    return SeeOther(reverse("presets.index"))


def _preset(request: StudioRequest, pk: UUID) -> Preset:
    return fetch_or_404(request, Preset.objects.in_order(), pk)


def _page(request: StudioRequest, form: PresetForm, *, status: int = 200) -> HttpResponse:
    status = 422 if form.is_bound and form.errors and status == 200 else status
    return render_page(request, "presets/detail.html", SECTION | {"form": form}, status=status)


def _refused(request: StudioRequest, form: PresetForm, error: StudioError) -> HttpResponse:
    form.add_error(error.param if error.param in form.fields else None, error.sentence)
    return _page(request, form, status=422 if error.status == 400 else error.status)
