"""Compare: one prompt drawn by two to four models, side by side, with or without their names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards.comparisons import group_cards_of
from studio.cards.costs import price_of, sum_of
from studio.cards.picker import Picker
from studio.cards.screened import ScreenedCard, screened_of
from studio.cleaning import clean_text
from studio.errors import StudioError
from studio.forms.comparisons import ComparisonForm, PickForm, carried_over, plan_of
from studio.forms.generations import usual_seconds
from studio.http import StudioRequest
from studio.models import Comparison, ImageModel, Prompt, User
from studio.relays.settings import TEXT_LENGTH
from studio.services import accounts, comparisons, presets
from studio.services.screening import gate
from studio.services.screening.gate import Screened
from studio.views.fetch import as_uuid, fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.words import Reason

RECENT = 6
SECTION = {"section": "create"}


@dataclass(frozen=True)
class Candidate:
    """One model to tick: its usual time and price or why it cannot be used, and what it makes of the shape."""

    value: str
    label: str
    usual: str
    price: str
    obstacle: Reason
    draws: str
    note: str
    checked: bool
    disabled: bool

    @property
    def says(self) -> str:
        """What it makes of the shape."""
        return ", ".join(filter(None, [self.draws, self.note]))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """The form; POST shows it with what was typed, so that prompts stay out of addresses and logs."""
    picker = Picker(request.user)
    typed = _typed(request.POST) if request.method == "POST" else _wanted(request)
    form = ComparisonForm.opened(picker.models, picker.obstacles, **(_usual(request, picker) | typed))
    if request.htmx:
        return render_page(
            request, "comparisons/new.html", _settings(form, request.user), partial="comparison-settings"
        )
    return _page(request, form)


@require_POST
def create(request: StudioRequest) -> HttpResponse:
    """Start a comparison; the same submission twice is the same comparison."""
    picker = Picker(request.user)
    form = ComparisonForm(request.POST, offered=picker.models, obstacles=picker.obstacles)
    if not form.is_valid():
        return _page(request, _fresh(form), status=422)
    try:
        row = comparisons.start(person=request.user, **form.asked)
        accounts.remember_audience(person=request.user, shared=form.asked["shared"])
    except Screened as error:
        return _page(request, _fresh(form), status=error.status, screened=screened_of(error.findings))
    except StudioError as error:
        form.add_error(error.param if error.param in form.fields else None, error.sentence)
        return _page(request, _fresh(form), status=error.status)
    return _to(row)


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """One comparison; htmx gets it alone after its buttons."""
    rows = Comparison.objects.visible_to(request.user).select_related("prompt", "owner")
    [card] = group_cards_of([fetch_or_404(request, rows, pk)], person=request.user)
    return render_page(request, "comparisons/detail.html", SECTION | {"card": card}, partial="comparison")


@require_POST
def pick(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Say which one is the best; from then on the models have their names."""
    row = fetch_or_404(request, Comparison.objects.owned_by(request.user), pk)
    form, columns = PickForm(request.POST), list(row.generations.in_columns())
    if not form.is_valid() or form.cleaned_data["column"] > len(columns):
        raise StudioError(Reason("pick_a_column"), param="column")
    picked = columns[form.cleaned_data["column"] - 1]
    comparisons.pick(comparison=row, generation=picked, person=request.user)
    return _to(row, f"#generation-{picked.pk}")


def _to(row: Comparison, place: str = "") -> HttpResponse:
    return SeeOther(reverse("comparisons.detail", args=[row.pk]) + place)


def _page(
    request: StudioRequest, form: ComparisonForm, *, status: int = 200, screened: ScreenedCard | None = None
) -> HttpResponse:
    recent = Comparison.objects.owned_by(request.user).newest_first().select_related("prompt", "owner")
    context = _settings(form, request.user) | {
        "screens": gate.is_open(),
        "screened": screened,
        "anyway": "Compare anyway",
    }
    context |= {"recent": group_cards_of(recent[:RECENT], person=request.user)}
    return render_page(request, "comparisons/new.html", context, status=status)


def _settings(form: ComparisonForm, person: User) -> dict[str, Any]:
    return SECTION | {
        "form": form,
        "groups": list(_groups(form)),
        "obliged": [preset.name for preset in presets.obliging(person)],
        "cost": sum_of(presets.as_drawn(form.parts, person=person), person),
    }


def _groups(form: ComparisonForm) -> Iterator[tuple[str, list[Candidate]]]:
    """Yield each relay's name with its models, in the order of relays."""
    relays: dict[str, list[Candidate]] = {}
    chosen = set(form.chosen)
    for model in form.offered:
        relays.setdefault(model.relay.name, []).append(_candidate(form, model, checked=model in chosen))
    yield from relays.items()


def _candidate(form: ComparisonForm, model: ImageModel, *, checked: bool) -> Candidate:
    """A model that cannot be used is disabled unless it is ticked, so that it can be unticked."""
    plan, obstacle, usual = plan_of(model, form.wanted_shape), form.obstacles[model.pk], usual_seconds(model)
    return Candidate(
        value=str(model.pk),
        label=model.label,
        usual=f"{usual} s" if usual else "",
        price=price_of(model),
        obstacle=obstacle,
        draws=plan.says,
        note=plan.note,
        checked=checked,
        disabled=not checked and (bool(obstacle) or form.is_full),
    )


def _usual(request: StudioRequest, picker: Picker) -> dict[str, Any]:
    """Return the models that are ticked at first: the composer's or the last one, and another that can draw."""
    last, _ = picker.pick(request.POST.get("model") or request.user.last_choice.get("model"))
    usable = [model for model in picker.models if not picker.obstacles[model.pk] and model != last]
    ticked = [last, *usable[:1]] if last and not picker.obstacles[last.pk] else []
    return {"models": [str(model.pk) for model in ticked], "shared": request.user.shares}


def _wanted(request: StudioRequest) -> dict[str, Any]:
    """Return the prompt of `?prompt=`, or the prompt and the models of the comparison `?from=`."""
    if "prompt" in request.GET:
        prompts = Prompt.objects.visible_to(request.user)
        prompt = fetch_or_404(request, prompts, as_uuid(request.GET["prompt"]))
        origin = {"prompt": prompt.text, "parent": prompt.pk}
        return origin | ({} if prompt.shared_at else {"shared": False})
    if "from" not in request.GET:
        return {}
    visible = Comparison.objects.visible_to(request.user).select_related("prompt")
    row = fetch_or_404(request, visible, as_uuid(request.GET["from"]))
    columns = list(row.generations.visible_to(request.user).values_list("model", "shared"))
    wanted: dict[str, Any] = {"prompt": row.prompt.text, "parent": row.prompt_id}
    wanted |= {} if row.hides_models else {"models": [str(model) for model, _ in columns]}
    return wanted | ({} if any(shared for _, shared in columns) else {"shared": False})


def _typed(data: QueryDict) -> dict[str, Any]:
    """Return what was typed here, or into the composer, whose count is for one model and so is not taken over."""
    typed: dict[str, Any] = {"prompt": clean_text(data.get("prompt", ""))[:TEXT_LENGTH]}
    typed |= {name: as_uuid(data.get(name)) for name in ("parent", "saved") if name in data}
    typed |= {"shared": data["shared"] == "1"} if "shared" in data else {}
    if "model" in data:
        return typed | carried_over(data)
    typed |= {name: data[name] for name in ("n", "shape") if name in data}
    return typed | {"models": data.getlist("models"), "blind": "blind" in data}


def _fresh(form: ComparisonForm) -> ComparisonForm:
    """Keep the form as it was sent, but let its next sending be another comparison."""
    data = form.data.copy() if isinstance(form.data, QueryDict) else dict(form.data)
    data["submission_id"] = str(uuid4())
    form.data = data
    return form
