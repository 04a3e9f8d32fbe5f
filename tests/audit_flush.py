"""Lets the tests' own emptying of the database pass the triggers of tables that only grow, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

TABLES = {"studio_auditentry": "studio_audit", "studio_ledgerentry": "studio_ledger"}
"""The tables that only grow, and how the names of their triggers begin."""


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
        aside = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES]
        again = [
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}_{end}"
            for table, name in TABLES.items()
            for end in ("no_change", "no_truncate")
        ]
        return [*aside, *statements, *again]
    triggers = [f"{name}_no_delete" for name in TABLES.values()]
    return [*(f"DROP TRIGGER {name}" for name in triggers), *statements, *map(_sql_of, triggers)]


def _sql_of(trigger: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [trigger])
        return cursor.fetchone()[0]
