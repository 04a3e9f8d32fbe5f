"""Short write transactions, and giving the connection back before something slow."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, transaction

_one_writer = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """Run a write transaction; SQLite's threads queue up here instead of polling for the file's lock.

    Two hundred threads that poll with growing pauses starve each other; a mutex hands the turn over at once.
    """
    turn = _one_writer if connection.vendor == "sqlite" else nullcontext()
    with turn, transaction.atomic():
        yield


def rest() -> None:
    """Give a pooled connection back before waiting for the outside world; SQLite's stays, it costs no server."""
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()
