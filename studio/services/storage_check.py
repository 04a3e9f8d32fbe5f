"""Compares what lies in the storage with what the rows say, either way, and mends what can be mended.

Files are listed before rows are read, so that a picture which comes meanwhile has its row. What is younger than a day,
or belongs to a generation or a copy that is still being made, is somebody's work and left alone, as the clean-up does
(SAFETY §6, rows 35 and 42). So are pictures that are unusable or being purged, and those of a person who is being
erased: their files go before their rows.
"""

import hashlib
import logging
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import batched
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.utils import timezone

from studio.db import release_connection, write_transaction
from studio.errors import Conflict
from studio.media import names
from studio.models import Export, ExportState, Generation, Image, Import
from studio.models.images import ImageQuerySet
from studio.services import audit
from studio.services.drawing import thumbnails
from studio.services.people import exports
from studio.storages import Stored
from studio.words import Reason

logger = logging.getLogger(__name__)

FOLDERS = ("originals", "thumbnails", "exports", "imports", "health")
"""What the studio writes; whatever else shares the place is not looked at."""

ASIDE = "aside"
"""Where files go that no row knows: a row that comes back out of a backup finds its file there again."""

YOUNG, KEPT_ASIDE = timedelta(days=1), timedelta(days=30)
BATCH = 500


@dataclass
class Found:
    """What was looked at, and what does not fit together: keys of files, ids of rows."""

    files: int = 0
    known: int = 0
    images: int = 0
    orphans: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    missing: list[UUID] = field(default_factory=list)
    back: list[UUID] = field(default_factory=list)
    changed: list[UUID] = field(default_factory=list)
    unmade: list[UUID] = field(default_factory=list)
    exports: list[UUID] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not (self.orphans or self.missing or self.changed or self.unmade or self.exports)


@dataclass
class Mended:
    """What was done about it."""

    set_aside: int = 0
    deleted: int = 0
    brought_back: int = 0
    marked: int = 0
    thumbnails: int = 0
    exports: int = 0


def check(*, contents: bool = False) -> Found:
    """Return what does not fit; with `contents` each original is read and compared with its digest."""
    found, sizes = Found(), dict[int, int]()
    for some in batched(_files(), BATCH):
        unknown = _unknown([file.key for file in some])
        found.files += len(some)
        found.known += len(some) - len(unknown)
        found.orphans += [file.key for file in some if file.key in unknown and _is_older(file, YOUNG)]
        sizes |= {hash(file.key): file.size for file in some}  # a hash takes a third of a key's room
    found.forgotten = [file.key for file in _walk(ASIDE) if _is_older(file, KEPT_ASIDE)]
    for image in _images():
        found.images += 1
        _look_at(image, sizes, found, contents=contents)
    copies = Export.objects.filter(state=ExportState.READY).values_list("pk", "key")
    found.exports = [pk for pk, key in copies if _size(key, sizes) is None]
    return found


def _files() -> Iterator[Stored]:
    for folder in FOLDERS:
        yield from _walk(folder)


def _walk(folder: str) -> Iterator[Stored]:
    return default_storage.walk(folder)  # type: ignore[attr-defined]


def _images() -> Iterator[Image]:
    """Yield the pictures whose files must be there, a few at a time: no statement stays open for the whole walk."""
    rows = _settled().order_by("pk")
    some = list(rows[:BATCH])
    while some:
        yield from some
        release_connection()
        some = list(rows.filter(pk__gt=some[-1].pk)[:BATCH])


def _settled() -> ImageQuerySet:
    running = Generation.objects.active().values("pk")
    return Image.objects.filter(unusable=False, owner__erasing_since=None).exclude(generation__in=running)


def _unknown(keys: Collection[str]) -> set[str]:
    """Return those of the keys that no row names, and that nothing which is being made may be about to name."""
    runs = {key: names.generation_of(key) for key in keys}
    wanted = {run for run in runs.values() if run}
    rows = Image.objects.filter(generation__in=wanted).only("key", "generation_id", "index")
    known = {key for image in rows for key in image.keys}
    known |= set(Export.objects.filter(key__in=keys).values_list("key", flat=True))
    known |= {key for row in Import.objects.under_way() for key in row.keys if key in keys}
    making = {
        f"{pk}.zip" for pk in Export.objects.filter(state=ExportState.MAKING).values_list("pk", flat=True)
    }
    known |= {key for key in keys if key.startswith("exports/") and key.rpartition("/")[2] in making}
    running = set(Generation.objects.active().filter(pk__in=wanted).values_list("pk", flat=True))
    return {key for key, run in runs.items() if key not in known and run not in running}


def _is_older(file: Stored, age: timedelta) -> bool:
    return file.at < timezone.now() - age


def _look_at(image: Image, sizes: dict[int, int], found: Found, *, contents: bool) -> None:
    size = _size(image.key, sizes)
    if size is None:
        found.missing.append(image.pk)
    elif size != image.byte_size or (contents and _digest(image.key) != image.sha256):
        if _settled().same(image).exists():  # else it was drawn anew meanwhile
            found.changed.append(image.pk)
    elif image.missing_since:
        found.back.append(image.pk)
    if size is not None and _lacks_thumbnail(image, sizes):
        found.unmade.append(image.pk)


def _lacks_thumbnail(image: Image, sizes: dict[int, int]) -> bool:
    if image.developed_at is None:
        return False
    return not image.sides or any(_size(image.thumbnail_key(side), sizes) is None for side in image.sides)


def _size(key: str, sizes: dict[int, int]) -> int | None:
    """Return how large the file is; the storage is asked again for one that was not listed. None: it is not there."""
    size = sizes.get(hash(key))
    return _size_now(key) if size is None else size


def _size_now(key: str) -> int | None:
    """Only a storage that answers "no such file" says so: one that is away raises."""
    try:
        return int(default_storage.size(key))
    except FileNotFoundError:
        return None


def _digest(key: str) -> str:
    digest = hashlib.sha256()
    for piece in default_storage.pieces(key):  # type: ignore[attr-defined]
        digest.update(piece)
    return digest.hexdigest()


def look_by_night() -> int:
    """Have a process of its own write down what is missing: it may take hours, and memory for the name of each file.

    What no row knows is left where it is: only a person can tell whose it is where a place is shared.
    """
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "verify_media", "--mark"]
    ended = subprocess.run(["nice", *command], cwd=settings.BASE_DIR, capture_output=True, text=True)
    if ended.returncode:
        logger.warning("storage.does_not_fit %s", " ".join((ended.stdout + ended.stderr).split()))
    return ended.returncode


# Mending


def mark(found: Found) -> int:
    """Write down whose original is missing and whose is not any more; return how many are newly so."""
    _check_that_it_is_ours(found)
    return _mark(found.missing, found.back)


def _check_that_it_is_ours(found: Found) -> None:
    if not found.known and (found.orphans or found.missing):
        raise Conflict(Reason("storage_is_another"))


def mend(found: Found) -> Mended:
    """Set aside what no row knows, bring back what lies there and is wanted, mark what is lost, make thumbnails again.

    Raises Conflict where nothing at all fits: then this is the storage of another database. An original that is gone or
    changed cannot be made again: it comes back from a backup.
    """
    _check_that_it_is_ours(found)
    done = Mended()
    back = {pk for pk in found.missing if _bring_back(pk)}
    done.brought_back = len(back)
    done.marked = _mark([pk for pk in found.missing if pk not in back], [*found.back, *back])
    done.set_aside, done.deleted = _set_aside(found.orphans), _delete(found.forgotten)
    done.thumbnails = sum(map(_make_thumbnails, {*found.unmade, *back}))
    done.exports = _forget(found.exports)
    with write_transaction():
        if any(vars(done).values()):
            audit.record(actor=None, action="storage.mended", subject="", **vars(done))
    return done


def _bring_back(pk: UUID) -> bool:
    """Put what was set aside of a picture back where it belongs; tell whether its original was there."""
    image = _settled().filter(pk=pk).first()
    back = {key for key in image.keys if _move(f"{ASIDE}/{key}", key)} if image else set()
    return image is not None and image.key in back


def _mark(missing: Iterable[UUID], there: Iterable[UUID]) -> int:
    """Write down whose original is missing, and whose is not any more; return how many are newly missing."""
    marked = 0
    for some in batched(missing, BATCH):
        with write_transaction():
            marked += _settled().filter(pk__in=some, missing_since=None).update(missing_since=Now())
    for some in batched(there, BATCH):
        with write_transaction():
            Image.objects.filter(pk__in=some).update(missing_since=None)
    return marked


def _set_aside(orphans: Iterable[str]) -> int:
    """Move what no row knows; rows are asked again, for the walk may have taken hours."""
    moved = 0
    for some in batched(orphans, BATCH):
        for key in _unknown(some):
            moved += _move(key, f"{ASIDE}/{key}")
    return moved


def _move(old: str, new: str) -> bool:
    """Copy, then delete: what dies in between is there twice, never not at all."""
    try:
        with default_storage.open(old) as file:
            default_storage.save(new, file)
    except FileNotFoundError:
        return False
    default_storage.delete(old)
    return True


def _delete(keys: Iterable[str]) -> int:
    """Delete what was set aside a month ago."""
    count = 0
    for count, key in enumerate(keys, start=1):  # noqa: B007
        default_storage.delete(key)
    return count


def _make_thumbnails(pk: UUID) -> bool:
    """Make the first thumbnail again; larger ones are made when somebody asks for them."""
    image = Image.objects.filter(pk=pk).first()
    if image is None:
        return False
    there = [side for side in image.sides if _size_now(image.thumbnail_key(side)) is not None]
    with write_transaction():
        if not Image.objects.same(image).update(sides=there):
            return False
    image.sides = there
    return thumbnails.side_for(image, names.FIRST_SIDES[0]) is not None


def _forget(pks: Iterable[UUID]) -> int:
    """Remove rows of copies whose file is lost, so that their people can ask for another."""
    rows = list(Export.objects.filter(pk__in=list(pks), state=ExportState.READY))
    for row in rows:
        with write_transaction():
            exports.remove(row)
    return len(rows)
