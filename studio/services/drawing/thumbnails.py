"""Develops pictures: full decode, thumbnails, tone, in limited child processes (SAFETY §3.2)."""

import functools
import logging
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models.functions import Now

from studio.db import release_connection, write_transaction
from studio.errors import StudioError
from studio.media.darkroom import Darkroom, DarkroomError, DecoderDied, Developed, Limits
from studio.media.inspect import UnusableImage
from studio.media.names import FIRST_SIDES
from studio.models import Generation, Image, Slot, SlotState, User
from studio.services import audit
from studio.services.drawing import statements
from studio.storages import LocalFile
from studio.words import Reason

logger = logging.getLogger(__name__)

PATIENCE = timedelta(hours=1)
"""How long a picture waits after the darkroom itself failed: it must not keep the others waiting."""

MOST_DEATHS = 3
"""Deaths of a decoder that was alone with the picture before it is set aside (SAFETY §6, row 47)."""

FIRST_PAUSE, LONGER = timedelta(seconds=30), 4
"""The pause after a death, and how much longer each next one is: memory comes back in its own time."""

DOOR_SECONDS, AT_THE_DOOR = 5.0, 8
"""How long, and how many at once, wait in a web process for a large thumbnail; others get the small one."""


# In the worker


@functools.cache
def _darkroom() -> Darkroom:
    return Darkroom(children=settings.DARKROOM_CHILDREN)


@functools.cache
def _bench() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.DARKROOM_CHILDREN, thread_name_prefix="darkroom")


_developing: set[UUID] = set()


def develop_soon(pk: UUID) -> None:
    """Develop the image in this process's background, once."""
    if pk not in _developing:
        _developing.add(pk)
        _bench().submit(develop_quietly, pk)


def develop_forgotten(limit: int = 50) -> None:
    """Develop what a dead process left undeveloped, and what is to be tried again."""
    grace = timedelta(seconds=settings.LEASE_SECONDS)
    forgotten = Image.objects.undeveloped().due().filter(saved_at__lt=Now() - grace)
    for pk in forgotten.order_by("pk").values_list("pk", flat=True)[:limit]:
        develop_soon(pk)


def develop_quietly(pk: UUID) -> None:
    """Develop the image; if the darkroom or the storage fails, it is tried again later."""
    try:
        develop(pk=pk)
    except Exception:
        logger.exception("image %s was not developed; it is tried again", pk)
        with write_transaction():
            Image.objects.filter(pk=pk).update(develop_at=Now() + PATIENCE)
    finally:
        _developing.discard(pk)
        release_connection()


def develop(*, pk: UUID) -> None:
    """Decode the image whole and store its thumbnail and tone; one that cannot be decoded is never shown.

    After a failure it is decoded in a child of its own, which no other picture can have spoilt.
    """
    image = statements.undeveloped_image.first(pk)
    if image is None:
        return
    alone = image.develop_at is not None
    try:
        developed = _made(image, _darkroom(), sides=FIRST_SIDES, alone=alone)
    except UnusableImage as error:
        _set_aside(image, SlotState.UNUSABLE, str(error))
    except DecoderDied as error:
        _count_death(image, str(error), alone=alone)
    else:
        _show(image, developed)


def _made(
    image: Image,
    darkroom: Darkroom,
    *,
    sides: Sequence[int],
    alone: bool = False,
    patience: float | None = None,
) -> Developed:
    """Make thumbnails and store them; who reads the answer finds no files any more."""
    with tempfile.TemporaryDirectory(dir=settings.SPOOL_DIR, prefix="develop-") as folder:
        original = local_copy(image, Path(folder))
        release_connection()
        developed = darkroom.develop(original, into=Path(folder), sides=sides, alone=alone, patience=patience)
        for side, path in developed.thumbnails.items():
            with LocalFile(path, content_type="image/webp") as file:
                default_storage.save(image.thumbnail_key(side), file)
    return developed


def local_copy(image: Image, folder: Path) -> Path:
    """Return a path to the original: the stored file itself, or a copy of what S3 holds."""
    try:
        return Path(default_storage.path(image.key))
    except NotImplementedError:
        copy = folder / "original"
        with default_storage.open(image.key) as source, copy.open("wb") as target:
            for chunk in source.chunks():
                target.write(chunk)
        return copy


def _show(image: Image, developed: Developed) -> None:
    """Write down that the picture is good; one that was set aside is shown again, unless another is on its way."""
    with write_transaction(durable=False):  # else it is developed anew
        if image.unusable and Generation.objects.select_for_update().get(pk=image.generation_id).is_active:
            Image.objects.same(image).update(develop_at=None)
            return
        seen = {name: getattr(developed, name) for name in ("tone", "hue", "likeness")}
        if not statements.developed(image, sorted(developed.thumbnails), **seen):
            return
        if image.unusable:
            slot = Slot.objects.filter(generation=image.generation_id, index=image.index)
            slot.update(state=SlotState.SAVED)
            Generation.objects.filter(pk=image.generation_id).touch()


def _count_death(image: Image, cause: str, *, alone: bool) -> None:
    """Try again later, alone; the third death there is the picture's own."""
    deaths = image.deaths + int(alone)
    logger.warning("decoder.died image=%s cause=%s alone=%s deaths=%d", image.pk, cause, alone, deaths)
    if deaths >= MOST_DEATHS:
        return _set_aside(image, SlotState.UNDEVELOPED, cause)
    with write_transaction():
        pause = FIRST_PAUSE * LONGER**deaths
        Image.objects.same(image).update(deaths=deaths, develop_at=Now() + pause)
    return None


def _set_aside(image: Image, state: SlotState, reason: str) -> None:
    """Quarantine an image that passed the first look and failed the second."""
    logger.warning("image.unusable image=%s reason=%s", image.pk, reason)
    with write_transaction():
        if Image.objects.same(image).update(unusable=True, deaths=0, develop_at=None):
            slot = Slot.objects.filter(generation=image.generation_id, index=image.index)
            slot.filter(state=SlotState.SAVED).update(state=state)
            Generation.objects.filter(pk=image.generation_id).touch()


# For people


def develop_again(*, image: Image, person: User) -> None:
    """Have a picture that was set aside tried again by the worker; it stays hidden until that went well."""
    if not image.unusable:
        raise StudioError(Reason("not_set_aside"))
    if image.generation.is_active:
        raise StudioError(Reason("still_running"))
    with write_transaction():
        if Image.objects.same(image).update(deaths=0, develop_at=Now(), developed_at=None):
            audit.record(actor=person, action="image.redeveloped", subject=image.pk)


@functools.cache
def _counter() -> Darkroom:
    """The darkroom of a web process: somebody waits for what it makes."""
    return Darkroom(limits=Limits(nice=0, wall=10.0))


_door = threading.BoundedSemaphore(AT_THE_DOOR)


def side_for(image: Image, side: int) -> int | None:
    """Return which thumbnail of a developed image to send for one of this side; it is made if nothing will do."""
    enough = [made for made in image.sides if made >= min(side, image.long_side)]
    if enough:
        return min(enough)
    return side if make(image, side) else max(image.sides, default=None)


def make(image: Image, side: int) -> bool:
    """Make another thumbnail, or one that is lost, unless too many people wait for one already."""
    if not _door.acquire(blocking=False):
        return False
    try:
        _made(image, _counter(), sides=[side], patience=DOOR_SECONDS)
    except (UnusableImage, DecoderDied, DarkroomError, OSError) as error:
        logger.warning("thumbnail.not_made image=%s side=%d reason=%s", image.pk, side, error)
        return False
    finally:
        _door.release()
    with write_transaction():
        for row in Image.objects.same(image).select_for_update():
            Image.objects.filter(pk=row.pk).update(sides=sorted({*row.sides, side}))
    return True
