"""A place with backups in it: a folder for each, named by its time, beside the files that they share."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from studio.errors import Conflict
from studio.services.backups import files
from studio.words import Reason

FORMAT = 1
LABEL, MANIFEST, SPOOL = "backup.json", "manifest.sqlite3", "spool"


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a backup says of itself; it is written last, so that a folder without it is no backup."""

    made_at: str
    database: str
    migrations: list[list[str]]
    keys: dict[str, list[str]]
    audit: str
    files: int
    size: int
    with_files: bool
    parts: dict[str, str]
    tables: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), indent=1)
        files.write(folder / LABEL, [text.encode()])
        files.sync(folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises Conflict for what is no backup, or one of a later make."""
        try:
            said: dict[str, Any] = json.loads((folder / LABEL).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise Conflict(Reason("backup_none", folder=str(folder))) from None
        if said["format"] > FORMAT:
            raise Conflict(Reason("backup_later_make"))
        return cls(**said)


def backups(place: Path) -> list[Path]:
    """Return the whole backups of a place, the oldest first."""
    return sorted(path.parent for path in place.glob(f"[0-9]*/{LABEL}"))


def find(path: Path) -> Path:
    """Return the backup that a path means: itself, or the newest of the place it is."""
    if (path / LABEL).exists():
        return path
    there = backups(path)
    if not there:
        raise Conflict(Reason("backup_none", folder=str(path)))
    return there[-1]


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Let one process at a time add to a place or take from it; what a dead one left half done goes."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(place / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(Reason("backup_under_way", folder=str(place))) from None
        for draft in place.glob(".*.partial"):
            shutil.rmtree(draft)
        yield
    finally:
        os.close(descriptor)


def parts(folder: Path) -> list[Path]:
    """Return the files of a backup itself, its label aside."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LABEL)
