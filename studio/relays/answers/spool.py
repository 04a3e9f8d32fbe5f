"""The spool file: one JSON line with the answer's head, then the raw body; fsynced before it is parsed."""

import json
import mmap
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from studio import failpoints

LONG = 64 * 1024
SLIM_LIMIT = 1024 * 1024
WINDOW = 4 * 1024 * 1024
SEAM = 8
"""Bytes by which windows overlap, so that no match is cut in two."""
HEAD_LIMIT = 256 * 1024
STRINGS_LIMIT = 20_000
PAYLOAD_KEYS = (b'"b64_json"', b'"url"', b'"image_url"', b'"content"', b'"text"')


class TooLarge(Exception):
    """The answer's body is over its limit."""


class Unreadable(Exception):
    """The body is not JSON that can be used."""


def write(spool: Path, *, head: Mapping[str, Any], chunks: Iterable[bytes], limit: int) -> None:
    """Store an answer durably: the file appears under its name only when it is complete and on the disk.

    The file may have been made before, as long as the answer may become (`room.reserved`); it is cut to what came.
    """
    part = spool.with_suffix(".part")
    with _reopened(part) as file:
        file.write(json.dumps(head).encode() + b"\n")
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLarge
            file.write(chunk)
        failpoints.hit("spooling")
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    _finish(part, spool)


@contextmanager
def _reopened(part: Path) -> Iterator[BinaryIO]:
    """Open a file for writing from its start, without losing the room that is reserved for it."""
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            yield file
        except BaseException:
            file.truncate()
            raise


def take_cut(spool: Path) -> bool:
    """Take what came of a cut answer for the answer, if it is a whole JSON object (RELAYS.md §2.7); say whether."""
    part = spool.with_suffix(".part")
    try:
        with reading(part) as body:
            value, _ = body.json()
    except Unreadable:
        return False
    if not isinstance(value, dict):
        return False
    with part.open("rb") as file:
        os.fsync(file.fileno())
    _finish(part, spool)
    return True


def _finish(part: Path, spool: Path) -> None:
    part.rename(spool)
    sync(spool.parent)


def sync(path: Path) -> None:
    """Wait until a file or a folder's list of names is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Body:
    """A view on a complete spool that never holds more of it than a small window."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        end = data.find(b"\n", 0, HEAD_LIMIT)
        self.start = end + 1
        try:
            head = json.loads(data[:end]) if end > 0 else None
        except ValueError:
            head = None
        if not isinstance(head, dict):
            raise Unreadable("the spool has no head")
        self.status = int(head.get("status", 0))
        self.headers: dict[str, str] = dict(head.get("headers", {}))

    def text(self, limit: int) -> str:
        """Return the beginning of the body as text."""
        return self.data[self.start : self.start + limit].decode("utf-8", "replace")

    def json(self) -> tuple[Any, "Spans"]:
        """Return the parsed body, its long strings replaced by names that `Spans` can look up."""
        spans = Spans(self.data)
        slim = b"".join(_slim(self.data, self.start, spans))
        try:
            value = json.loads(
                slim.decode("utf-8-sig", "replace"),
                strict=False,
                parse_constant=_no_constant,
                object_pairs_hook=_no_duplicates,
            )
        except (ValueError, RecursionError) as error:
            raise Unreadable(str(error)[:200]) from None
        return value, spans


class Spans:
    """Where the long strings of a body are; their stand-ins cannot be guessed by whoever wrote the body."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.secret = secrets.token_hex(12)
        self.places: dict[str, tuple[int, int]] = {}

    def add(self, offset: int, length: int) -> bytes:
        """Note a string and return the JSON string that stands in for it."""
        name = f"{self.secret}:{len(self.places)}"
        self.places[name] = (offset, length)
        return b'"' + name.encode() + b'"'

    def place(self, value: object) -> tuple[int, int] | None:
        """Return the (offset, length) a stand-in stands for."""
        return self.places.get(value) if isinstance(value, str) else None

    def starts_with(self, place: tuple[int, int], start: bytes) -> bool:
        """Say whether a string begins like this, whatever the case of its letters."""
        offset, length = place
        return length >= len(start) and self.data[offset : offset + len(start)].lower() == start

    def resolved(self, value: Any, limit: int, depth: int = 4) -> Any:
        """Return a copy with every stand-in a string again, cut to `limit` bytes; what is too deep is left out."""
        if isinstance(value, dict) and depth:
            return {self.text(key, 200): self.resolved(item, limit, depth - 1) for key, item in value.items()}
        if isinstance(value, list) and depth:
            return [self.resolved(item, limit, depth - 1) for item in value[:20]]
        if isinstance(value, str):
            return self.text(value, limit)
        return None if isinstance(value, dict | list) else value

    def text(self, value: object, limit: int) -> str:
        """Return a string's own text, a long one cut to about `limit` bytes; "" for anything else."""
        place = self.place(value)
        if place is None:
            return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
        offset, length = place
        return self.joined([(offset, offset + length)], limit)

    def joined(self, pieces: Iterable[tuple[int, int]], limit: int) -> str:
        """Return the text of some pieces of a string, (start, end) each, cut to about `limit` bytes."""
        raw = bytearray()
        for start, end in pieces:
            raw += self.data[start : min(end, start + limit - len(raw))]
        text = raw.decode("utf-8", "replace")
        for cut in range(13):  # an escape sequence, or two that belong together, may have been cut in two
            try:
                found = str(json.loads(f'"{text[: len(text) - cut]}"', strict=False))
            except ValueError:
                continue
            return found.encode("utf-8", "replace").decode()
        return ""


@contextmanager
def reading(spool: Path) -> Iterator[Body]:
    """Open a complete spool for reading."""
    with spool.open("rb") as file:
        if not spool.stat().st_size:
            raise Unreadable("the spool is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield Body(data)


def _slim(data: mmap.mmap, start: int, spans: Spans) -> Iterator[bytes]:
    """Yield the body from quote to quote, with stand-ins for long strings and for payloads."""
    size, position, before = 0, start, b""
    for _ in range(STRINGS_LIMIT):
        opening = _quote(data, position)
        between = _piece(data, position, opening if opening >= 0 else len(data))
        yield between
        if opening < 0:
            return
        closing = _closing(data, opening + 1)
        length = closing - opening - 1
        is_payload = before in PAYLOAD_KEYS and between.strip() == b":"
        is_long = length > LONG or is_payload
        before = spans.add(opening + 1, length) if is_long else data[opening : closing + 1]
        yield before
        size += len(between) + len(before)
        if size > SLIM_LIMIT:
            break
        position = closing + 1
    raise Unreadable("the answer is too complicated")


def _piece(data: mmap.mmap, start: int, end: int) -> bytes:
    if end - start > SLIM_LIMIT:
        raise Unreadable("the answer is too complicated")
    return data[start:end]


def _quote(data: mmap.mmap, position: int) -> int:
    """Return the place of the next quote or -1; pages that were walked over are given back to the system."""
    while position < len(data):
        found = data.find(b'"', position, position + WINDOW)
        if found >= 0:
            return found
        position += WINDOW
        data.madvise(mmap.MADV_DONTNEED, 0, min(position, len(data)) & -mmap.PAGESIZE)
    return -1


def seek(data: mmap.mmap, pattern: re.Pattern[bytes], position: int, end: int) -> int:
    """Return the place of the next match or `end`, as `_quote` does; for patterns of a few bytes."""
    while position < end:
        found = pattern.search(data, position, min(position + WINDOW, end))
        if found:
            return found.start()
        position += WINDOW - SEAM
        data.madvise(mmap.MADV_DONTNEED, 0, min(position, len(data)) & -mmap.PAGESIZE)
    return end


def _closing(data: mmap.mmap, start: int) -> int:
    """Return the quote that ends the string: the first one behind an even number of backslashes."""
    position = start
    for _ in range(STRINGS_LIMIT):
        found = _quote(data, position)
        if found < 0:
            raise Unreadable("a string has no end")
        if _backslashes(data, start, found) % 2 == 0:
            return found
        position = found + 1
    raise Unreadable("the answer is too complicated")


def _backslashes(data: mmap.mmap, start: int, end: int) -> int:
    """Count the backslashes right before `end`."""
    width = 64
    while True:
        tail = data[max(start, end - width) : end]
        count = len(tail) - len(tail.rstrip(b"\\"))
        if count < len(tail) or end - width <= start:
            return count
        width *= 4


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return value
