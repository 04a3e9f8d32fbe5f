"""Reads what cards of generations show beside their rows: places, the pictures in them, names of models."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from studio.models import Generation, Image, ImageModel, Slot, SlotState, User
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
