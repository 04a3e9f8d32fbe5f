"""Looks whether the same words were drawn with the same settings before, so that nobody pays twice unknowingly."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from studio.errors import Conflict
from studio.models import Comparison, Generation, Image, ImageModel, Prompt, State, User
from studio.prepared import prepared
from studio.services import presets
from studio.services.orders import Order
from studio.words import Reason

RUNS, SHOWN = 50, 6
"""How many of the latest runs are looked at, and how many of their pictures are shown."""


class AlreadyMade(Conflict):
    """Pictures of just this order are there; `token` says that their person has seen them."""

    def __init__(self, images: list[Image], token: str) -> None:
        super().__init__(Reason("already_made", count=len(images)))
        self.images = images
        self.token = token


def look(*, person: User, order: Order, again: str = "") -> None:
    """Raise AlreadyMade if the person can see pictures of just this order and has not said to make them again.

    How many were asked for and who sees them makes no other order. One statement while nothing is found.
    """
    order = presets.keep_to(presets.obliged(order, person=person))
    token = token_of(order)
    if again == token:
        return
    runs = _runs(person, Prompt.digest_of(order.text), order.model)
    found = [pk for pk, settings in runs if settings == order.settings]
    if found and (images := _pictures(person, found)):
        raise AlreadyMade(images, token)


def check_not_held(row: Generation) -> None:
    """Refuse to hold what waits for a moderator already, word for word: one decision, and not a second case for it.

    What is part of a comparison or a grid is decided with the others.
    """
    if row.comparison_id or row.grid_id:
        return
    held = Generation.objects.owned_by(row.owner).in_state(State.HELD).exclude(pk=row.pk)
    same = held.filter(model=row.model_id, prompt__digest=row.prompt.digest)
    if row.settings in same.values_list("settings", flat=True):
        raise Conflict(Reason("held_already"))


@prepared
def _runs(person: User, digest: str, model: ImageModel) -> QuerySet[Generation, tuple[UUID, dict[str, Any]]]:
    prompts = Prompt.objects.filter(digest=digest)
    runs = Generation.objects.visible_to(person).filter(prompt__in=prompts, model=model.pk).newest_first()
    return runs.values_list("pk", "settings")[:RUNS]


def _pictures(person: User, runs: list[UUID]) -> list[Image]:
    """Return the newest pictures of these runs; those of a blind comparison would tell which model drew them."""
    seen = Image.objects.visible_to(person).kept().filter(generation__in=runs)
    seen = seen.exclude(generation__comparison__in=Comparison.objects.hiding_models())
    return list(seen.with_card_data(person).order_by("-pk")[:SHOWN])


def token_of(order: Order) -> str:
    """Return what stands for the words, the model and the settings of an order."""
    said = json.dumps([order.text, str(order.model.pk), dict(order.settings)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
