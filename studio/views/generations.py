"""Create: the composer, the feed of one's generations, and what their owner does with them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget

from studio.errors import StudioError
from studio.forms.generations import GenerationForm, carried, model_label
from studio.http import StudioRequest
from studio.models import Generation, ImageModel, Prompt
from studio.services import generations
from studio.views.cards import card_of, cards_of, token_of
from studio.views.page import render_page

PAGE = 10
CHIPS = (
    "oil painting",
    "35mm photo",
    "close-up",
    "bird’s-eye view",
    "golden hour",
    "soft bokeh",
    "muted earth tones",
)


class SeeOther(HttpResponseRedirect):
    """Sends a browser on with GET after a POST."""

    status_code = 303


@require_GET
def index(request: StudioRequest) -> HttpResponse:
    """The composer above the feed; `?before=` gives an older page of the feed."""
    models = list(ImageModel.objects.usable())
    feed = _feed(request)
    if request.htmx and "before" in request.GET:
        return render_page(request, "generations/index.html", feed, partial="feed-page")
    form = _opening(request, models)
    return render_page(request, "generations/index.html", _composer(form, models) | feed)


@require_http_methods(["GET", "HEAD", "POST"])
def composer(request: StudioRequest) -> HttpResponse:
    """The composer for another model; POST keeps prompts out of addresses and logs, and changes nothing."""
    models = list(ImageModel.objects.usable())
    data = request.POST if request.method == "POST" else request.GET
    model = _chosen(request, models, data.get("model"))
    if model is None:
        return SeeOther(reverse("generations.index"))
    kept, aside = carried(data.dict(), model)
    kept["prompt"] = _added(kept["prompt"], data.get("add", ""))
    context = _composer(GenerationForm.opened(model, **kept), models) | {"aside": aside}
    if request.htmx:
        return render_page(request, "generations/index.html", context, partial="composer")
    return render_page(request, "generations/index.html", context | _feed(request))


@require_POST
def create(request: StudioRequest) -> HttpResponse:
    """Start a generation; the same submission twice is the same generation."""
    models = list(ImageModel.objects.usable())
    fallback = _chosen(request, models, None)
    if fallback is None:
        raise StudioError("There is no model to draw with yet.", code="no_model")
    form = GenerationForm.sent(request.POST, models, fallback)
    if not form.is_valid():
        return _again(request, form, models, status=422)
    mine = Generation.objects.owned_by(request.user)
    started = mine.submitted_as(form.cleaned_data["submission_id"]).exists()
    try:
        row = generations.submit(person=request.user, **form.asked)
    except StudioError as error:
        form.add_error(error.param if error.param in form.fields else None, error.sentence)
        return _again(request, form, models, status=error.status)
    return _started(request, row, form, models, twice=started)


@require_GET
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """One generation on a page of its own."""
    row = get_object_or_404(_own(request).select_related("model__relay", "prompt", "owner"), pk=pk)
    return render_page(request, "generations/detail.html", {"card": card_of(row, person=request.user)})


@require_GET
def card(request: StudioRequest, pk: UUID) -> HttpResponse:
    """The card as it is now, or 204 when it still says what `?v=` says."""
    row = get_object_or_404(_own(request), pk=pk)
    if request.GET.get("v") in (str(row.version), token_of(row)) and "v" in request.GET:
        return HttpResponse(status=204)
    return _card(request, pk)


@require_POST
def cancellation(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take a waiting generation back."""
    return _act(request, pk, generations.cancel)


@require_POST
def retry(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask again for what is missing."""
    return _act(request, pk, generations.retry)


@require_POST
def closure(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put a trouble away."""
    return _act(request, pk, generations.close)


def _own(request: StudioRequest) -> Any:
    return Generation.objects.owned_by(request.user)


def _act(request: StudioRequest, pk: UUID, service: Callable[..., None]) -> HttpResponse:
    row = get_object_or_404(_own(request), pk=pk)
    service(generation=row, person=request.user)
    return _card(request, pk) if request.htmx else SeeOther(f"{reverse('generations.index')}#generation-{pk}")


def _card(request: StudioRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(_own(request).select_related("model__relay", "prompt", "owner"), pk=pk)
    return render(request, "components/generation.html", {"card": card_of(row, person=request.user)})


def _feed(request: StudioRequest) -> dict[str, Any]:
    mine = _own(request).newest_first().before(_uuid(request.GET.get("before")))
    rows = list(mine.select_related("model__relay", "prompt", "owner")[: PAGE + 1])
    shown = rows[:PAGE]
    older = shown[-1].pk if len(rows) > PAGE else None
    return {"cards": cards_of(shown, person=request.user), "older": older, "section": "create"}


def _composer(form: GenerationForm | None, models: list[ImageModel]) -> dict[str, Any]:
    groups: dict[str, list[tuple[ImageModel, str]]] = {}
    for model in models:
        groups.setdefault(model.relay.name, []).append((model, model_label(model)))
    return {"form": form, "groups": groups.items(), "chips": CHIPS, "section": "create"}


def _chosen(request: StudioRequest, models: list[ImageModel], wanted: str | None) -> ImageModel | None:
    """Return the wanted model, else the one used last, else the first."""
    last = _own(request).newest_first().values_list("model_id", flat=True).first()
    usable = {str(model.pk): model for model in models}
    return usable.get(str(wanted)) or usable.get(str(last)) or next(iter(models), None)


def _opening(request: StudioRequest, models: list[ImageModel]) -> GenerationForm | None:
    """Return the empty form, or one filled from `?from=` (a generation), `?prompt=` or `?add=`."""
    wanted: dict[str, Any] = {}
    model = None
    if "from" in request.GET:
        visible = Generation.objects.visible_to(request.user).select_related("prompt")
        row = get_object_or_404(visible, pk=_uuid(request.GET["from"]))
        model = _chosen(request, models, str(row.model_id))
        if model:
            wanted = model.fitting(row.settings) | {"n": min(row.n, model.max_n), "prompt": row.prompt.text}
    elif "prompt" in request.GET:
        prompts = Prompt.objects.visible_to(request.user)
        wanted["prompt"] = get_object_or_404(prompts, pk=_uuid(request.GET["prompt"])).text
    model = model or _chosen(request, models, request.GET.get("model"))
    wanted["prompt"] = _added(wanted.get("prompt", ""), request.GET.get("add", ""))
    return GenerationForm.opened(model, **wanted) if model else None


def _added(prompt: str, words: str) -> str:
    """Return the prompt with one more phrase at its end; only our own phrases are added."""
    return ", ".join(filter(None, [prompt.rstrip(" ,"), words])) if words in CHIPS else prompt


def _started(
    request: StudioRequest, row: Generation, form: GenerationForm, models: list[ImageModel], *, twice: bool
) -> HttpResponse:
    if not request.htmx:
        return SeeOther(reverse("generations.index"))
    context = _composer(_fresh(form), models) | {"row": row}
    if twice:
        return reswap(render(request, "generations/index.html#already-started", context), "none")
    whole = _own(request).select_related("model__relay", "prompt", "owner").get(pk=row.pk)
    context["card"] = card_of(whole, person=request.user)
    return render(request, "generations/index.html#started", context)


def _again(
    request: StudioRequest, form: GenerationForm, models: list[ImageModel], *, status: int
) -> HttpResponse:
    """Give the form back with everything typed, the errors, and a new submission id."""
    context = _composer(_fresh(form), models)
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


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
