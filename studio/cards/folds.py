"""What is known of texts that were asked for, of those in the same words together: runs, people, models, pictures."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from studio.cards.places import read_costs
from studio.models import Generation, History, Image, Prompt, User
from studio.models.generations import GenerationQuerySet
from studio.models.images import ImageQuerySet
from studio.models.runs import AsKept
from studio.models.samples import PREVIEWED, UNRATED
from studio.prepared import prepared

SAMPLES = 4
"""Pictures by which a text is known."""


@dataclass
class Fold:
    """What is known of one text, whoever asked for it."""

    people: int = 0
    latest: Generation | None = None
    newest: str = ""
    runs: int = 0
    asked: int = 0
    origin: Generation | None = None
    samples: list[Image] = field(default_factory=list)
    kept: int = 0
    hearts: int = 0
    models: set[Any] = field(default_factory=set)

    def ran(self, model: Any, newest: str, runs: int, asked: int) -> None:
        """Add how one of its prompts was run with one model."""
        self.models.add(model)
        self.newest = max(self.newest, newest)
        self.runs += runs
        self.asked += asked

    def choose(self, most: int) -> None:
        """Leave the best pictures of all its prompts."""
        self.samples = sorted(self.samples, key=_worth, reverse=True)[:most]


def _read(keys: Any) -> list[UUID]:
    """Return a list of keys that SQLite has written as JSON."""
    return [UUID(key) for key in json.loads(keys)] if isinstance(keys, str) else keys


def _worth(image: Any) -> tuple[int, int, UUID]:
    """What `samples_of` sorts by."""
    return image.hearts, UNRATED if image.rating is None else image.rating, image.pk


def folds_of(prompts: Iterable[Prompt], person: User, history: History | None = None) -> dict[str, Fold]:
    """Return what a view of the history tells of these texts, else all that a person may know, by their digests."""
    folds: dict[str, Fold] = defaultdict(Fold)
    twins = _twins(person, [prompt.digest for prompt in prompts], history=history)
    found, as_kept = {}, {}
    for pk, kept, digest in twins:
        found[pk] = as_kept[kept] = folds[digest]
        found[pk].people += 1
    keys = list(found)
    for key, model, via, newest, count, asked in _figures(person, keys, history=history):
        as_kept[key].ran(via or model, newest, count, asked)
    newest = [UUID(fold.newest) for fold in folds.values() if fold.newest]
    latest = _latest(person, newest, history=history)
    read_costs(latest)
    for run in latest:
        found[run.prompt_id].latest = run
    known = _samples(person, keys, history=history)
    for run in _origins([row[-1] for row in known if row[-1]]):
        found[run.prompt_id].origin = run
    for image in _pictures([pk for _, keys, _ in known for pk in _read(keys)]):
        found[image.prompt_id].samples.append(image)  # type: ignore[index] # found by it
    for key, kept, hearts in _totals(person, keys, history=history):
        found[key].kept += kept
        found[key].hearts += hearts
    for fold in folds.values():
        fold.choose(SAMPLES)
    return folds


@prepared
def _twins(
    person: User, digests: list[str], *, history: History | None
) -> QuerySet[Prompt, tuple[UUID, Any, str]]:
    rows = Prompt.objects.in_view(history, person) if history else Prompt.objects.visible_to(person)
    return rows.filter(digest__in=digests).values_list("pk", AsKept("pk"), "digest")


@prepared
def _figures(person: User, prompts: list[UUID], *, history: History | None) -> QuerySet[Generation, Any]:
    return _runs(person, history).figures_of(prompts)


@prepared
def _latest(person: User, runs: list[UUID], *, history: History | None) -> GenerationQuerySet:
    return _runs(person, history).with_outcome().filter(pk__in=runs)


@prepared
def _samples(person: User, prompts: list[UUID], *, history: History | None) -> QuerySet[Prompt, Any]:
    """Each prompt with the keys of its pictures, and of the run that says where it came from."""
    origin = _runs(person, history).origin(person)
    return _images(person, history).samples_of(prompts, origin, each=SAMPLES)


@prepared
def _origins(keys: list[UUID]) -> GenerationQuerySet:
    """Of what was found by every rule just now."""
    return Generation.objects.filter(pk__in=keys).order_by("-pk").with_origin()


@prepared
def _pictures(keys: list[UUID]) -> QuerySet[Image]:
    """The same."""
    return Image.objects.filter(pk__in=keys).only("prompt", "rating", "hearts", *PREVIEWED)


@prepared
def _totals(person: User, prompts: list[UUID], *, history: History | None) -> QuerySet[Image, Any]:
    return _images(person, history).totals_of(prompts)


def _runs(person: User, history: History | None) -> GenerationQuerySet:
    if history:
        return Generation.objects.in_history(history, person)
    return Generation.objects.visible_to(person)


def _images(person: User, history: History | None) -> ImageQuerySet:
    return Image.objects.in_history(history, person) if history else Image.objects.visible_to(person).kept()
