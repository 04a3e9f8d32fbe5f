"""What refusals of the services behind the studio mean, and one line a minute in the log while one is away (row 43)."""

import copy
import errno
import logging
import time
from collections.abc import Iterator
from typing import Literal

from django.db import InterfaceError, OperationalError

Outage = Literal["busy", "full", "away"]

BUSY_STATES = ("40001", "40P01", "55P03", "57014")
"""PostgreSQL: serialization failure, deadlock, no lock, statement timed out."""


def outage(error: BaseException | None) -> Outage | None:
    """Return what is the matter with the database; None if it is well and the statement is at fault."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    state = getattr(error.__cause__, "sqlstate", None)
    if state:
        return "full" if state == "53100" else "busy" if state in BUSY_STATES else _away(state)
    said = str(error)
    if "locked" in said or "busy" in said:
        return "busy"
    if "is full" in said or "readonly" in said or "disk I/O" in said:
        return "full"
    if said.startswith(("no such", "near ", "table ")):  # SQLite's word for a wrong statement
        return None
    return "away"


def _away(state: str) -> Outage | None:
    """Classes 08 (connection), 53 (resources), 57 (an administrator stopped it), 58 (its machine)."""
    return "away" if state[:2] in ("08", "53", "57", "58") else None


# One line a minute

ONCE_IN = 60.0
STORAGE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ESTALE, errno.ENOTCONN)
AWAY = {"psycopg.pool": "database", "django_redis": "redis"}
"""Loggers that speak of nothing but a service that is away."""


class OncePerMinute(logging.Filter):
    """Lets one line a minute through for each service that is away, busy or full, without the traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, float] = {}
        self.kept_back: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool | logging.LogRecord:
        error = record.exc_info[1] if record.exc_info else None
        service = AWAY.get(record.name) or next(filter(None, map(_service, _causes(error))), "")
        if not service:
            return True
        if time.monotonic() - self.said.get(service, float("-inf")) < ONCE_IN:
            self.kept_back[service] = self.kept_back.get(service, 0) + 1
            return False
        self.said[service] = time.monotonic()
        why = f"{type(error).__name__}: {error}" if error else record.getMessage()
        line = copy.copy(record)
        line.msg = "service.trouble service=%s kept_back=%d %s"
        line.args = (service, self.kept_back.pop(service, 0), why.strip().partition("\n")[0])
        line.exc_info = line.exc_text = None
        return line


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__


def _service(error: BaseException) -> str:
    """Return which service the error blames; empty for an error of our own."""
    if outage(error):
        return "database"
    room, name = type(error).__module__.partition(".")[0], type(error).__name__
    if room in ("psycopg", "psycopg_pool", "sqlite3") and name in (
        "OperationalError",
        "AdminShutdown",
        "PoolTimeout",
    ):
        return "tickets"
    if room == "redis" and name in ("ConnectionError", "TimeoutError", "BusyLoadingError"):
        return "redis"
    if room == "botocore":
        return "storage" if _is_server_fault(error) else ""
    return "storage" if isinstance(error, OSError) and error.errno in STORAGE else ""


def _is_server_fault(error: BaseException) -> bool:
    """Tell an S3 server that is away, busy or broken from one that refuses us."""
    status = getattr(error, "response", {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 503)
    return bool(status >= 500 or status == 429)
