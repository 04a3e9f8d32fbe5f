"""Fixtures for every test; the cast (alice, bob, charlie, mona, sid) stands in tests/cast.py."""

import json
import logging
import os
import random
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from django.conf import settings

from studio.middleware import UpToDate
from studio.models.installation import Installation, _Read
from studio.services.screening import shelf
from studio.services.screening.shelf import Shelf
from tests import ready
from tests.audit_flush import flushing_allowed
from tests.servers import S3Server

pytest_plugins = ["tests.cast"] if find_spec("tests.cast") else []

LONG = ("tests/e2e", "tests/faults", "tests/integration", "tests/judges")
PAGES = ("tests/views", "tests/api", "tests/management")
WHOLE = ("test_main_job", "test_kills")
TOO_LONG = {
    "tests/faults/test_answers.py",  # the sandbox's answers; those of the chaos relay are tried by rows
    "tests/faults/test_missing.py",  # row 35: tests/services/test_storage_check.py
    "tests/integration/test_cluster.py",
    "tests/integration/test_two_workers.py",
    "tests/integration/test_upgrades.py",  # row 40: test_migrations.py
}
"""What a sample has nothing of: ten seconds or more for one question, which another test asks for less."""
ROW = re.compile(r"row_\d+b?")
"""A fault by its number in SAFETY §6, as names of tests and cases have it."""
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills", type=int, default=12, help="how often the worker is killed in all (tests/faults)"
    )
    parser.addoption("--cases", type=int, default=300, help="how many cases are generated (tests/fuzz)")
    parser.addoption("--sample", action="store_true", help="run what `make test` runs, not all tests")
    parser.addoption("--from-seed", type=int, default=1, help="where they start from; 0: anywhere")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark and run first what drives whole processes; with --sample leave out what `make test` has no time for."""
    for item in items:
        if item.nodeid.startswith(LONG):
            item.add_marker(pytest.mark.long)
    if config.getoption("--sample"):
        kept = set(_sample(items))
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = [item for item in items if item in kept]
    # What waits longest comes first: at the end all would wait for it.
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def _sample(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the first test of each long file and (on SQLite) of each row of faults; whole, what is short or in WHOLE.

    Of the tests of pages, whose questions the services' tests ask too, PostgreSQL answers a third.
    """
    whole = WHOLE if ON_POSTGRES else (*WHOLE, "test_row_")
    found: set[object] = set()
    for item in items:
        if item.nodeid.partition("::")[0] in TOO_LONG:
            continue
        if item.nodeid.startswith(LONG) and not item.path.name.startswith(whole):
            kinds = {item.path} if ON_POSTGRES else {item.path, *ROW.findall(item.nodeid)}
            if kinds - found:
                yield item
            found |= kinds
        elif not (ON_POSTGRES and item.nodeid.startswith(PAGES)) or crc32(item.nodeid.encode()) % 3 == 0:
            yield item


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether there is time for everything, and not for a sample alone."""
    return not request.config.getoption("--sample")


@pytest.fixture(scope="session")
def kills(request: pytest.FixtureRequest) -> int:
    """How often the worker is killed in all, over every step of the protocol."""
    return request.config.getoption("--kills")


@pytest.fixture(scope="session")
def cases(request: pytest.FixtureRequest) -> int:
    """How many generated cases each fuzz test tries."""
    return request.config.getoption("--cases")


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Where generated cases start from; a seed of 0 means another one each time."""
    return request.config.getoption("--from-seed") or random.SystemRandom().randrange(1, 2**32)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None) -> bool:
    """A copy of the run's migrated database serves this process, if there is one: migrating takes 4 s."""
    name = settings.DATABASES["default"]["TEST"].get("NAME")  # none in a process of its own on PostgreSQL
    if name and (ready.give_database(name) if ON_POSTGRES else ready.give_file(Path(name))):
        return True
    return django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The database of the run; between transactional tests it may be emptied, its append-only audit too."""
    with flushing_allowed():
        yield


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 server with one empty bucket, started when the first test asks for it (about 3.5 s)."""
    with S3Server() as server:
        yield server


@pytest.fixture(autouse=True)
def _up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request looks at the database's version, so that tests can count its queries."""
    monkeypatch.setattr(UpToDate, "next_look", float("inf"))


@pytest.fixture(autouse=True)
def _no_rules() -> None:
    """No process looks for rules before a test makes some, so that tests can count queries."""
    shelf.put(Shelf(until=float("inf")))


@pytest.fixture(autouse=True)
def _plain_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has decided anything for the team; the row is read once somebody does, so that tests can count queries."""
    monkeypatch.setattr(_Read, "row", Installation())
    monkeypatch.setattr(_Read, "until", float("inf"))


@pytest.fixture
def refusals() -> Iterator[list[dict[str, Any]]]:
    """The lines of the security log as they are written, read as JSON."""
    logger = logging.getLogger("studio.security")
    lines: list[dict[str, Any]] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(self.format(record)))

    listener = Listener()
    listener.setFormatter(logger.handlers[0].formatter)
    logger.addHandler(listener)
    yield lines
    logger.removeHandler(listener)
