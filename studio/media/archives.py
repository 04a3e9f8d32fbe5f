"""Reads pictures and tables out of a ZIP or a folder that somebody brings, without believing what it says of itself.

A ZIP is refused as a whole when its list is too long or it unfolds to far more than its own size; what it says of a
file's size is only a promise, so the bytes are counted as they come. Nothing is unpacked under a name of the ZIP's own.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

MOST_FILES = 10_000
MOST_LIST = 4 * 1024 * 1024
"""Bytes of a ZIP's list of files: Python holds some twelve times as much in memory."""

MOST_UNFOLDED, SPARE = 10, 64 * 1024 * 1024
"""How many times its own size a ZIP may unfold to, and what it may in any case: pictures are compressed already."""

LARGEST_PICTURE = 40 * 1024 * 1024
LARGEST_TABLE = 8 * 1024 * 1024
BLOCK = 256 * 1024

PICTURES = frozenset(
    ["png", "jpg", "jpeg", "jfif", "webp", "gif", "svg", "avif", "heic", "bmp", "tif", "tiff"]
)
"""Names that promise a picture; whether it is one that can be kept is decided by its bytes."""

_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_FAR_LOCATOR, _FAR_END = b"PK\x06\x07", b"PK\x06\x06"


class BadArchive(Exception):
    """Raised for what cannot be read at all, or only at a price; `code` says why, `facts` what the sentence needs."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class Member:
    """One file of an archive: its whole name there, and when it says it was written."""

    name: str
    at: datetime | None

    @property
    def kind(self) -> str:
        return PurePosixPath(self.name).suffix.lower().removeprefix(".")


class Archive(Protocol):
    """A ZIP or a folder: what is in it, in order of its names, and each file's bytes."""

    members: list[Member]

    def copy(self, member: Member, into: Path, *, most: int = LARGEST_PICTURE) -> None:
        """Write the file's bytes; BadArchive for one that is damaged or larger than `most`."""


def pictures(archive: Archive) -> list[Member]:
    return [member for member in archive.members if member.kind in PICTURES]


def tables(archive: Archive) -> list[Member]:
    return [member for member in archive.members if member.kind == "csv"]


class Zipped:
    """A ZIP on this disk."""

    def __init__(self, path: Path) -> None:
        _check_list(path)
        try:
            self.zip = ZipFile(path)
        except (BadZipFile, NotImplementedError, UnicodeError, ValueError, struct.error) as error:
            raise BadArchive("import_no_zip") from error
        self.room = path.stat().st_size * MOST_UNFOLDED + SPARE
        try:
            self.infos = self._listed()
        except BadArchive:
            self.close()
            raise
        self.members = [Member(name, _moment(self.infos[name])) for name in sorted(self.infos)]

    def _listed(self) -> dict[str, ZipInfo]:
        found = [info for info in self.zip.infolist() if _counts(info.filename) and not info.is_dir()]
        if len(found) > MOST_FILES:
            raise BadArchive("import_too_many_files", most=MOST_FILES)
        if sum(info.file_size for info in found) > self.room:
            raise BadArchive("import_unfolds")
        return {info.filename: info for info in found}

    def copy(self, member: Member, into: Path, *, most: int = LARGEST_PICTURE) -> None:
        """Unfold one file; the room that the whole ZIP has is used up by what came, not by what was promised."""
        info = self.infos[member.name]
        if info.flag_bits & 0x1:
            raise BadArchive("import_locked")
        try:
            with self.zip.open(info) as source:
                self.room -= _copy(source, into, min(most, self.room))
        except BadArchive:
            raise
        except (
            BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            EOFError,
            ValueError,
            OSError,
        ) as error:
            raise BadArchive("import_damaged") from error

    def close(self) -> None:
        self.zip.close()


class Folder:
    """A folder of this machine; links are not followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.members = sorted(_files(root), key=lambda member: member.name)

    def copy(self, member: Member, into: Path, *, most: int = LARGEST_PICTURE) -> None:
        try:
            with (self.root / member.name).open("rb") as source:
                _copy(source, into, most)
        except OSError as error:
            raise BadArchive("import_damaged") from error

    def close(self) -> None:
        """There is nothing to close."""


def opened(path: Path) -> Zipped | Folder:
    """Return what lies there as an archive."""
    return Folder(path) if path.is_dir() else Zipped(path)


def _copy(source: IO[bytes], into: Path, most: int) -> int:
    """Copy until the end; BadArchive past so many bytes, whatever was promised."""
    count = 0
    with into.open("wb") as target:
        while block := source.read(BLOCK):
            count += len(block)
            if count > most:
                raise BadArchive("import_too_large", most=most)
            target.write(block)
    return count


def _files(root: Path) -> Iterator[Member]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder) / name
            where = path.relative_to(root).as_posix()
            if _counts(where) and path.is_file() and not path.is_symlink():
                yield Member(where, datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _counts(name: str) -> bool:
    """Tell files from what systems put beside them."""
    parts = PurePosixPath(name).parts
    return bool(parts) and "__MACOSX" not in parts and not parts[-1].startswith(".")


def _moment(info: ZipInfo) -> datetime | None:
    """Return when the file was written; a ZIP knows no zone, and 1980 means that it does not know."""
    try:
        return datetime(*info.date_time, tzinfo=UTC) if info.date_time[0] > 1980 else None
    except ValueError:
        return None


def _check_list(path: Path) -> None:
    """Refuse a list of files that is too long before anything reads it whole."""
    with path.open("rb") as file:
        start = max(0, file.seek(0, os.SEEK_END) - _END_SIZE - _LONGEST_COMMENT)
        file.seek(start)
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + _END_SIZE:
            raise BadArchive("import_no_zip")
        length = int.from_bytes(tail[at + 12 : at + 16], "little") % 0xFFFFFFFF
        locator = tail[at - 20 : at] if at >= 20 else b""
        if locator.startswith(_FAR_LOCATOR):
            length = max(length, _far_length(file, int.from_bytes(locator[8:16], "little"), start + at - 76))
    if length > MOST_LIST:
        raise BadArchive("import_too_many_files", most=MOST_FILES)


def _far_length(file: IO[bytes], *places: int) -> int:
    """Return how long a large ZIP (ZIP64) says its list is: the most that is said wherever somebody may read it."""
    lengths = [0]
    for place in places:
        if 0 <= place < 1 << 60:
            file.seek(place)
            record = file.read(56)
            lengths.append(int.from_bytes(record[40:48], "little") if record.startswith(_FAR_END) else 0)
    return max(lengths)
