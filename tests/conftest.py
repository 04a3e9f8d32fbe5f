"""Fixtures for every test; the cast (alice, bob, charlie, mona, sid) stands in tests/cast.py."""

import json
import logging
import random
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from studio.middleware import UpToDate
from studio.models.installation import Installation, _Read
from studio.services.screening import shelf
from studio.services.screening.shelf import Shelf
from tests.audit_flush import flushing_allowed
from tests.servers import S3Server

pytest_plugins = ["tests.cast"] if find_spec("tests.cast") else []

LONG = ("tests/e2e", "tests/faults", "tests/integration", "tests/judges")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills", type=int, default=24, help="how often the worker is killed in all (tests/faults)"
    )
    parser.addoption("--cases", type=int, default=300, help="how many cases are generated (tests/fuzz)")
    parser.addoption(
        "--sample", action="store_true", help="run the first test of each long file, not all of them"
    )
    parser.addoption("--from-seed", type=int, default=1, help="where they start from; 0: anywhere")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what drives whole processes as long, and with --sample leave all but the first of each such file out.

    The rows of the faults (`test_row_*`) and the main job are run whole.
    """
    first: dict[Path, str] = {}
    left_out = []
    for item in items:
        whole = item.path.name.startswith(("test_row_", "test_main_job"))
        if whole or not item.nodeid.startswith(LONG):
            continue
        item.add_marker(pytest.mark.long)
        if first.setdefault(item.path, item.nodeid) != item.nodeid and config.getoption("--sample"):
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


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
