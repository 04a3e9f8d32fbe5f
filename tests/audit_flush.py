"""Lets the tests' own emptying of the database pass the audit's triggers, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

TABLE = "studio_auditentry"
POSTGRESQL = ("studio_audit_no_change", "studio_audit_no_truncate")
SQLITE = "studio_audit_no_delete"


@contextmanager
def flushing_allowed() -> Iterator[None]:
    """Put the triggers aside inside each flush: its statements run in one transaction."""
    operations = type(connection.ops)
    with pytest.MonkeyPatch.context() as patch:
        plain = operations.sql_flush
        patch.setattr(operations, "sql_flush", lambda *args, **kwargs: _around(plain(*args, **kwargs)))
        yield


def _around(statements: list[str]) -> list[str]:
    if not statements:
        return statements
    if connection.vendor == "postgresql":
        again = [f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name}" for name in POSTGRESQL]
        return [f"ALTER TABLE {TABLE} DISABLE TRIGGER USER", *statements, *again]
    return [f"DROP TRIGGER {SQLITE}", *statements, _sql_of(SQLITE)]


def _sql_of(trigger: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [trigger])
        return cursor.fetchone()[0]
