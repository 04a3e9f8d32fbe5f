"""The team's shared history of prompts, and one's own."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from studio import wording
from studio.cards import gallery
from studio.cards.folds import folds_of
from studio.cards.images import moment
from studio.cards.lineage import tree_of
from studio.cards.prompts import acts_of, cards_of, run_cards, summary_of
from studio.forms.prompts import Place, ReadingForm
from studio.http import StudioRequest
from studio.models import Generation, History, Prompt, Sort
from studio.models.paging import page_of
from studio.search import prompts as search
from studio.search.asked import Misasked
from studio.search.operators import resolved
from studio.views.fetch import as_uuid, fetch_or_404
from studio.views.page import before_of, render_page
from studio.views.searches import PROMPTS, ask_again, asked_of
from studio.words.history import differing

PAGE, RUNS = 16, 20


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show the prompts that this person may learn from, in one of three orders, with the filters of the gallery."""
    form = ReadingForm(request.GET)
    if not form.is_valid():
        raise Http404
    try:
        asked = asked_of(request)
    except Misasked as misasked:
        return ask_again(request, misasked, PROMPTS)
    sort, before = form.cleaned_data["sort"], form.cleaned_data["before"]
    if not request.htmx and (clear := resolved(asked, request.user)):
        return HttpResponseRedirect(gallery.url_of(clear, sorted_by(sort)))
    after = (before.within(sort), before.pk) if before else None
    found = search.page(asked, request.user, sort, PAGE + 1, after=after)
    history, rows = History(asked.view.value), found[:PAGE]
    last = rows[-1] if len(found) > PAGE else None
    context = {
        "section": "prompts",
        "asked": asked,
        "history": history,
        "histories": History,
        "sort": sort,
        "sorts": Sort,
        "before": before,
        "prompts": cards_of(rows, history, request.user),
        "older": last and Place.of(last.place, last.pk),  # type: ignore[attr-defined]
    }
    if not request.htmx:
        others = asked.but(words="")
        context["chips"] = gallery.chips(others, request.user, sorted_by(sort), kept=asked.words)
    return render_page(request, "prompts/index.html", context, partial="prompts")


def sorted_by(sort: Sort) -> str:
    """Return the address of the prompts in this order, to which a question is added."""
    order = "" if sort == Sort.NEWEST else f"sort={sort.value}&"
    return f"{reverse('prompts.index')}?{order}"


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
