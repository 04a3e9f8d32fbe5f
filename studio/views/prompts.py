"""The team's shared history of prompts, and one's own."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from studio import wording
from studio.cards.images import moment
from studio.cards.lineage import tree_of
from studio.cards.prompts import acts_of, cards_of, folds_of, run_cards, summary_of
from studio.forms.prompts import Place, SearchForm
from studio.http import StudioRequest
from studio.models import Generation, History, Prompt, Sort
from studio.models.paging import page_of
from studio.search.prompts import search
from studio.views.fetch import as_uuid, fetch_or_404
from studio.views.page import before_of, render_page
from studio.words.history import differing

PAGE, RUNS = 25, 20


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show the prompts that this person may learn from, in one of three orders."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        raise Http404
    history, sort, q, before = (form.cleaned_data[name] for name in ("view", "sort", "q", "before"))
    found = search(Prompt.objects.in_history(history, request.user, sort), q).select_related("author")
    found = found.before(sort.column(history), before.within(sort), before.pk) if before else found
    page = page_of(found, PAGE)
    context = {
        "section": "prompts",
        "history": history,
        "histories": History,
        "sort": sort,
        "sorts": Sort,
        "q": q,
        "before": before,
        "prompts": cards_of(page.rows, history, request.user),
        "older": page.older and Place.of(page.older.place, page.older.pk),  # type: ignore[attr-defined]
    }
    return render_page(request, "prompts/index.html", context, partial="prompts")


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """One prompt: what came of it, whoever asked for it, and its family."""
    prompt = fetch_or_404(request, _visible(request), pk)
    runs = Generation.objects.visible_to(request.user).of_text(prompt.digest).newest_first()
    page = page_of(runs.before(before_of(request)).with_outcome().select_related("owner"), RUNS)
    context = {
        "section": "prompts",
        "prompt": prompt,
        "runs": run_cards(page.rows, request.user),
        "older": page.older and page.older.pk,
    }
    if not (request.htmx and "before" in request.GET):
        context |= _whole(request, prompt)
    return render_page(request, "prompts/detail.html", context, partial="runs")


def _whole(request: StudioRequest, prompt: Prompt) -> dict[str, Any]:
    fold = folds_of([prompt], request.user)[prompt.digest]
    acts = acts_of(prompt, fold.latest, request.user)
    return {"acts": acts, "tree": tree_of(prompt, request.user), **summary_of(fold, prompt, request.user)}


@require_safe
def difference(request: StudioRequest) -> HttpResponse:
    """Two prompts as one text: what stayed, what is gone, what is new."""
    one, other = (
        fetch_or_404(request, _visible(request), as_uuid(request.GET.get(name))) for name in ("one", "other")
    )
    context: dict[str, Any] = {
        "section": "prompts",
        "one": _side(one, "Before"),
        "other": _side(other, "After"),
        "parts": wording.difference(one.text, other.text),
        "differing": differing(wording.words_that_differ(one.text, other.text)),
        "same": one.text == other.text,
    }
    context["sides"] = [context["one"], context["other"]]
    return render_page(request, "prompts/difference.html", context)


def _side(prompt: Prompt, label: str) -> dict[str, Any]:
    return {"prompt": prompt, "label": label, "when": moment(prompt.created_at)}


def _visible(request: StudioRequest) -> Any:
    return Prompt.objects.visible_to(request.user).select_related("author")
