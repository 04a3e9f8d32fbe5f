"""Fixtures of the judges: libraries that others wrote, against the real processes over the wire."""

import os
from collections.abc import Iterator

import pytest
from openai import OpenAI

from tests.e2e.studio import Studio
from tests.integration.states.__main__ import wait_for
from tests.judges.desk import Desk
from tests.servers import free_ports


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/judges/"):
            item.add_marker(pytest.mark.judge)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Put the studio's last words beside a failure."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Desk):
                report.sections.append(("studio", value.studio.tail()))
    return report


@pytest.fixture(scope="session")
def judged_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio with its sandbox relay and a process for programs, for all judges of a process."""
    port = free_ports(1)[0]
    studio = Studio(tmp_path_factory.mktemp("judged"), LIGHTFAST_API_PORT=str(port))
    studio.at_once = 1
    studio.start()
    wait_for(f"http://127.0.0.1:{port}/v1/openapi.json")
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def desk(judged_studio: Studio) -> Desk:
    """Somebody's desk: a member of their own with a token that draws.

    With JUDGED=programs in the environment all is asked of the process for programs.
    """
    return Desk(judged_studio, at_programs=os.environ.get("JUDGED") == "programs")


@pytest.fixture(params=["web", "programs"])
def each_desk(request: pytest.FixtureRequest, judged_studio: Studio) -> Desk:
    """A desk at each of the doors."""
    return Desk(judged_studio, at_programs=request.param == "programs")


@pytest.fixture
def openai(desk: Desk) -> Iterator[OpenAI]:
    """The official library with nothing but base URL and key of its own."""
    with OpenAI(base_url=desk.base_url, api_key=desk.token) as client:
        yield client
