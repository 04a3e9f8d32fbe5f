"""One process at a time gets a studio ready, on one machine or on many."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.conf import settings
from django.db import connection

LOCK = 2_718_281_828
"""PostgreSQL's advisory lock of whoever migrates and makes the first rows."""


@contextmanager
def alone(waiting: Callable[[], object]) -> Iterator[None]:
    """Run the block while no other process is in it; `waiting` is called before waiting for one that is.

    A lock file keeps others on this machine out (they share static files and secrets), PostgreSQL those elsewhere.
    """
    with (
        _on_this_machine(waiting),
        _on_this_database(waiting) if connection.vendor == "postgresql" else nullcontext(),
    ):
        yield


@contextmanager
def _on_this_machine(waiting: Callable[[], object]) -> Iterator[None]:
    descriptor = os.open(settings.STATE_DIR / "prepare.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _on_this_database(waiting: Callable[[], object]) -> Iterator[None]:
    """Hold the lock in a transaction of its own: with the process or its connection the lock is gone as well."""
    guard = connection.copy()
    try:
        guard.set_autocommit(False)
        with guard.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                waiting()
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
    finally:
        guard.rollback()
        guard.close()
