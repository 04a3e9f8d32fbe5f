"""What the database's refusals mean, as the drivers say them."""

import errno
import logging

import psycopg
import pytest
import redis
from botocore.exceptions import ClientError, EndpointConnectionError
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError

from studio.outages import OncePerMinute, outage


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


def _record(
    error: BaseException | None, *, name: str = "studio", message: str = "storing"
) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, "here", 1, message, (), info)


def _s3(status: int) -> ClientError:
    return ClientError({"Error": {}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "service"),
    [
        (OperationalError("connection refused"), "database"),
        (psycopg.OperationalError("connection refused"), "tickets"),
        (redis.ConnectionError("refused"), "redis"),
        (EndpointConnectionError(endpoint_url="http://storage"), "storage"),
        (_s3(503), "storage"),
        (OSError(errno.ENOSPC, "No space left on device"), "storage"),
    ],
)
def test_row_43_service_that_is_away_is_one_line_a_minute(error: Exception, service: str, monkeypatch):
    once, now = OncePerMinute(), 1000.0
    monkeypatch.setattr("studio.outages.time.monotonic", lambda: now)

    first, *others = [once.filter(_record(error)) for _ in range(5)]
    now += 61
    later = once.filter(_record(error))

    why = f"{type(error).__name__}: {error}"
    assert others == [False] * 4
    assert first.getMessage() == f"service.trouble service={service} kept_back=0 {why}"
    assert later.getMessage() == f"service.trouble service={service} kept_back=4 {why}"
    assert (first.exc_info, first.exc_text) == (None, None)


def test_row_43_each_service_has_its_line_and_the_pool_speaks_of_the_database():
    once = OncePerMinute()

    pool = once.filter(_record(None, name="psycopg.pool", message="error connecting\nin 'pool-1'"))
    assert pool.getMessage() == "service.trouble service=database kept_back=0 error connecting"
    assert not once.filter(_record(OperationalError("connection refused")))
    assert once.filter(_record(redis.ConnectionError("refused")))


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValueError("x"),
        FileNotFoundError(errno.ENOENT, "x"),
        _s3(403),
        OperationalError("no such table"),
    ],
)
def test_row_43_other_errors_keep_their_traceback_each_time(error: Exception | None):
    once = OncePerMinute()

    assert [once.filter(_record(error)) for _ in range(2)] == [True, True]
