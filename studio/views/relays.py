"""The administrators' pages for relays: add, test, order, pause, and what their models take."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards import kept_links, quarantine
from studio.cards import relays as relay_cards
from studio.errors import StudioError
from studio.forms.models import ModelForm, SwitchForm
from studio.forms.relays import PauseForm, RelayForm, StepForm
from studio.http import StudioRequest
from studio.models import Dialect, ImageModel, Relay, RelayRequest
from studio.services import audit
from studio.services.relays import catalogue, edit, removal
from studio.services.relays import figures as relay_figures
from studio.services.relays.catalogue import Probe
from studio.services.relays.defaults import USUAL_URLS
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only

ERRORS = 50
"""Errors on the page of a relay: all that may have a kept answer, on most days."""

SECTION = {"section": "relays"}
OTHERS = {
    Dialect.CHAT: "For relays whose models draw in a conversation.",
    Dialect.GENERIC: "For everything else that speaks like OpenAI: LiteLLM, LocalAI, vLLM and their kind.",
}


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show all relays in the order of the model picker."""
    return render_page(request, "relays/index.html", _index(), partial="relays")


@administrators_only
@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Add a relay and read its models; or only test what is typed, or fill in the usual address of its dialect."""
    if "fill" in request.POST:
        return render_page(request, "relays/new.html", _new(RelayForm(typed=request.POST)), partial="address")
    form = RelayForm(request.POST or None)
    if "test" in request.POST:
        return _try_out(request, form)
    if form.is_valid():
        try:
            relay = edit.add(administrator=request.user, **form.asked)
        except StudioError as error:
            form.add_error(error.param if error.param in form.fields else None, error.sentence)
        else:
            _read(request, relay)
            return _to(relay)
    return render_page(request, "relays/new.html", _new(form), status=422 if form.is_bound else 200)


@administrators_only
@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one relay with its models, figures and errors; POST changes it."""
    relay = _relay(request, pk)
    if request.method != "POST":
        if request.htmx:
            return render_page(request, "relays/detail.html", _models(request, relay), partial="others")
        return _detail(request, relay)
    if "fill" in request.POST:
        return _detail(request, relay, form=RelayForm(relay=relay, typed=request.POST))
    form = RelayForm(request.POST, relay=relay)
    if form.is_valid():
        try:
            changed = edit.edit(relay=relay, administrator=request.user, **form.asked)
        except StudioError as error:
            form.add_error(error.param if error.param in form.fields else None, error.sentence)
        else:
            messages.success(request, "Saved.")
            if changed.enabled and form.leads_elsewhere:
                _read(request, changed)
            return _to(relay)
    return _detail(request, relay, status=422, form=form)


@administrators_only
@require_POST
def test(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask the relay for its models and say what came; nothing is changed."""
    relay = _relay(request, pk)
    probe = catalogue.probe_relay(relay=relay, administrator=request.user)
    if request.htmx:
        return render_page(request, "relays/detail.html", {"probe": probe}, partial="probe")
    return _detail(request, relay, probe=probe)


@administrators_only
@require_POST
def sync(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Read the relay's models again."""
    relay = _relay(request, pk)
    _read(request, relay)
    return _to(relay)


@administrators_only
@require_POST
def pause(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Send the relay nothing more until it is resumed."""
    relay = _relay(request, pk)
    form = PauseForm(request.POST)
    if not form.is_valid():
        return _detail(request, relay, status=422, pause_form=form)
    edit.pause(relay=relay, administrator=request.user, reason=form.cleaned_data["reason"])
    return _to(relay)


@administrators_only
@require_POST
def resume(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let the relay draw again, and put its trouble away; what waits goes on by itself."""
    relay = _relay(request, pk)
    edit.resume(relay=relay, administrator=request.user)
    return _to(relay)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def deletion(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask before a relay is deleted for good; POST deletes it."""
    relay = _relay(request, pk)
    if request.method == "POST":
        removal.delete(relay=relay, administrator=request.user)
        messages.success(request, f"{relay.name} is deleted.")
        return SeeOther(reverse("relays.index"))
    facts = {"relay": relay, "was_asked": removal.was_asked(relay)}
    return render_page(request, "relays/deletion.html", SECTION | facts)


@administrators_only
@require_POST
def archive(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put a relay into the archive, or take it out again (`on` says which)."""
    relay = _relay(request, pk)
    act = removal.archive if request.POST.get("on") == "1" else removal.restore
    act(relay=relay, administrator=request.user)
    return _to(relay)


@administrators_only
@require_POST
def position(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Move a relay one place up or down."""
    relay, form = _relay(request, pk), StepForm(request.POST)
    if form.is_valid():
        edit.move(relay=relay, administrator=request.user, step=form.cleaned_data["step"])
    if request.htmx:
        return render_page(request, "relays/index.html", _index(), partial="relays")
    return SeeOther(f"{reverse('relays.index')}#relay-{relay.pk}")


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def model(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show what one model takes and may; POST changes it, and what was changed is kept from the relay's list."""
    row = fetch_or_404(request, ImageModel.objects.select_related("relay", "stand_in__relay"), pk)
    form = ModelForm(request.POST or None, model=row, stand_ins=ImageModel.objects.offered())
    if form.is_valid():
        if form.changes:
            edit.edit_model(model=row, administrator=request.user, **form.changes)
        messages.success(request, f"{row.label}: saved.")
        return _to(row.relay, f"#model-{row.pk}")
    context = SECTION | {"model": row, "relay": row.relay, "form": form, "by_hand": row.by_hand}
    return render_page(request, "relays/model.html", context, status=422 if form.is_bound else 200)


@administrators_only
@require_POST
def switch(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Say of a model that it draws, or offer one that does, or no longer."""
    row = fetch_or_404(request, ImageModel.objects.select_related("relay", "stand_in__relay"), pk)
    form = SwitchForm(request.POST)
    if form.is_valid() and form.changes:
        row = edit.edit_model(model=row, administrator=request.user, **form.changes)
    q = request.GET.get("q", "")
    if not request.htmx:
        return _to(row.relay, f"{'?' + request.GET.urlencode() if q else ''}#model-{row.pk}")
    said = "draws" if "draws" in request.POST else "enabled"
    context = _models(request, _relay(request, row.relay_id))
    context |= {"row": relay_cards.row_of(row, row.relay, q=q)}
    return render_page(request, "relays/answers.html", context, partial=said)


@administrators_only
@require_safe
def answer(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one request on the wire with the relay's answer; that it was opened is written down."""
    relay_request = fetch_or_404(request, RelayRequest.objects.select_related(*relay_cards.OF_A_REQUEST), pk)
    relay = relay_request.model.relay if relay_request.model else relay_request.generation.model.relay
    audit.record(
        actor=request.user, action="relay.answer_opened", subject=relay.pk, request=str(relay_request.pk)
    )
    context = SECTION | relay_cards.answer_of(relay_request) | {"relay": relay}
    return render_page(request, "relays/answer.html", context)


def _relay(request: StudioRequest, pk: UUID) -> Relay:
    return fetch_or_404(request, Relay.objects.with_model_counts(), pk)


def _to(relay: Relay, place: str = "") -> HttpResponse:
    return SeeOther(reverse("relays.detail", args=[relay.pk]) + place)


def _index() -> dict[str, Any]:
    rows = list(Relay.objects.with_model_counts())
    used = [row for row in rows if row.archived_at is None]
    away = [row for row in rows if row.archived_at]
    cards = relay_cards.cards_of(used, relay_figures.figures(relays=used))
    return SECTION | {"relays": cards, "archived": away, "relays_in_trouble": []}  # each says it itself


def _detail(request: StudioRequest, relay: Relay, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show the page of one relay, with what was typed into its forms."""
    figures = relay_figures.figures(relays=[relay], errors=ERRORS)[relay.pk]
    context = _models(request, relay) | {
        "card": relay_cards.card_of(relay, figures),
        "trouble": relay_cards.trouble_of(relay),
        "relays_in_trouble": list(Relay.objects.in_trouble().exclude(pk=relay.pk)),
        "can_delete": not removal.was_asked(relay),
        "errors": relay_cards.errors_of(figures),
        "links": kept_links.lines_of(relay),
        "set_aside": quarantine.lines_of(relay),
        "form": RelayForm(relay=relay),
        "pause_form": PauseForm(),
        "urls": list(USUAL_URLS.values()),
    }
    return render_page(request, "relays/detail.html", context | more, status=status)


def _models(request: StudioRequest, relay: Relay) -> dict[str, Any]:
    q, whole = request.GET.get("q", "")[:100], "all" in request.GET
    rows = relay.models.select_related("stand_in__relay").order_by("label")
    lists = relay_cards.lists_of(relay, rows, q=q, whole=whole)
    return SECTION | {"relay": relay, "models": lists, "q": q}


def _try_out(request: StudioRequest, form: RelayForm) -> HttpResponse:
    """Test what is typed, without keeping any of it."""
    probe: Probe | None = None
    if form.is_valid():
        asked = {name: form.asked[name] for name in ("dialect", "base_url", "api_key")}
        probe = catalogue.probe(administrator=request.user, **asked)
    status = 200 if probe else 422
    context = _new(form) | {"probe": probe}
    return render_page(request, "relays/new.html", context, partial="tried", status=status)


def _read(request: StudioRequest, relay: Relay) -> None:
    """Read the relay's models and say what came of it on the next page; a failure stands there until it is mended."""
    try:
        found = catalogue.sync(relay=relay, administrator=request.user)
    except StudioError as error:
        relay.refresh_from_db(fields=["trouble"])
        if relay.trouble != catalogue.UNREAD:
            messages.error(request, f"Its models could not be read. {error.sentence}")
    else:
        messages.success(request, found.sentence)


def _new(form: RelayForm) -> dict[str, Any]:
    return SECTION | {"form": form, "urls": list(USUAL_URLS.values()), "dialects": _dialects()}


def _dialects() -> list[tuple[str, str, str]]:
    """Say of each dialect whose it is and where that relay answers."""
    return [(dialect.label, OTHERS.get(dialect, ""), USUAL_URLS.get(dialect, "")) for dialect in Dialect]
