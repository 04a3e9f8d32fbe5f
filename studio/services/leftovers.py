"""Removes files that nobody needs any more: of the spool folder, of the storage's drafts, of a sandbox that is off."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage

from studio.models import Generation, State
from studio.models.states import ACTIVE

DAY = 24 * 3600
AGE = DAY
"""Seconds after which a file that belongs to no running generation is removed (SAFETY §6, row 42)."""

ANSWER_AGE = 7 * DAY
"""Seconds for which answers that were paid for and fell short are kept (SAFETY §6, row 15)."""

ANSWER_BYTES = 2 * 1024**3
"""How much such answers may take together; the oldest go first."""

ANSWERED = (".spool", ".part")


def remove() -> int:
    """Remove all of them; return how many files or folders."""
    return sum(map(_remove, [*_of_the_spool(), *_drafts(), *_of_the_sandbox()]))


def _remove(path: Path) -> bool:
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return True


def _of_the_spool() -> list[Path]:
    """Return leftovers of the spool folder; its files are listed before the rows, so that a new one has its row."""
    paths = _listed(settings.SPOOL_DIR)
    states = _states(paths)
    kept = [path for path in paths if states.get(_id(path)) == KEPT and path.suffix in ANSWERED]
    too_much = set(_beyond(kept, ANSWER_BYTES))
    return [path for path in paths if path in too_much or _is_leftover(path, states.get(_id(path)))]


KEPT = "kept"
"""What stands for the state of a generation whose answer fell short."""


def _states(paths: Iterable[Path]) -> dict[UUID | None, str]:
    """Return what the generations of these files need them for, in one look."""
    ids = {pk for path in paths if (pk := _id(path))}
    rows = Generation.objects.filter(pk__in=ids)
    needed: dict[UUID | None, str] = dict(rows.in_state(*ACTIVE, State.UNKNOWN).values_list("pk", "state"))
    return needed | dict.fromkeys(rows.fallen_short().values_list("pk", flat=True), KEPT)


def _is_leftover(path: Path, state: str | None) -> bool:
    """Tell what nobody needs: a late answer may still come for a row whose contact was lost."""
    if state in ACTIVE:
        return False
    done_with = {".spool", ".draft"} if state is None else {".draft"} if state == KEPT else set()
    if path.suffix in done_with and _id(path):
        return True
    return _is_older(path, ANSWER_AGE if state == KEPT and path.suffix in ANSWERED else AGE)


def _beyond(paths: Iterable[Path], room: int) -> list[Path]:
    """Return the oldest of these files, which the room does not suffice for."""
    facts = sorted(((*_facts(path), path) for path in paths), reverse=True)
    beyond = []
    for _, size, path in facts:
        room -= size
        if room < 0:
            beyond.append(path)
    return beyond


def _drafts() -> list[Path]:
    """Return what a process that died was writing into the storage's folder.

    Earlier releases wrote their drafts beside the pictures: all folders are searched for those once.
    """
    folder: Path | None = getattr(default_storage, "drafts", None)
    if folder is None or not folder.exists():
        return []
    found = _listed(folder)
    if not (searched := folder / ".searched").exists():
        found += folder.parent.rglob(".draft-*")
        searched.touch()
    return [path for path in found if path != searched and _is_older(path, AGE)]


def _of_the_sandbox() -> list[Path]:
    """Return what a sandbox that was switched off a week ago left behind."""
    folder = settings.SANDBOX_DIR
    if settings.SANDBOX or not folder.exists():
        return []
    return [folder] if all(_is_older(path, ANSWER_AGE) for path in folder.rglob("*")) else []


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def _facts(path: Path) -> tuple[float, int]:
    """Return when the file was written and how large it is; one that is gone is from now and takes no room."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return time.time(), 0
    return found.st_mtime, found.st_size


def _is_older(path: Path, seconds: float) -> bool:
    return time.time() - _facts(path)[0] > seconds


def _id(path: Path) -> UUID | None:
    """Return the generation whose id the name begins with."""
    try:
        return UUID(path.name[:36])
    except ValueError:
        return None
