"""Keeps pictures: storing them as they come, and what people do with them."""

import logging
import threading
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.utils import timezone

from studio import failpoints, security
from studio.errors import StudioError
from studio.media import names
from studio.media.inspect import Facts, UnusableImage, is_whole, look
from studio.models import Favourite, Generation, Image, Slot, SlotState, User
from studio.models.transactions import rest, writing
from studio.relays.base import Picture, PictureError, Relay
from studio.services import audit, sharing, thumbnails
from studio.storages import LocalFile

logger = logging.getLogger(__name__)

_decoding = threading.BoundedSemaphore(2)
"""Hundreds of threads that decode at once would only fight for the interpreter."""

LINK_LIFETIME = timedelta(hours=1)
"""How long a relay keeps a result URL (RELAYS.md §1.1)."""


def keep(
    *, generation: Generation, relay: Relay, spool: Path, pictures: dict[int, Picture]
) -> list[SlotState]:
    """Store the pictures of one answer, slot by slot; return where the slot of each of them stands."""
    rest()
    states = dict(generation.slots.values_list("index", "state"))
    for position, (index, picture) in enumerate(sorted(pictures.items()), start=1):
        if states[index] == SlotState.SAVED:
            continue
        states[index] = _keep_one(generation, relay, spool, index, picture)
        failpoints.hit(f"stored-{position}")
    for pk in generation.images.undeveloped().values_list("pk", flat=True):
        thumbnails.develop_soon(pk)  # only now: the originals come first
    return [SlotState(states[index]) for index in pictures]


def _keep_one(generation: Generation, relay: Relay, spool: Path, index: int, picture: Picture) -> SlotState:
    draft = spool.with_name(f"{generation.pk}-{index}.draft")
    try:
        with _decoding if picture.payload else nullcontext():
            relay.collect(picture, spool=spool, into=draft, is_whole=is_whole)
        facts = look(draft)
    except PictureError as error:
        if error.state in (SlotState.BLOCKED_ADDRESS, SlotState.UNFETCHABLE):
            security.refused("fetch_blocked", generation=generation.pk, host=error.host, rule=error.rule)
        return _mark(generation, index, SlotState(error.state))
    except UnusableImage as error:
        logger.warning("image.unusable generation=%s index=%d reason=%s", generation.pk, index, error)
        return _mark(generation, index, SlotState(error.kind))
    except OSError:
        raise  # the disk's fault, not the picture's: the answer is read again later
    except Exception:
        logger.exception("image.unusable generation=%s index=%d", generation.pk, index)
        return _mark(generation, index, SlotState.UNUSABLE)
    try:
        key = _store(generation, index, draft, facts)
    except Exception:
        logger.exception("storage.failed generation=%s index=%d", generation.pk, index)
        return _mark(generation, index, SlotState.PENDING_STORAGE)
    finally:
        draft.unlink(missing_ok=True)
    return _commit(generation, index, key, facts, picture)


def _store(generation: Generation, index: int, draft: Path, facts: Facts) -> str:
    """Put the bytes under a key made of generation and index: a repeat overwrites, never duplicates."""
    key = names.original(generation.token, generation.pk, index, facts.extension)
    with LocalFile(draft, content_type=facts.media_type) as file:
        return default_storage.save(key, file)


def _mark(generation: Generation, index: int, state: SlotState) -> SlotState:
    with writing():
        return _set_slot(generation, index, state)


def _set_slot(generation: Generation, index: int, state: SlotState) -> SlotState:
    Slot.objects.filter(generation=generation, index=index).update(state=state, press=generation.presses)
    Generation.objects.filter(pk=generation.pk).touch()
    return state


def _commit(generation: Generation, index: int, key: str, facts: Facts, picture: Picture) -> SlotState:
    image = Image(
        generation=generation,
        owner_id=generation.owner_id,
        index=index,
        key=key,
        media_type=facts.media_type,
        width=facts.width,
        height=facts.height,
        byte_size=facts.byte_size,
        sha256=facts.sha256,
        revised_prompt=picture.revised_prompt,
        link_dies_at=timezone.now() + LINK_LIFETIME if picture.url else None,
    )
    with writing():
        image.shared = sharing.is_shared_now(generation)  # it may have been taken back since the claim
        Image.objects.keep(image)
        return _set_slot(generation, index, SlotState.SAVED)


# What people do with images


def favourite(*, image: Image, person: User, liked: bool) -> None:
    """Like an image, or no longer."""
    with writing():
        if liked:
            Favourite.objects.get_or_create(image=image, person=person)
        else:
            Favourite.objects.filter(image=image, person=person).delete()


def trash(*, image: Image, person: User, trashed: bool) -> None:
    """Put one's image into the trash, or take it out again."""
    _own(image, person)
    with writing():
        Image.objects.filter(pk=image.pk).update(trashed_at=Now() if trashed else None)
        Generation.objects.filter(pk=image.generation_id).touch()
        audit.record(actor=person, action="image.trashed" if trashed else "image.restored", subject=image.pk)


def _own(image: Image, person: User) -> None:
    if image.owner_id != person.pk:
        raise StudioError("Only the person who made this image can do that.", code="not_yours")
