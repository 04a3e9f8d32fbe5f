"""Fixtures for every test; the cast (alice, bob, charlie, mona, sid) stands in tests/cast.py."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.servers import S3Server

pytest_plugins = ["tests.cast"] if find_spec("tests.cast") else []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills", type=int, default=24, help="how often the worker is killed in all (tests/faults)"
    )


@pytest.fixture(scope="session")
def kills(request: pytest.FixtureRequest) -> int:
    """How often the worker is killed in all, over every step of the protocol."""
    return request.config.getoption("--kills")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 server with one empty bucket, started when the first test asks for it (about 3.5 s)."""
    with S3Server() as server:
        yield server
