"""Create: the composer, the feed of one's generations, and what their owner does with them."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget

from studio.cards.costs import cost_of
from studio.cards.feed import feed_of
from studio.cards.generations import card_of
from studio.cards.made import Made, made_of
from studio.cards.picker import Picker
from studio.cards.presets import house_of
from studio.cards.prompt_help import FIRST, HELP
from studio.cards.requests import lines_of
from studio.cards.screened import ScreenedCard, screened_of
from studio.cards.tokens import samples_of
from studio.errors import StudioError
from studio.forms.generations import GenerationForm
from studio.forms.switching import carried, write_aside
from studio.http import StudioRequest
from studio.models import Generation, ImageModel, Preset, User
from studio.models.runs import DRAWN_BY
from studio.prepared import prepared
from studio.services import accounts, collections, generations, presets, repeats, sharing
from studio.services.repeats import AlreadyMade
from studio.services.screening import gate
from studio.services.screening.gate import Screened
from studio.views.fetch import as_uuid, fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.wanted import added, from_library, housed, wanted_of
from studio.words import Reason

ORIGIN = ("parent", "saved", "collection")


@require_GET
def index(request: StudioRequest) -> HttpResponse:
    """The composer above the feed; `?before=` gives an older page of the feed."""
    feed = _feed(request)
    if request.htmx and "before" in request.GET:
        return render_page(request, "generations/index.html", feed, partial="feed-page")
    return render_page(request, "generations/index.html", _opening(request) | feed)


@require_http_methods(["GET", "HEAD", "POST"])
def composer(request: StudioRequest) -> HttpResponse:
    """The composer for another model; POST keeps prompts out of addresses and logs, and remembers the choice."""
    data = request.POST if request.method == "POST" else request.GET
    house = presets.chosen(person=request.user, pk=as_uuid(data.get("preset")))
    picker = Picker(request.user, house)
    model, notes = picker.pick(data.get("model") or request.user.last_choice.get("model"))
    if model is None:
        return SeeOther(reverse("generations.index"))
    wanted = {"shared": request.user.shares, **data.dict(), **from_library(request)}
    fresh = data.get("preset", "") != data.get("preset_was", "")
    form, told = _carried(wanted, model, house, fresh=fresh)
    form.initial["prompt"] = added(form.initial["prompt"], data.get("add", ""))
    if request.method == "POST":
        accounts.remember_choice(person=request.user, **form.choice)
    context = _composer(form, picker) | told | {"notes": notes}
    if request.htmx:
        return render_page(request, "generations/index.html", context, partial="composer")
    return render_page(request, "generations/index.html", context | _feed(request))


@prepared
def _offered(pk: UUID) -> QuerySet[ImageModel]:
    return ImageModel.objects.offered().filter(pk=pk)


@prepared
def _submitted(person: User, submission_id: UUID) -> QuerySet[Generation, UUID]:
    rows = Generation.objects.owned_by(person).submitted_as(submission_id)
    return rows.values_list("pk", flat=True)


@require_POST
def estimate(request: StudioRequest) -> HttpResponse:
    """Say what the form as it stands would cost; without JavaScript the button that shows settings does."""
    wanted = as_uuid(request.POST.get("model"))
    model = _offered.first(wanted) if wanted else None
    if model is None or not request.htmx:
        return SeeOther(reverse("generations.index"))
    house = presets.chosen(person=request.user, pk=as_uuid(request.POST.get("preset")))
    form = GenerationForm(request.POST, model=model, house=house)
    return render(request, "generations/index.html#estimate", {"cost": cost_of(form, request.user)})


@require_POST
def create(request: StudioRequest) -> HttpResponse:
    """Start a generation; the same submission twice is the same generation."""
    wanted = as_uuid(request.POST.get("model"))
    chosen = _offered(wanted) if wanted else []
    model = chosen[0] if chosen else Picker(request.user).first
    if model is None:
        raise StudioError(Reason("no_model"))
    house = presets.chosen(person=request.user, pk=as_uuid(request.POST.get("preset")))
    form = GenerationForm.sent(request.POST, chosen, model, person=request.user, house=house)
    if not form.is_valid():
        return _again(request, form, status=422)
    started = bool(_submitted(request.user, form.known_by))
    try:
        if not started:
            repeats.look(person=request.user, order=form.order, again=request.POST.get("again", ""))
        passed = form.cleaned_data["acknowledged"]
        row = generations.submit(
            person=request.user, submission_id=form.known_by, order=form.order, acknowledged=passed
        )
    except Screened as error:
        return _again(request, form, status=error.status, screened=screened_of(error.findings))
    except AlreadyMade as error:
        made = made_of(error, request.user)
        return _again(request, form, status=error.status, made=made)
    except StudioError as error:
        form.add_error(error.param if error.param in form.fields else None, error.sentence)
        return _again(request, form, status=error.status)
    accounts.remember_choice(person=request.user, **_choice_of(row), aside=form.cleaned_data["aside"])
    return _started(request, row, form, twice=started)


def _choice_of(row: Generation) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("model", "settings", "n", "shared", "preset")}


@require_GET
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """One generation on a page of its own."""
    row = fetch_or_404(request, _visible(request), pk)
    if row.comparison_id:
        return _to_comparison(row)
    context = {
        "card": card_of(row, person=request.user),
        "requests": lines_of(row),
        "samples": samples_of(row),
    }
    return render_page(request, "generations/detail.html", context)


@require_POST
def cancellation(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take a waiting generation back."""
    return _act(request, pk, generations.cancel)


@require_POST
def stop_waiting(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put aside what the relay is drawing."""
    return _act(request, pk, generations.stop_waiting)


@require_POST
def retry(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask again for what is missing."""
    return _act(request, pk, generations.retry)


@require_POST
def share(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show a run to the team with its pictures, its prompt and its settings, or take all of it back."""
    shared = request.POST.get("on") == "1"
    answer = _act(request, pk, partial(sharing.share_generation, shared=shared))
    return answer if request.htmx else SeeOther(reverse("generations.detail", args=[pk]))


@require_POST
def closure(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put a trouble away."""
    return _act(request, pk, generations.close)


def _own(request: StudioRequest) -> Any:
    return Generation.objects.owned_by(request.user)


def _visible(request: StudioRequest) -> Any:
    return Generation.objects.visible_to(request.user).select_related("prompt", "owner", *DRAWN_BY)


def _act(request: StudioRequest, pk: UUID, service: Callable[..., None]) -> HttpResponse:
    row = fetch_or_404(request, _own(request), pk)
    service(generation=row, person=request.user)
    if request.htmx or row.comparison_id:
        return _card(request, pk)
    if row.grid_id:
        return SeeOther(reverse("generations.detail", args=[pk]))
    return SeeOther(f"{reverse('generations.index')}#generation-{pk}")


def _card(request: StudioRequest, pk: UUID) -> HttpResponse:
    row = fetch_or_404(request, _visible(request), pk)
    if row.comparison_id:
        return _to_comparison(row)
    return render(request, "components/generation.html", {"card": card_of(row, person=request.user)})


def _to_comparison(row: Generation) -> HttpResponse:
    """A generation of a comparison is shown there alone: a blind one has no name of its own."""
    return SeeOther(f"{reverse('comparisons.detail', args=[row.comparison_id])}#generation-{row.pk}")


def _feed(request: StudioRequest) -> dict[str, Any]:
    before = as_uuid(request.GET.get("before"))
    return feed_of(request.user, before=before) | {"section": "create"}


def _composer(form: GenerationForm, picker: Picker) -> dict[str, Any]:
    return {
        "form": form,
        "groups": picker.groups(form.model),
        "chosen": picker.option(form.model, selected=True),
        "only_sandbox": picker.only_sandbox,
        "screens": gate.is_open(),
        "cost": cost_of(form, picker.person),
        "chips": FIRST,
        "help": HELP,
        "presets": presets.offered(person=picker.person),
        "obliged": bool(presets.obliging(picker.person)),
        "house": house_of(form.house, form.model),
        "collections": partial(collections.offered, person=picker.person),
        "section": "create",
    }


def _opening(request: StudioRequest) -> dict[str, Any]:
    """Return the composer as it opens; nothing when there is no model at all."""
    wanted = wanted_of(request)
    house = presets.chosen(person=request.user, pk=as_uuid(str(wanted["preset"] or "")))
    picker = Picker(request.user, house)
    model, notes = picker.pick(wanted["model"])
    if model is None:
        return {}
    form, told = _carried(wanted, model, house, fresh="preset" in request.GET)
    return _composer(form, picker) | told | {"notes": [*wanted.get("notes", []), *notes], "opening": True}


def _carried(
    wanted: dict[str, Any], model: ImageModel, house: Preset | None, *, fresh: bool
) -> tuple[GenerationForm, dict[str, Any]]:
    """Return the form for a model with what fits of the wishes, and what there is to tell of the others.

    A preset that was chosen just now (`fresh`) brings its own wishes.
    """
    found = carried(housed(wanted, house, fresh=fresh), model)
    origin = {name: as_uuid(str(wanted.get(name) or "")) for name in ORIGIN}
    form = GenerationForm.opened(model, house=house, **found.kept, **origin, aside=write_aside(found.aside))
    return form, {"aside": found.said, "back": found.back}


def _started(request: StudioRequest, row: Generation, form: GenerationForm, *, twice: bool) -> HttpResponse:
    """Answer with the new card; the composer stands as it is, unless it told of errors or what was set aside."""
    if not request.htmx:
        return SeeOther(reverse("generations.index"))
    if twice:
        context = _composer(_fresh(form), Picker(request.user, form.house)) | {"row": row}
        return reswap(render(request, "generations/index.html#already-started", context), "none")
    tells = "tells" in request.POST
    context = (
        _composer(_fresh(form), Picker(request.user, form.house)) if tells else {"submission_id": uuid4()}
    )
    context["cost"] = cost_of(form, request.user)
    context |= {"card": card_of(row, person=request.user), "again": request.POST.get("again", "")}
    return render(request, "generations/index.html#started", context)


def _again(
    request: StudioRequest, form: GenerationForm, *, status: int, **told: ScreenedCard | Made | None
) -> HttpResponse:
    """Give the form back with everything typed, what there is to tell of it, and a new submission id."""
    context = _composer(_fresh(form), Picker(request.user, form.house)) | told
    if not request.htmx:
        return render_page(request, "generations/index.html", context | _feed(request), status=status)
    response = render_page(request, "generations/index.html", context, partial="composer", status=status)
    response["HX-Reswap"] = "outerMorph"
    return retarget(response, "#composer")


def _fresh(form: GenerationForm) -> GenerationForm:
    """Keep the form as it was sent, but let its next sending be another generation."""
    data = form.data.copy() if isinstance(form.data, QueryDict) else dict(form.data)
    data["submission_id"] = str(uuid4())
    form.data = data
    return form
