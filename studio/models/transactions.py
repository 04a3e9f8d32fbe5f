"""Short write transactions, and giving the connection back before something slow."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.conf import settings
from django.db import connection, transaction


class Turn:
    """One writer at a time: among the threads of this process by a lock, among processes by a lock file.

    SQLite's own waiting polls with growing pauses, so that two hundred threads starve each other and the web process
    waits behind the worker; a lock hands the turn over at once, and a dead process gives its turn back.
    """

    def __init__(self) -> None:
        self.threads = threading.RLock()
        self.depth = 0
        self.file = (
            0,
            -1,
        )  # the process that opened it, and its descriptor: no child shares its parent's turn

    def __enter__(self) -> None:
        self.threads.acquire()
        try:
            if self.depth == 0:
                fcntl.flock(self._descriptor(), fcntl.LOCK_EX)
        except BaseException:
            self.threads.release()
            raise
        self.depth += 1

    def __exit__(self, *error: object) -> None:
        self.depth -= 1
        if self.depth == 0:
            fcntl.flock(self._descriptor(), fcntl.LOCK_UN)
        self.threads.release()

    def _descriptor(self) -> int:
        if self.file[0] != os.getpid():
            path = settings.STATE_DIR / "writer.lock"
            self.file = (os.getpid(), os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return self.file[1]


_turn = Turn()


@contextmanager
def writing() -> Iterator[None]:
    """Run a write transaction; on SQLite when it is this thread's turn."""
    turn = _turn if connection.vendor == "sqlite" else nullcontext()
    with turn, transaction.atomic():
        yield


def rest() -> None:
    """Give a pooled connection back before waiting for the outside world; SQLite's stays, it costs no server."""
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()
