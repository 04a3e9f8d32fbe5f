"""What the database's refusals mean, as the drivers say them."""

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError

from studio.outages import outage


def _postgres(state: str) -> OperationalError:
    error = OperationalError("…")
    error.__cause__ = psycopg.errors.lookup(state)("…")
    return error


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (OperationalError("database is locked"), "busy"),
        (OperationalError("database or disk is full"), "full"),
        (OperationalError("attempt to write a readonly database"), "full"),
        (OperationalError("unable to open database file"), "away"),
        (OperationalError("no such column: studio_image.colour"), None),
        (OperationalError("connection refused"), "away"),
        (InterfaceError("connection already closed"), "away"),
        (_postgres("40001"), "busy"),
        (_postgres("40P01"), "busy"),
        (_postgres("53100"), "full"),
        (_postgres("53300"), "away"),
        (_postgres("57P01"), "away"),
        (_postgres("42P01"), None),
        (ProgrammingError("syntax error"), None),
        (DatabaseError("…"), None),
        (KeyError("locked"), None),
        (None, None),
    ],
)
def test_outage_tells_a_database_in_trouble_from_a_wrong_statement(
    error: Exception | None, meaning: str | None
):
    assert outage(error) == meaning
