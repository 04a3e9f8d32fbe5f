"""What the database's refusals mean: whether it is busy, full or away, or whether we asked for nonsense."""

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
