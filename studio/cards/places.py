"""Reads what cards and tiles show beside their rows: places, the pictures in them, models, requests, owners.

A statement of its own for each is put together once; joined, or fetched by the ORM, they take twice the time.
"""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from studio.models import Generation, Image, ImageModel, RelayRequest, Slot, SlotState, User
from studio.prepared import prepared


def read_places(rows: list[Generation], person: User) -> None:
    """Read the places of these rows, and the pictures in them that this person may see."""
    by_row = {row.pk: row for row in rows}
    for row in rows:
        row.places, row.pictures = [], []
    for slot in _slots(list(by_row)):
        by_row[slot.generation_id].places.append(slot)
    drawn = [row.pk for row in rows if any(slot.state == SlotState.SAVED for slot in row.places)]
    for image in _pictures(person, drawn):
        image.generation = by_row[image.generation_id]
        image.generation.pictures.append(image)


def read_models(rows: list[Generation]) -> None:
    """Read the models of these rows, of which there are few: joined to each row they took most of its time."""
    keys = {key for row in rows for key in (row.model_id, row.via_id) if key}
    models = {model.pk: model for model in _models(list(keys))}
    for row in rows:
        row.model, row.via = models[row.model_id], models[row.via_id] if row.via_id else None


def read_costs(runs: list[Generation]) -> None:
    """Read what the requests of these runs cost."""
    by_run = {run.pk: run for run in runs}
    for run in runs:
        run.priced = []
    for request in _requests(list(by_run)):
        by_run[request.generation_id].priced.append(request)


def read_owners(images: list[Image]) -> None:
    """Read whose these pictures are, as far as tiles name them."""
    people = {person.pk: person for person in _owners(list({image.owner_id for image in images}))}
    for image in images:
        image.owner = people[image.owner_id]


@prepared
def _requests(runs: list[UUID]) -> QuerySet[RelayRequest]:
    return RelayRequest.objects.figures().filter(generation__in=runs)


@prepared
def _owners(keys: list[UUID]) -> QuerySet[User]:
    return User.objects.filter(pk__in=keys).only("name", "email")


@prepared
def _models(keys: list[UUID]) -> QuerySet[ImageModel]:
    return ImageModel.objects.filter(pk__in=keys).select_related("relay")


@prepared
def _slots(rows: list[UUID]) -> QuerySet[Slot]:
    return Slot.objects.filter(generation__in=rows)


@prepared
def _pictures(person: User, rows: list[UUID]) -> QuerySet[Image]:
    return Image.objects.visible_to(person).kept().with_card_data(person).filter(generation__in=rows)


def twins_of(labels: Iterable[str]) -> set[str]:
    """Return the labels among these that more than one offered model has."""
    counts = Counter(_offered(list(set(labels))))
    return {label for label, count in counts.items() if count > 1}


@prepared
def _offered(labels: list[str]) -> QuerySet[ImageModel, str]:
    return ImageModel.objects.offered().order_by().filter(label__in=labels).values_list("label", flat=True)
