"""The team's shared history of prompts, and one's own."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from studio.forms.prompts import Place, SearchForm
from studio.http import StudioRequest
from studio.models import Generation, History, Image, Prompt, User
from studio.services.receipts import hides_models
from studio.views.page import render_page
from studio.views.tiles import image_url, moment, preview, words

PAGE = 50
SAMPLES = 4


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show the prompts that this person may learn from, newest run first."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        raise Http404
    history, q, before = (form.cleaned_data[name] for name in ("view", "q", "before"))
    found = Prompt.objects.in_history(history, request.user).search(q).select_related("author")
    rows = list((found.before(history, before.moment, before.pk) if before else found)[: PAGE + 1])
    context = {
        "section": "prompts",
        "history": history,
        "histories": History,
        "q": q,
        "before": before,
        "prompts": cards(rows[:PAGE], history, request.user),
        "older": _place(rows[PAGE - 1]) if len(rows) > PAGE else None,
    }
    return render_page(request, "prompts/index.html", context, partial="prompts")


def _place(prompt: Prompt) -> Place:
    return Place(prompt.ran_at, prompt.pk)  # type: ignore[attr-defined]


def cards(prompts: Sequence[Prompt], history: History, person: User) -> list[dict[str, Any]]:
    """Return finished values for each prompt; two more queries, however many there are."""
    keys = [prompt.pk for prompt in prompts]
    found = Generation.objects.in_history(history, person).runs_of(keys)
    runs = {row.prompt_id: row for row in found}
    samples = defaultdict(list)
    for image in Image.objects.in_history(history, person).samples_of(keys, each=SAMPLES):
        samples[image.prompt_id].append(preview(image, person) | {"url": image_url(image.pk)})  # type: ignore[attr-defined]
    home = reverse("generations.index")
    return [_card(prompt, home, runs.get(prompt.pk)) | {"samples": samples[prompt.pk]} for prompt in prompts]


def _card(prompt: Prompt, home: str, latest: Generation | None) -> dict[str, Any]:
    at = prompt.ran_at  # type: ignore[attr-defined]
    hidden = latest is not None and hides_models(latest)
    return {
        "id": str(prompt.pk),
        "text": prompt.text,
        "author": str(prompt.author),
        "initials": prompt.author.initials,
        "run_at": at.isoformat(),
        "when": moment(at),
        "runs": latest.runs if latest else 0,  # type: ignore[attr-defined]
        "private": prompt.shared_at is None,
        "model": latest.drawer.label if latest and not hidden else "",
        "use_url": f"{home}?prompt={prompt.pk}",
        "all_url": f"{home}?from={latest.pk}" if latest else "",
        "alt": words(prompt.text),
    }
