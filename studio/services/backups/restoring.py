"""Puts a backup in the place of this studio: the files first and the rows after them, so that every row finds its file.

Nothing that waited when the backup was made is sent by itself (SAFETY §6, rows 44 and 48).
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import batched
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Generation, Letter, User, WorkerProcess
from studio.models.states import ACTIVE
from studio.services import audit
from studio.services.backups import checking, databases, files, keys, making, shelf
from studio.services.backups.files import Heap
from studio.services.backups.manifest import Listed, Manifest
from studio.services.backups.shelf import Label
from studio.services.drawing import restoration
from studio.words import Reason

AT_ONCE, BATCH = 4, 64


@dataclass
class Restored:
    """What was put back, and the keys of files that the backup has not, or not as they were."""

    folder: Path
    label: Label
    point: Path | None
    files: int = 0
    damaged: list[str] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)


def restore(*, path: Path, over: bool = False, without_keys: bool = False) -> Restored:
    """Restore a backup, or the newest of a place; what was here before becomes a backup beside it.

    Raises Conflict, and has changed nothing, where the backup is damaged, of a newer version or of the other kind of
    database, where its secrets are not here (unless `without_keys`), where a worker runs, or where there is a studio
    already (unless `over`).
    """
    folder = shelf.find(path)
    label = checking.check_database(folder)
    _check_that_it_fits(label, without_keys)
    is_new = not _has_people()
    _check_that_it_may_be_replaced(is_new, over)
    point = None if is_new else making.make(place=folder.parent, why="-before-restore").folder
    done = Restored(folder, label, point)
    _put_files_back(done)
    _put_spool_back(folder)
    databases.named(label.database).load(folder, label.migrations)
    _hold_everything_back()
    call_command("migrate", verbosity=0, interactive=False)
    _let_nobody_in()
    done.waiting = {str(state): count for state, count in restoration.after_restore().items()}
    with write_transaction():
        detail = {"files": done.files, "damaged": len(done.damaged), "made_at": label.made_at}
        audit.record(actor=None, action="studio.backup_restored", subject=folder.name, **detail)
    return done


def _check_that_it_fits(label: Label, without_keys: bool) -> None:
    if label.database != connection.vendor:
        raise Conflict(Reason("backup_other_database", there=label.database, here=connection.vendor))
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    if unknown := sorted({(app, name) for app, name in label.migrations} - known):
        raise Conflict(Reason("database_newer", migration=unknown[-1][1]))
    if not without_keys and (missing := keys.missing(label.keys)):
        raise Conflict(Reason("backup_keys", names=missing, state=str(settings.STATE_DIR)))


def _has_people() -> bool:
    return MigrationRecorder(connection).has_table() and User.objects.exists()


def _check_that_it_may_be_replaced(is_new: bool, over: bool) -> None:
    if is_new:
        return
    alive = WorkerProcess.objects.seen_within(timedelta(seconds=settings.LEASE_SECONDS)).first()
    if alive:
        raise Conflict(Reason("worker_runs", name=alive.name, seconds=settings.LEASE_SECONDS))
    if not over:
        raise Conflict(Reason("studio_is_here", people=User.objects.count()))


def _put_files_back(done: Restored) -> None:
    """Store every file that the storage lacks or has otherwise, once it has proved to be as it was."""
    heap, folder = Heap(done.folder.parent), done.folder
    with Manifest(folder / shelf.MANIFEST) as manifest, ThreadPoolExecutor(AT_ONCE) as pool:
        for some in batched(manifest, BATCH):
            for line, is_there in zip(some, pool.map(lambda line: _put_back(heap, line), some), strict=True):
                done.files += is_there
                done.damaged += [] if is_there else [line.key]


def _put_back(heap: Heap, line: Listed) -> bool:
    if _is_there(line):
        return True
    if not checking.is_whole(heap, line):
        return False
    with heap.path(line.sha256).open("rb") as file:
        default_storage.save(line.key, File(file))
    return True


def _is_there(line: Listed) -> bool:
    with suppress(FileNotFoundError):
        if default_storage.size(line.key) == line.size:
            return files.sum_of(default_storage.pieces(line.key)) == line.file  # type: ignore[attr-defined]
    return False


def _put_spool_back(folder: Path) -> None:
    """Put the answers back that were being saved; of those that are here and still running, nothing is known."""
    settings.SPOOL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sorted((folder / shelf.SPOOL).glob("*")):
        target = settings.SPOOL_DIR / path.name
        target.unlink(missing_ok=True)
        files.write(target, files.read(path))


def _hold_everything_back() -> None:
    """From here on a worker that starts sends nothing of it, even if this process ends now."""
    table, states = Generation._meta.db_table, ", ".join(["%s"] * len(ACTIVE))
    with transaction.atomic(), connection.cursor() as cursor:  # the table may have columns of another time
        cursor.execute(f"UPDATE {table} SET restored = %s WHERE state IN ({states})", [True, *ACTIVE])  # noqa: S608


def _let_nobody_in() -> None:
    """End sessions that may have been ended since, and drop letters that may have been sent since."""
    with write_transaction():
        Session.objects.all().delete()
        Letter.objects.all().delete()
