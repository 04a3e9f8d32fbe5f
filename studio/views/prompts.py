"""The team's shared history of prompts."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from studio.forms.prompts import Place, SearchForm
from studio.http import StudioRequest
from studio.models import Generation, Image, Prompt, User
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
    q, before = form.cleaned_data["q"], form.cleaned_data["before"]
    found = Prompt.objects.visible_to(request.user).search(q).newest_first().select_related("author")
    rows = list((found.before(before.run_at, before.pk) if before else found)[: PAGE + 1])
    context = {
        "section": "prompts",
        "q": q,
        "before": before,
        "prompts": cards(rows[:PAGE], request.user),
        "older": Place(rows[PAGE - 1].run_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None,
    }
    return render_page(request, "prompts/index.html", context, partial="prompts")


def cards(prompts: Sequence[Prompt], person: User) -> list[dict[str, Any]]:
    """Return finished values for each prompt; two more queries, however many there are."""
    keys = [prompt.pk for prompt in prompts]
    latest = Generation.objects.visible_to(person).latest_of(keys)
    samples = defaultdict(list)
    for image in Image.objects.visible_to(person).samples_of(keys, each=SAMPLES):
        samples[image.prompt_id].append(preview(image, person) | {"url": image_url(image.pk)})  # type: ignore[attr-defined]
    home = reverse("generations.index")
    return [
        _card(prompt, home, latest.get(prompt.pk)) | {"samples": samples[prompt.pk]} for prompt in prompts
    ]


def _card(prompt: Prompt, home: str, latest: tuple[UUID, str] | None) -> dict[str, Any]:
    return {
        "id": str(prompt.pk),
        "text": prompt.text,
        "author": str(prompt.author),
        "initials": prompt.author.initials,
        "run_at": prompt.run_at.isoformat(),
        "when": moment(prompt.run_at),
        "runs": prompt.runs,
        "private": not prompt.shared,
        "model": latest[1] if latest else "",
        "use_url": f"{home}?prompt={prompt.pk}",
        "all_url": f"{home}?from={latest[0]}" if latest else "",
        "alt": words(prompt.text),
    }
