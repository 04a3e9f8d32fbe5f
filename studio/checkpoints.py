"""Brings SQLite's log over into its database, beside the writers: else one of them does it in its turn, and all wait.

https://sqlite.org/wal.html, checkpoints; PostgreSQL has a process of its own for that.
"""

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connection

from studio.db import in_turn, release_connection

logger = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between two looks at the log."""

LONG = 4000
"""Pages (of 4 KiB) after which the log is begun anew; writers who never pause would go on adding to it."""

PATIENCE = 100
"""Milliseconds that readers of the log are waited for, while all writers wait, before it is begun anew."""


def start() -> None:
    """Begin to look after the log in a thread of its own, where there is one."""
    if connection.vendor == "sqlite":
        threading.Thread(target=_go, name="checkpoints", daemon=True).start()


def _go() -> None:
    seen = None
    while True:
        time.sleep(PAUSE)
        try:
            seen = look(seen)
        except Exception:
            logger.exception("a checkpoint stumbled; the log goes on")
            connection.close()
        release_connection()


def look(seen: int | None) -> int | None:
    """Bring over what was written since the log was as it was `seen`; return how it is now."""
    now = _written_at()
    if now != seen:
        bring_over()
    return now


def bring_over() -> None:
    """Copy what the log holds into the database while others write; begin a long one anew, in a turn."""
    pages, moved = _checkpoint("PASSIVE")
    if pages > LONG and pages - moved < LONG:  # else somebody reads in it for long, and would go on doing so
        with in_turn():
            _run(f"PRAGMA busy_timeout = {PATIENCE}")
            try:
                _checkpoint("RESTART")
            finally:
                connection.close()  # the next one has its usual patience


def _checkpoint(mode: str) -> tuple[int, int]:
    """Return the pages in the log, and how many of them are in the database."""
    _, pages, moved = _run(f"PRAGMA wal_checkpoint({mode})")
    return pages, moved


def _run(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def _written_at() -> int | None:
    with suppress(FileNotFoundError):
        return Path(f"{connection.settings_dict['NAME']}-wal").stat().st_mtime_ns
    return None
