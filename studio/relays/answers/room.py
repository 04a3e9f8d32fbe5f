"""Room on the disk for answers that are still to come: reserved before a request is sent (SAFETY §6, row 33).

A reservation is the `.part` file itself, made as long as its answer may become without taking the space. Everybody who
asks for room counts what all of them may still take: threads and processes, by looking at the same folder.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FLOOR = 1024 * 1024 * 1024
"""Bytes that stay free for everything else on the disk: the database, the pictures, other programs."""

FRESH = 900.0
"""Seconds after which a file that nobody writes to holds no room: its worker died (a call lasts 660 s)."""


class NoRoom(Exception):
    """The answer might not fit on the disk."""


@contextmanager
def reserved(part: Path, size: int) -> Iterator[None]:
    """Make a file that may grow to `size` bytes, or raise NoRoom; if nothing was written to it, it goes again."""
    with _alone(part.parent):
        space = os.statvfs(part.parent)
        if space.f_bavail * space.f_frsize - promised(part.parent) - size < FLOOR:
            raise NoRoom
        with part.open("wb") as file:
            file.truncate(size)
    try:
        yield
    finally:
        _remove_untouched(part, size)


def promised(folder: Path) -> int:
    """Return how many bytes the answers that are on their way may still take."""
    young = time.time() - FRESH
    rooms = [room for room in _rooms(folder) if room.st_mtime > young]
    return sum(max(0, room.st_size - room.st_blocks * 512) for room in rooms)


def _rooms(folder: Path) -> Iterator[os.stat_result]:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if entry.name.endswith(".part"):
                    yield entry.stat()
            except FileNotFoundError:
                continue


def _remove_untouched(part: Path, size: int) -> None:
    try:
        room = part.stat()
    except FileNotFoundError:
        return
    if (room.st_size, room.st_blocks) == (size, 0):
        part.unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else reserve room in this folder meanwhile."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
