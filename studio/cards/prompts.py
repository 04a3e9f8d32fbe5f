"""Finished values for the rows of the history: what came of a prompt, where it came from, what can be done with it."""

import functools
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from studio.cards.folds import SAMPLES, Fold, folds_of
from studio.cards.images import moment, small_preview, words
from studio.cards.places import read_costs
from studio.cards.receipts import seconds
from studio.forms.shapes import asked_shape
from studio.models import Generation, History, Image, Prompt, State, User
from studio.models.states import WAITING
from studio.services import receipts
from studio.wording import words_that_differ
from studio.words import history as said

CENTS = Decimal("0.0001")
NOBODY = UUID(int=0)
HARM = {State.REFUSED, State.FAILED, State.BROKEN, State.UNKNOWN}
SHOWN, TITLE, ORIGIN = 240, 600, 60
"""Characters of a prompt that a row holds, that it says when it is pointed at, and that it names its parent by."""


def cards_of(prompts: Sequence[Prompt], history: History, person: User) -> list[dict[str, Any]]:
    """Return finished values for each prompt; eight more queries, however many there are."""
    folds = folds_of(prompts, person, history)
    return [_card(prompt, folds[prompt.digest], person) for prompt in prompts]


def run_cards(runs: Sequence[Generation], person: User) -> list[dict[str, Any]]:
    """Return finished values for each run of one text; two more queries."""
    read_costs(list(runs))
    found: dict[Any, list[Image]] = defaultdict(list)
    images = Image.objects.visible_to(person).kept()
    for image in images.first_of_runs([run.pk for run in runs], each=SAMPLES):
        found[image.generation_id].append(image)
    return [_run(run, found[run.pk], person) for run in runs]


def _run(run: Generation, images: list[Image], person: User) -> dict[str, Any]:
    kept = images[0].count if images else 0  # type: ignore[attr-defined]
    outcome, tone, also = outcome_of(run, kept, run.n)
    return {
        "pk": run.pk,
        "url": reverse("generations.detail", args=[run.pk]),
        "author": str(run.owner),
        "initials": run.owner.initials,
        "run_at": run.created_at.isoformat(),
        "when": moment(run.created_at),
        "private": not run.shared,
        "samples": [small_preview(image, person) for image in images],
        "more": kept - len(images),
        "outcome": outcome,
        "tone": tone,
        "facts": [fact for fact in (also, *facts_of(run, drew=kept > 0)) if fact],
    }


def summary_of(fold: Fold, prompt: Prompt, person: User) -> dict[str, Any]:
    """Return what the page of one text says of all its runs."""
    author = author_of(fold, prompt)
    return {
        "told": told_of(fold, author),
        "author": author,
        "hearts": fold.hearts,
        "origin": origin_of(fold, prompt, person),
    }


def _card(prompt: Prompt, fold: Fold, person: User) -> dict[str, Any]:
    at = prompt.ran_at  # type: ignore[attr-defined]
    author, several = author_of(fold, prompt), fold.people > 1
    return {
        "pk": prompt.pk,
        "id": str(prompt.pk),
        "words": words(prompt.text, SHOWN),
        "title": words(prompt.text, TITLE),
        "author": author,
        "initials": str(fold.people) if several else prompt.author.initials,
        "several": several,
        "run_at": at.isoformat(),
        "when": moment(at),
        "private": prompt.shared_at is None,
        "url": _detail().format(prompt.pk),
        "alt": words(prompt.text),
        "samples": [small_preview(image, person) for image in fold.samples],
        "more": fold.kept - len(fold.samples),
        "hearts": fold.hearts,
        "origin": origin_of(fold, prompt, person),
        **acts_of(prompt, fold.latest, person),
        **told_of(fold, author),
    }


def author_of(fold: Fold, prompt: Prompt) -> str:
    """Say who asked for it: a name, or how many people."""
    return said.PEOPLE.format(count=fold.people) if fold.people > 1 else str(prompt.author)


def acts_of(prompt: Prompt, latest: Generation | None, person: User) -> dict[str, str]:
    """Return the addresses of what can be done with a prompt and its newest run."""
    home, row = _home(), latest.pk if latest else ""
    theirs = latest is not None and latest.owner_id != person.pk
    return {
        "use_url": f"{home}?prompt={prompt.pk}",
        "all_url": f"{home}?from={row}",
        "remix_url": f"{home}?remix={row}",
        "report_url": _report().format(row) if theirs else "",
    }


@functools.cache
def _home() -> str:
    return reverse("generations.index")


@functools.cache
def _detail() -> str:
    """Return the address with a hole: resolving a hundred of them for a page took half a millisecond."""
    return _holed("prompts.detail")


@functools.cache
def _report() -> str:
    return _holed("reports.prompt")


def _holed(name: str) -> str:
    return reverse(name, args=[NOBODY]).replace(str(NOBODY), "{}")


def origin_of(fold: Fold, prompt: Prompt, person: User) -> str:
    """Say what a text was made from, as far as the person may know."""
    run = fold.origin
    if run is None:
        return ""
    parent, version = run.parent, run.saved
    if version and version.saved.shared | (version.saved.owner_id == person.pk):
        return said.from_library(version.saved.title, version.number)
    if parent is None or not parent.is_visible_to(person):
        return ""
    author = "your" if parent.author_id == person.pk else f"{parent.author}’s"
    return said.from_prompt(author, words(parent.text, ORIGIN), words_that_differ(parent.text, prompt.text))


def told_of(fold: Fold, author: str) -> dict[str, Any]:
    """Return the outcome of the newest run, or of all of them, its tone, and the facts beside it."""
    if fold.latest is None:
        return {"outcome": "", "tone": "", "fold": "", "facts": []}
    runs = fold.runs
    outcome, tone, also = outcome_of(fold.latest, fold.kept, fold.asked)
    facts = facts_of(fold.latest, drew=fold.kept > 0, models=len(fold.models), folded=runs > 1)
    return {
        "outcome": outcome,
        "tone": tone,
        "fold": said.RUNS_BY.format(runs=runs, by=author) if runs > 1 else "",
        "facts": [fact for fact in (also, *facts) if fact],
    }


def outcome_of(row: Generation, kept: int, asked: int) -> tuple[str, str, str]:
    """Return what came of a run in words, its tone, and what is known of its price."""
    state = State(row.state)
    if state in said.ENDED and not kept:
        words, cost = said.ENDED[state]
        return words, "harm" if state in HARM else "", cost
    if row.is_active and not kept:
        waits = said.HELD if state == State.HELD else said.WAITS
        return waits if state in WAITING else said.RUNNING, "wait", ""
    return said.KEPT.format(kept=kept, asked=asked), "", ""


def facts_of(row: Generation, *, drew: bool, models: int = 1, folded: bool = False) -> list[str]:
    """Return the settings, the time and the price of the newest run; those of a blind comparison name its model."""
    if receipts.hides_models(row):
        return []
    quality = str(row.settings.get("quality", ""))
    cost = receipts.total_cost(row.priced)
    if folded:
        each = receipts.dollars((cost / row.n).quantize(CENTS)) if cost else ""
        many = said.MODELS.format(count=models) if models > 1 else row.drawn_by.label
        return [many, said.EACH.format(cost=each) if each else ""]
    time = seconds(row.drawn_ms) if drew else ""
    model = ", ".join(filter(None, [row.drawn_by.label, quality]))
    return [model, asked_shape(row.settings), time, f"${receipts.dollars(cost)}" if cost else ""]
