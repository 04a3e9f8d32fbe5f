"""Where pictures lie: a folder that survives a power cut (SAFETY §6 row 42); S3 is in `studio.storages_s3`.

A key is used exactly as given: a repeated save overwrites, so that storing a slot twice leaves one file.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.core.files.utils import validate_file_name

from studio.media import names

if TYPE_CHECKING:
    BytesFile = File[bytes]
else:
    BytesFile = File  # generic in Django's stubs only

FILE_MODE = 0o600
FOLDER_MODE = 0o700
BLOCK = 256 * 1024


class WrongClock(OSError):
    """The storage refuses us because this machine's clock is another than its own."""


class Stored(NamedTuple):
    """A file as its storage lists it."""

    key: str
    size: int
    at: datetime


class LocalFile(BytesFile):
    """A file on this machine's disk that a storage may move instead of copying; open it with `with`."""

    def __init__(self, path: Path, *, content_type: str) -> None:
        super().__init__(path.open("rb"), name=str(path))
        self.content_type = content_type

    def temporary_file_path(self) -> str:
        """Return the path that Django's storages ask for when they may take the file itself."""
        return str(self.name)


class FolderStorage(FileSystemStorage):
    """A folder in which a saved file is on the disk, whole and under its key, before `save` returns."""

    def __init__(self, location: str | Path | None = None, base_url: str | None = None) -> None:
        super().__init__(location, base_url, FILE_MODE, FOLDER_MODE, allow_overwrite=True)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the key as it is; one that is too long is refused, never shortened."""
        if max_length is not None and len(name) > max_length:
            raise SuspiciousFileOperation(f"The key {name!r} is longer than {max_length} characters.")
        validate_file_name(name, allow_relative_path=True)
        return name

    def walk(self, folder: str) -> Iterator[Stored]:
        """Yield every file below a folder; one that goes meanwhile is left out."""
        root = Path(self.location)
        for path in root.joinpath(folder).rglob("*"):
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(found.st_mode):
                at = datetime.fromtimestamp(found.st_mtime, UTC)
                yield Stored(path.relative_to(root).as_posix(), found.st_size, at)

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield a file piece by piece."""
        with Path(self.path(key)).open("rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")

    def _save(self, name: str, content: BytesFile) -> str:
        """Write a draft, sync it, rename it over the key, sync the folder: in this order.

        What can be made again may be gone after a power cut, but it is not there in part.
        """
        target = Path(self.path(name))
        given = _given(content)
        _make_folder(target.parent)
        with self._draft(content, given) as draft:
            draft.chmod(FILE_MODE)
            self.sync(draft)
            self.rename(draft, target)
        if not names.is_made_again(name):
            self._sync_above(target)
        if given:
            given.unlink()
        return name

    @property
    def drafts(self) -> Path:
        """Where files are written before they get their key: what a dead process left is found in one place."""
        return Path(self.location) / ".drafts"

    @contextmanager
    def _draft(self, content: BytesFile, given: Path | None) -> Iterator[Path]:
        """Lend the content as a file of its own; afterwards the draft is gone, whatever happened."""
        draft = self.drafts / secrets.token_hex(8)
        draft.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        try:
            if not (given and _linked(given, draft)):
                _write(draft, content)
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _sync_above(self, target: Path) -> None:
        """Sync each folder from the file's up to the one that holds the storage: whoever made them may have died since.

        Those in which nothing is new cost nothing.
        """
        home = Path(self.location).parent
        for folder in target.parents:
            self.sync(folder)
            if folder == home:
                break

    def rename(self, draft: Path, target: Path) -> None:
        """Put the draft in the place of the key, in one step that nobody can see half done."""
        draft.replace(target)

    def sync(self, path: Path) -> None:
        """Wait until a file or a folder's list of names is on the disk."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it that are missing, each for its owner alone."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


def _given(content: BytesFile) -> Path | None:
    """Return the path of a file that may be taken as it is."""
    path = getattr(content, "temporary_file_path", None)
    return Path(path()) if path else None


def _linked(given: Path, draft: Path) -> bool:
    """Give a file on the same filesystem a second name, which costs nothing and loses nothing on failure."""
    try:
        draft.hardlink_to(given)
    except OSError:
        return False
    return True


def _write(draft: Path, content: BytesFile) -> None:
    """Copy the content, block by block, into a new file for its owner only."""
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in content.chunks(BLOCK):
            file.write(chunk)
