"""The team's shared history of prompts, and one's own."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from studio.cards.images import image_url, moment, preview, words
from studio.cards.prompts import told_of
from studio.forms.prompts import Place, SearchForm
from studio.http import StudioRequest
from studio.models import Generation, History, Image, Prompt, User
from studio.models.paging import page_of
from studio.search.prompts import search
from studio.views.page import render_page

PAGE = 50
SAMPLES = 4
SHOWN, TITLE = 240, 600
"""Characters of a prompt that a row holds, and that it says when it is pointed at."""


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show the prompts that this person may learn from, newest run first."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        raise Http404
    history, q, before = (form.cleaned_data[name] for name in ("view", "q", "before"))
    found = search(Prompt.objects.in_history(history, request.user), q).select_related("author")
    page = page_of(found.before(history, before.moment, before.pk) if before else found, PAGE)
    context = {
        "section": "prompts",
        "history": history,
        "histories": History,
        "q": q,
        "before": before,
        "prompts": cards(page.rows, history, request.user),
        "older": page.older and _place(page.older),
    }
    return render_page(request, "prompts/index.html", context, partial="prompts")


def _place(prompt: Prompt) -> Place:
    return Place(prompt.ran_at, prompt.pk)  # type: ignore[attr-defined]


def cards(prompts: Sequence[Prompt], history: History, person: User) -> list[dict[str, Any]]:
    """Return finished values for each prompt; four more queries, however many there are."""
    keys = [prompt.pk for prompt in prompts]
    found = Generation.objects.in_history(history, person).runs_of(keys)
    runs = {row.prompt_id: row for row in found}
    pictures = Image.objects.in_history(history, person)
    samples: dict[UUID, list[Image]] = defaultdict(list)
    for image in pictures.samples_of(keys, each=SAMPLES):
        samples[image.prompt_id].append(image)  # type: ignore[attr-defined]
    hearts = pictures.hearts_of(keys)
    cards = (_card(prompt, runs.get(prompt.pk), samples[prompt.pk], person) for prompt in prompts)
    return [card | {"hearts": hearts.get(card["pk"], 0)} for card in cards]


def _card(prompt: Prompt, latest: Generation | None, pictures: list[Image], person: User) -> dict[str, Any]:
    home, kept = reverse("generations.index"), pictures[0].count if pictures else 0  # type: ignore[attr-defined]
    at = prompt.ran_at  # type: ignore[attr-defined]
    row = latest.pk if latest else ""
    return {
        "pk": prompt.pk,
        "id": str(prompt.pk),
        "words": words(prompt.text, SHOWN),
        "title": words(prompt.text, TITLE),
        "author": str(prompt.author),
        "initials": prompt.author.initials,
        "run_at": at.isoformat(),
        "when": moment(at),
        "private": prompt.shared_at is None,
        "url": reverse("generations.detail", args=[row]) if row else f"{home}?prompt={prompt.pk}",
        "use_url": f"{home}?prompt={prompt.pk}",
        "all_url": f"{home}?from={row}",
        "remix_url": f"{home}?remix={row}",
        "report_url": reverse("reports.prompt", args=[row]) if row and prompt.author_id != person.pk else "",
        "alt": words(prompt.text),
        "samples": [preview(image, person) | {"url": image_url(image.pk)} for image in pictures],
        "more": kept - len(pictures),
        **(told_of(latest, kept) if latest else {"outcome": "", "facts": []}),
    }
