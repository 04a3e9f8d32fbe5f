"""Makes a backup while the studio runs: the database first and the files after it, so that every row finds its file."""

import datetime
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from studio.db import release_connection, write_transaction
from studio.models import AuditEntry
from studio.services import audit, health
from studio.services.backups import databases, files, keys, shelf
from studio.services.backups.files import Heap
from studio.services.backups.manifest import Listed, Manifest
from studio.services.backups.shelf import Label
from studio.storages import Stored

FOLDERS = ("originals", "thumbnails", "exports", "imports")
"""What of the storage cannot be left out."""

AT_ONCE, BATCH = 4, 64


@dataclass(frozen=True)
class Backup:
    """A backup that is whole."""

    folder: Path
    label: Label
    copied: int


def make(*, place: Path, with_files: bool = True, why: str = "") -> Backup:
    """Add a backup to a place; only files that the last one has not are copied. Raises Conflict while another is made.

    Without files it says which there are, for a storage that has a backup of its own.
    """
    with shelf.alone(place):
        name = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H%M%SZ}{why}"
        draft = place / f".{name}.partial"
        draft.mkdir(mode=0o700)
        made = _make(place, draft, with_files)
        folder = draft.rename(place / name)
        files.sync(place)
    label, copied = made
    _write_down(folder, label)
    return Backup(folder, label, copied)


def _make(place: Path, draft: Path, with_files: bool) -> tuple[Label, int]:
    at, head = datetime.datetime.now(datetime.UTC), _head()
    tables = databases.named(connection.vendor).dump(draft)
    _copy_spool(draft)
    copied, count, size = _copy_files(place, draft, with_files)
    label = Label(
        made_at=at.isoformat(timespec="seconds"),
        database=connection.vendor,
        migrations=[list(each) for each in sorted(MigrationRecorder(connection).applied_migrations())],
        keys=keys.marks(),
        audit=head,
        files=count,
        size=size,
        with_files=with_files,
        parts={
            str(path.relative_to(draft)): files.sum_of(files.read(path)).sha256 for path in shelf.parts(draft)
        },
        tables=tables,
    )
    label.write(draft)
    return label, copied


def _head() -> str:
    """Return the end of the audit as `verify_audit --head` takes it; the copy has it, and maybe more."""
    last = AuditEntry.objects.order_by("-seq").first()
    return f"{last.seq}:{last.hash}" if last else ""


def _copy_spool(draft: Path) -> None:
    """Copy the answers that are being saved; one that is gone meanwhile has been saved."""
    (draft / shelf.SPOOL).mkdir(mode=0o700)
    for path in sorted(settings.SPOOL_DIR.glob("*")):
        target = draft / shelf.SPOOL / path.name
        try:
            files.write(target, files.read(path))
        except (FileNotFoundError, IsADirectoryError):
            target.unlink(missing_ok=True)


def _copy_files(place: Path, draft: Path, with_files: bool) -> tuple[int, int, int]:
    """Write the manifest and keep what the heap lacks; return how many files that were, and what there is in all."""
    release_connection()
    earlier, copied = shelf.backups(place), 0
    last = earlier[-1] / shelf.MANIFEST if earlier else Path(":memory:")
    with (
        Manifest(draft / shelf.MANIFEST) as manifest,
        Manifest(last) as before,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        manifest.begin()
        before.begin()
        keeper = Keeper(before, Heap(place), with_files)
        for some in batched(_stored(), BATCH):
            known = {file.key: line for file in some if (line := keeper.known(file))}
            new = [
                line
                for line in pool.map(keeper.keep, [each for each in some if each.key not in known])
                if line
            ]
            manifest.add([*known.values(), *new])
            copied += len(new)
        return copied, *manifest.totals()


def _stored() -> Iterator[Stored]:
    for folder in FOLDERS:
        yield from default_storage.walk(folder)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Keeper:
    """Keeps files of the storage that the last backup did not have as they are now."""

    before: Manifest
    heap: Heap
    with_files: bool

    def known(self, file: Stored) -> Listed | None:
        """Return the last backup's line of a file that has not changed since."""
        line = self.before.find(file.key)
        if line is None or (line.size, line.stored_at) != (file.size, file.at.isoformat()):
            return None
        return line if self.heap.has(line.file) or not self.with_files else None

    def keep(self, file: Stored) -> Listed | None:
        """Read a file and keep it; None if it has been deleted meanwhile."""
        try:
            pieces = default_storage.pieces(file.key)  # type: ignore[attr-defined]
            kept = self.heap.put(pieces) if self.with_files else files.sum_of(pieces)
        except FileNotFoundError:
            return None
        return Listed(file.key, kept.size, file.at.isoformat(), kept.sha256)


def _write_down(folder: Path, label: Label) -> None:
    """Tell the audit and the page of administration."""
    with write_transaction():
        audit.record(
            actor=None, action="studio.backed_up", subject=folder.name, files=label.files, size=label.size
        )
    (settings.STATE_DIR / health.BACKUP).touch()


def forget(*, place: Path, keep: int) -> tuple[int, int]:
    """Delete all but the newest backups, and the files that only those had; return how many of each."""
    with shelf.alone(place):
        old = shelf.backups(place)[:-keep]
        for folder in old:
            (folder / shelf.LABEL).unlink()  # from here on it is none, whatever happens
            shutil.rmtree(folder)
        with ExitStack() as stack:
            left = [stack.enter_context(Manifest(each / shelf.MANIFEST)) for each in shelf.backups(place)]
            return len(old), Heap(place).remove_unless(lambda sha256: any(each.has(sha256) for each in left))
