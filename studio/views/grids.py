"""Grids: one prompt drawn with every combination of some values, in a table."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards.costs import sum_of
from studio.cards.grids import grid_card_of
from studio.cards.picker import Picker, group_name
from studio.cards.presets import house_of
from studio.cards.screened import ScreenedCard, screened_of
from studio.cleaning import clean_text
from studio.errors import StudioError
from studio.forms.grids import GridForm
from studio.http import StudioRequest
from studio.models import Generation, Grid, Prompt, User
from studio.relays.settings import TEXT_LENGTH, in_order
from studio.services import accounts, grids, presets
from studio.services.screening import gate
from studio.services.screening.gate import Screened
from studio.views.fetch import as_uuid, fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.words import say

SECTION = {"section": "create"}
ORIGIN = ("parent", "saved", "collection")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """The form; POST shows it with what was typed, so that prompts stay out of addresses and logs."""
    data = request.POST
    wanted = _typed(data) if request.method == "POST" else _wanted(request)
    house = presets.chosen(person=request.user, pk=as_uuid(str(wanted.get("preset") or "")))
    if house and data.get("preset", "") != data.get("preset_was", ""):
        wanted |= {name: [str(value)] for name, value in house.settings.items()}
    picker = Picker(request.user, house)
    if not wanted.get("models"):
        first, _ = picker.pick(request.user.last_choice.get("model"))
        wanted["models"] = [str(first.pk)] if first else []
    form = GridForm.opened(picker.models, picker.obstacles, house, **{"shared": request.user.shares} | wanted)
    if request.htmx:
        return render_page(request, "grids/new.html", _settings(form, request.user), partial="grid-settings")
    return _page(request, form)


@require_POST
def create(request: StudioRequest) -> HttpResponse:
    """Start a grid; the same submission twice is the same grid."""
    house = presets.chosen(person=request.user, pk=as_uuid(request.POST.get("preset")))
    picker = Picker(request.user, house)
    form = GridForm(request.POST, offered=picker.models, obstacles=picker.obstacles, house=house)
    if not form.is_valid():
        return _page(request, _fresh(form), status=422)
    data = form.cleaned_data
    try:
        row = grids.start(
            person=request.user,
            submission_id=data["submission_id"],
            wish=form.wish,
            acknowledged=data["acknowledged"],
        )
    except Screened as error:
        return _page(request, _fresh(form), status=error.status, screened=screened_of(error.findings))
    except StudioError as error:
        form.add_error(error.param if error.param in form.fields else None, error.sentence)
        return _page(request, _fresh(form), status=422 if error.status == 400 else error.status)
    accounts.remember_audience(person=request.user, shared=form.wish.shared)
    return _to(row)


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """One grid as a table; htmx gets it alone."""
    row = fetch_or_404(request, Grid.objects.visible_to(request.user).select_related("owner"), pk)
    context = SECTION | {"card": grid_card_of(row, person=request.user)}
    return render_page(request, "grids/detail.html", context, partial="grid")


@require_POST
def cancellation(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take back the cells that wait."""
    row = fetch_or_404(request, Grid.objects.owned_by(request.user), pk)
    count = grids.cancel(grid=row, person=request.user)
    messages.success(request, say("grid_taken_back", {"count": count}))
    return _to(row)


def _to(row: Grid) -> HttpResponse:
    return SeeOther(reverse("grids.detail", args=[row.pk]))


def _page(
    request: StudioRequest, form: GridForm, *, status: int = 200, screened: ScreenedCard | None = None
) -> HttpResponse:
    context = _settings(form, request.user) | {
        "screens": gate.is_open(),
        "screened": screened,
        "anyway": "Draw anyway",
    }
    return render_page(request, "grids/new.html", context, status=status)


def _settings(form: GridForm, person: User) -> dict[str, Any]:
    house = form.house and house_of(form.house, (form.chosen or form.offered)[0])
    return SECTION | {
        "form": form,
        "groups": list(_groups(form)),
        "presets": presets.offered(person=person),
        "obliged": bool(presets.obliging(person)),
        "house": house,
        "cost": sum_of(form.parts, person),
    }


def _groups(form: GridForm) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each relay's name with its models; one that cannot be used can only be unticked."""
    relays: dict[str, list[dict[str, Any]]] = {}
    chosen, names = set(form.chosen), Counter(model.label for model in form.offered)
    for model in form.offered:
        obstacle, checked = form.obstacles[model.pk], model in chosen
        label = f"{model.label}, {model.relay.name}" if names[model.label] > 1 else model.label
        line: dict[str, Any] = {"value": str(model.pk), "label": label, "obstacle": obstacle.said()}
        line |= {"checked": checked, "disabled": bool(obstacle) and not checked}
        relays.setdefault(group_name(model), []).append(line)
    yield from relays.items()


def _wanted(request: StudioRequest) -> dict[str, Any]:
    """Return what `?prompt=` names, or the grid or the run that `?from=` names, as far as the person may see it."""
    if "prompt" in request.GET:
        prompts = Prompt.objects.visible_to(request.user)
        prompt = fetch_or_404(request, prompts, as_uuid(request.GET["prompt"]))
        origin = {"prompt": prompt.text, "parent": prompt.pk}
        return origin | ({} if prompt.shared_at else {"shared": False})
    if "from" not in request.GET:
        return {}
    grid = fetch_or_404(request, Grid.objects.visible_to(request.user), as_uuid(request.GET["from"]))
    cells = list(Generation.objects.visible_to(request.user).in_cells_of(grid))
    whole = grid.owner_id == request.user.pk or grid.shows_all(len(cells))
    wanted: dict[str, Any] = {"prompt": grid.text if whole else cells[0].prompt.text}
    wanted["n"] = max((cell.n for cell in cells), default=1)
    wanted["models"] = list(dict.fromkeys(str(cell.model_id) for cell in cells))
    names = in_order({name for cell in cells for name in cell.settings})
    for name in names:
        wanted[name] = list(
            dict.fromkeys(str(cell.settings[name]) for cell in cells if name in cell.settings)
        )
    return wanted | ({} if any(cell.shared for cell in cells) else {"shared": False})


def _typed(data: QueryDict) -> dict[str, Any]:
    """Return what was typed here, or into the composer, whose one model and count are taken over."""
    typed: dict[str, Any] = {
        name: data.getlist(name) for name in data if name not in ("csrfmiddlewaretoken",)
    }
    typed |= {"prompt": clean_text(data.get("prompt", ""))[:TEXT_LENGTH], "n": data.get("n", "1")}
    typed |= {name: as_uuid(data.get(name)) for name in ORIGIN}
    typed |= {"preset": data.get("preset", "")}
    typed |= {"shared": data["shared"] == "1"} if "shared" in data else {}
    if "model" in data:
        typed |= {"models": data.getlist("model"), "n": "1"}
    return typed


def _fresh(form: GridForm) -> GridForm:
    """Keep the form as it was sent, but let its next sending be another grid."""
    data = form.data.copy() if isinstance(form.data, QueryDict) else QueryDict(mutable=True)
    data["submission_id"] = str(uuid4())
    form.data = data
    return form
