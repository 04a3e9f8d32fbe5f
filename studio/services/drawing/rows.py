"""Writes the rows of pictures whose bytes are stored, and where the place of each stands.

Each write is guarded by the claim it belongs to: a worker that was overtaken changes nothing (SAFETY §1.7).
"""

from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db.models.functions import Now

from studio.db import afterwards, release_connection, write_transaction
from studio.media.inspect import PictureFacts
from studio.models import Generation, Image, SlotState
from studio.relays.answers import links
from studio.relays.dialects.base import Picture
from studio.search.parse import indexed
from studio.services import collections, reviews, sharing
from studio.services.drawing import statements

LONGEST_LIFE = timedelta(days=7)
"""No link is believed to live longer: signed ones cannot."""


class Overtaken(Exception):
    """The row is no longer ours: it was cancelled, or another worker took it over."""


def commit(generation: Generation, index: int, key: str, facts: PictureFacts, picture: Picture) -> None:
    """Write the row of a picture whose bytes are stored; raises Overtaken when the claim is another's."""
    image = new_image(generation, index, key, facts, revised_prompt=picture.revised_prompt)
    if picture.url:
        image.link_dies_at = death_of(picture, generation, times(generation)[0])
    with write_transaction():
        _own(generation)
        image.shared = sharing.is_shared_now(generation)  # it may have been taken back since the claim
        if generation.round > 1:
            _clear_away(generation, index, key)
        Image.objects.keep(image)
        collections.receive(generation=generation, index=index)
        reviews.hold_back(generation=generation, index=index)
        _set_slot(generation, index, SlotState.SAVED)


def _clear_away(generation: Generation, index: int, key: str) -> None:
    """Delete what was set aside in this place and had another type, and so another name, once its row is another's."""
    for old in generation.images.filter(index=index).exclude(key=key).values_list("key", flat=True):
        afterwards(partial(default_storage.delete, old), durable=True)


def new_image(
    generation: Generation, index: int, key: str, facts: PictureFacts, *, revised_prompt: str
) -> Image:
    """Return the row of a stored picture as its file and its answer describe it; it is not written yet."""
    return Image(
        generation=generation,
        owner_id=generation.owner_id,
        model_id=generation.via_id or generation.model_id,
        index=index,
        key=key,
        media_type=facts.media_type,
        width=facts.width,
        height=facts.height,
        byte_size=facts.byte_size,
        sha256=facts.sha256,
        revised_prompt=revised_prompt,
        words=indexed(generation.prompt.text, revised_prompt),
    )


def mark(generation: Generation, index: int, state: SlotState) -> SlotState:
    with write_transaction():
        _own(generation)
        _set_slot(generation, index, state)
    return state


def _own(generation: Generation) -> None:
    """Lock the row for this transaction and tell its cards; first of all, so that nobody takes it over meanwhile."""
    if not statements.touch(generation):
        raise Overtaken


def _set_slot(generation: Generation, index: int, state: SlotState) -> None:
    statements.answer_slot(generation, index, state)


def death_of(picture: Picture, generation: Generation, received: datetime) -> datetime:
    """Return when the link of a picture dies: as the link says, as the answer says, or as its model is set."""
    said = links.death(picture.url or "") or picture.dies_at
    usual = received + timedelta(minutes=generation.drawn_by.link_minutes)
    return min(said or usual, received + LONGEST_LIFE)


def times(generation: Generation) -> tuple[datetime, datetime]:
    """Return when the answer came and what time it is, both by the database's clock."""
    row = Generation.objects.filter(pk=generation.pk).annotate(now=Now())
    received, now = row.values_list("received_at", "now").get()
    release_connection()
    return received or now, now
