"""Short write transactions, and giving the connection back before something slow."""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection, transaction

from studio.lock_file import BUSY, LockFile

logger = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds a writer waits for its turn, as SQLite itself waits for its lock (SAFETY §6, row 32)."""

STRETCH = 0.02
"""Seconds for which a process may go on, one thread after the other, before another process has its turn."""

WAL_HEAD = 32
"""Bytes of the log's header. Its salt differs each time a log is begun anew, where a new file may have an old inode."""


class Turn:
    """One writer at a time: among the threads of this process by a lock, among processes by a lock file.

    SQLite's own waiting polls with growing pauses, so that two hundred threads starve each other and the web process
    waits behind the worker; a lock hands the turn over at once, and a dead process gives its turn back. Processes have
    their turns by time, not by transaction: else a worker with a hundred small ones had to wait for a web process after
    each.
    """

    def __init__(self) -> None:
        self.threads = threading.RLock()
        self.waiting: deque[None] = deque()
        self.depth = 0
        self.file: LockFile | None = None
        self.later: list[Callable[[], object]] = []

    def __enter__(self) -> None:
        deadline = time.monotonic() + PATIENCE
        self.waiting.append(None)
        try:
            came = self.threads.acquire(timeout=PATIENCE)
        finally:
            self.waiting.pop()
        if not came:
            self._give_back_unused()
            raise OperationalError(BUSY)
        try:
            if self.depth == 0 and self._file().since is None:
                self._file().take(deadline)
        except BaseException:
            self.threads.release()
            raise
        self.depth += 1

    def __exit__(self, *error: object) -> None:
        self.depth -= 1
        done: list[Callable[[], object]] = []
        is_kept = False
        if self.depth == 0:
            done, self.later = self.later, []
            is_kept = bool(self.waiting) and time.monotonic() - (self._file().since or 0) < STRETCH
            if not is_kept:
                self._file().give_back()
        self.threads.release()
        if is_kept and not self.waiting:
            self._give_back_unused()
        for job in done:
            _try(job)

    def _give_back_unused(self) -> None:
        """Give the file back, if it was kept for a thread that has stopped waiting."""
        if self.threads.acquire(blocking=False):
            if self.depth == 0 and self._file().since is not None:
                self._file().give_back()
            self.threads.release()

    def put_off(self, job: Callable[[], object]) -> None:
        """Run the job at the end of this thread's turn; now, if it has none."""
        if self.threads._is_owned() and self.depth:  # type: ignore[attr-defined]
            self.later.append(job)
        else:
            _try(job)

    def _file(self) -> LockFile:
        if self.file is None or self.file.process != os.getpid():  # no child shares its parent's turn
            self.file = LockFile()
        return self.file


def _try(job: Callable[[], object]) -> None:
    try:
        job()
    except Exception:
        logger.exception("what should follow a transaction failed")


_turn = Turn()


@contextmanager
def write_transaction(*, durable: bool = True) -> Iterator[None]:
    """Run a write transaction; on SQLite when it is this thread's turn.

    It is on the disk when it ends. One that is not `durable` need not be: a power failure may undo it, a dying process
    does not. So are written the steps that whoever comes after takes again, at no cost, when they are missing.
    """
    if connection.vendor != "sqlite":
        with transaction.atomic(), _last_things():
            if not durable:
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL synchronous_commit = off")
            yield
        return
    outermost = not connection.in_atomic_block
    if outermost:
        release_connection()  # a hundred threads may wait for their turn, and each connection holds a megabyte of pages
    with _turn, _without_the_disk() if outermost else nullcontext(), transaction.atomic(), _last_things():
        yield
    if outermost and durable:
        _log.sync()


def in_turn() -> Turn:
    """Return what to enter for this process's turn to write."""
    return _turn


@contextmanager
def _without_the_disk() -> Iterator[None]:
    """Let SQLite end a transaction before it is on the disk: nobody else has to wait for that in their turn."""
    connection.ensure_connection()
    sqlite = connection.connection  # Django's cursor takes ten times as long as the statement
    with connection.wrap_database_errors:
        sqlite.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        if connection.connection is sqlite:  # else it could not even be rolled back, and is closed
            sqlite.execute("PRAGMA synchronous = FULL")


class Log:
    """SQLite's log, into which transactions are written; those who wait for the disk here do so side by side.

    What a thread waits for contains all that was written before, by anybody. A log that is gone, or was begun anew
    meanwhile, has been brought over into the database and is on the disk (https://sqlite.org/wal.html, checkpoints).
    """

    known: tuple[int, bytes] | None = None
    """The log whose name is on the disk, too."""

    def sync(self) -> None:
        path = Path(f"{connection.settings_dict['NAME']}-wal")
        try:
            log = _to_disk(path, head=WAL_HEAD)
        except FileNotFoundError:
            return
        if log != self.known:
            _to_disk(path.parent)
            self.known = log


def _to_disk(path: Path, *, head: int = 0) -> tuple[int, bytes]:
    """Wait until a file or folder is on the disk; return its inode and its first bytes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(descriptor)
        return os.fstat(descriptor).st_ino, os.pread(descriptor, head, 0) if head else b""
    finally:
        os.close(descriptor)


_log = Log()


Write = Callable[[list[Any]], None]


class _Last(threading.local):
    """What the write transaction of this thread does before it commits; None when there is none."""

    things: list[tuple[Write, Any]] | None = None


_last = _Last()


@contextmanager
def _last_things() -> Iterator[None]:
    """Do the last things of the outermost transaction; an inner one that fails takes its own back."""
    outer = _last.things
    things = _last.things = [] if outer is None else outer
    count = len(things)
    try:
        yield
        if outer is None:
            for write, items in _together(things).items():
                write(items)
    except BaseException:
        del things[count:]
        raise
    finally:
        _last.things = outer


def _together(things: list[tuple[Write, Any]]) -> dict[Write, list[Any]]:
    found: dict[Write, list[Any]] = {}
    for write, item in things:
        found.setdefault(write, []).append(item)
    return found


def at_the_end(write: Write, item: Any) -> None:
    """Have an item written just before this thread's write transaction commits, with others of its kind.

    Where there is none, it is written now, in one of its own.
    """
    if _last.things is None:
        with write_transaction():
            write([item])
    else:
        _last.things.append((write, item))


def afterwards(job: Callable[[], object], *, durable: bool = False) -> None:
    """Run the job once the transaction is committed and others may write again; a failing one is only logged.

    On SQLite a power failure may still undo the transaction then. A `durable` job waits until it cannot any more: it
    deletes a file that the rows would name again.
    """
    todo = partial(_when_on_the_disk, job) if durable and connection.vendor == "sqlite" else job
    transaction.on_commit(lambda: _turn.put_off(todo), robust=True)


def _when_on_the_disk(job: Callable[[], object]) -> None:
    _log.sync()
    job()


def release_connection() -> None:
    """Give the connection to whoever needs one, before waiting for the outside world or when all is done."""
    if connection.in_atomic_block:
        return
    if connection.vendor == "sqlite":
        connection.lend()  # type: ignore[attr-defined]
    else:
        connection.close()
