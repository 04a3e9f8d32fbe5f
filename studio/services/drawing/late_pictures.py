"""Puts a picture into its place that came after its generation had ended, and counts it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from django.core.files.storage import default_storage

from studio.db import afterwards
from studio.errors import Conflict
from studio.media import names
from studio.media.inspect import PictureFacts
from studio.models import Generation, Image, SlotState, State
from studio.models.ids import storage_token
from studio.services import budgets, collections
from studio.services.drawing import settlement
from studio.services.drawing.rows import new_image
from studio.storages import LocalFile
from studio.words import NO_REASON, Reason


@contextmanager
def stored(draft: Path, *, generation: UUID, index: int, facts: PictureFacts) -> Iterator[str]:
    """Store the bytes under a key of their own: a retry may be filling the place, and what it stores was paid for."""
    key = names.original(storage_token(), generation, index, facts.extension)
    with LocalFile(draft, content_type=facts.media_type) as file:
        default_storage.save(key, file)
    try:
        yield key
    except Conflict:
        default_storage.delete(key)
        raise


def put(*, generation: UUID, index: int, key: str, facts: PictureFacts, revised_prompt: str) -> Image:
    """Fill the place of the picture, if it is still empty and nobody works on the generation.

    It counts as one more image of its person's month, unless it was presumed spent already. Call it in a transaction.
    """
    row = Generation.objects.select_for_update(of=("self",)).get(pk=generation)
    place = row.slots.filter(index=index).exclude(state=SlotState.SAVED)
    if row.is_active or not place.update(state=SlotState.SAVED, round=row.round):
        raise Conflict(Reason("link_overtaken"))
    for old in row.images.filter(index=index):  # set aside, and replaced now
        afterwards(partial(default_storage.delete, old.key), durable=True)
    image = new_image(row, index, key, facts, revised_prompt=revised_prompt)
    image.shared = row.shared
    Image.objects.keep(image)
    collections.receive(generation=row, index=index)
    _count(row)
    return image


def _count(row: Generation) -> None:
    """Count the picture, and say anew what is still missing."""
    states = list(row.slots.values_list("state", flat=True))
    saved = states.count(SlotState.SAVED)
    why = NO_REASON if saved == row.n else row.why
    if why and why.code in ("short", "unreadable"):
        why = settlement.shortfall(states, asked=row.n, delivered=saved)
    to = State.DONE if row.state == State.BROKEN or saved == row.n else State(row.state)
    Generation.objects.filter(pk=row.pk).move(State(row.state), to=to, why=why)
    budgets.spend_late(generation=row)
