"""A heap of files in which each lies once, however many backups have it: its name is the SHA-256 of what is in it."""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

MODE = 0o600
BLOCK = 256 * 1024


class Sum(NamedTuple):
    """What a file comes to."""

    sha256: str
    size: int


class Heap:
    """The folder `files/` of a place for backups."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "files"

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def has(self, file: Sum) -> bool:
        """Tell whether it lies here in its full length."""
        try:
            return self.path(file.sha256).stat().st_size == file.size
        except FileNotFoundError:
            return False

    def put(self, pieces: Iterable[bytes]) -> Sum:
        """Keep a file; it is on the disk, whole and under its name, before this returns."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        draft = self.folder / f".{secrets.token_hex(8)}"
        try:
            file = write(draft, pieces)
            if not self.has(file):
                target = self.path(file.sha256)
                target.parent.mkdir(mode=0o700, exist_ok=True)
                draft.replace(target)
            return file
        finally:
            draft.unlink(missing_ok=True)

    def remove_unless(self, wanted: Callable[[str], bool]) -> int:
        """Delete the files that nobody wants any more, and drafts of a dead process; return how many."""
        unwanted = [path for path in self._all() if path.name.startswith(".") or not wanted(path.name)]
        for path in unwanted:
            path.unlink()
        return len(unwanted)

    def _all(self) -> Iterator[Path]:
        return (path for path in self.folder.rglob("*") if path.is_file())


def write(path: Path, pieces: Iterable[bytes]) -> Sum:
    """Write a new file for its owner only, piece by piece, and wait until it is on the disk."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(descriptor)
    return Sum(digest.hexdigest(), size)


def sum_of(pieces: Iterable[bytes]) -> Sum:
    """Return what a file comes to without keeping it."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return Sum(digest.hexdigest(), size)


def read(path: Path) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    with path.open("rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


def sync(folder: Path) -> None:
    """Wait until the list of names of a folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
