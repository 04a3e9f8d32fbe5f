"""The relay in its own process, and a fresh stage (folder and database) for each test or module."""

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from django.test import Client

from studio.models import Relay, Role
from studio.services.drawing import run, thumbnails
from tests.factories import make_user
from tests.faults import databases, invariants, scene
from tests.faults.scene import ChaosRelay
from tests.faults.stage import ROOT, RelayProcess, Stage
from tests.servers import free_ports


@pytest.fixture(scope="session")
def relay_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    """The sandbox relay, answering over real HTTP."""
    folder, port = tmp_path_factory.mktemp("relay"), free_ports(1)[0]
    relay = RelayProcess(url=f"http://127.0.0.1:{port}", key="sandbox-key-0123456789", folder=folder)
    stage = Stage(folder=folder, database=f"sqlite:///{folder / 'none.sqlite3'}", relay=relay)
    command = [sys.executable, "-m", "tests.faults.relay", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=stage.environment(SANDBOX_KEY=relay.key)) as process:
        try:
            _wait_for(relay.url, process)
            yield relay
        finally:
            process.kill()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(url)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the relay does not answer")


@pytest.fixture(scope="session")
def blank_database(
    tmp_path_factory: pytest.TempPathFactory, relay_process: RelayProcess
) -> Iterator[databases.Files | databases.Server]:
    """Databases of the run's kind, and a blank one to copy."""
    folder = tmp_path_factory.mktemp("blank")
    kind = databases.kind(folder)
    if not kind.take_ready():
        assert Stage(folder=folder, database=kind.blank, relay=relay_process).run("migrate") == 0
    yield kind
    kind.drop()


@contextmanager
def _raise_stage(
    folder: Path, kind: databases.Files | databases.Server, relay: RelayProcess
) -> Iterator[Stage]:
    with ExitStack() as stack:
        url = stack.enter_context(kind.copy(folder))
        stack.enter_context(databases.using(url))
        yield Stage(folder=folder, database=url, relay=relay)
        invariants.check()


@pytest.fixture
def stage(
    tmp_path: Path, blank_database, relay_process: RelayProcess, django_db_blocker, settings
) -> Iterator[Stage]:
    """A studio for one test; what must always hold is checked when the test ends."""
    settings.QUEUE_PER_PERSON = 1000
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    with django_db_blocker.unblock(), _raise_stage(tmp_path, blank_database, relay_process) as stage:
        yield stage


@pytest.fixture(scope="module")
def common_stage(
    tmp_path_factory: pytest.TempPathFactory, blank_database, relay_process: RelayProcess, django_db_blocker
) -> Iterator[Stage]:
    """A studio for all tests of a module."""
    folder = tmp_path_factory.mktemp("stage")
    with django_db_blocker.unblock(), _raise_stage(folder, blank_database, relay_process) as stage:
        yield stage


# A relay that misbehaves on order, and a worker in this process


@pytest.fixture(scope="session")
def chaos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChaosRelay]:
    """The chaos relay in its own process."""
    folder, port = tmp_path_factory.mktemp("chaos"), free_ports(1)[0]
    command = [sys.executable, "-m", "tests.faults.chaos_relay", str(port), str(folder)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}", process)
            yield ChaosRelay(url=f"http://127.0.0.1:{port}", folder=folder)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def chaos_database(
    tmp_path_factory: pytest.TempPathFactory, blank_database, django_db_blocker
) -> Iterator[str]:
    """A database for all scenes of a module; what must always hold is checked at its end."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        url = stack.enter_context(blank_database.copy(tmp_path_factory.mktemp("chaos-database")))
        stack.enter_context(databases.using(url))
        yield url
        invariants.check()


@pytest.fixture
def make_scene(chaos: ChaosRelay, chaos_database: str, settings, monkeypatch) -> scene.Make:
    """Make scenes whose worker works here and develops nothing."""
    settings.RELAY_PRIVATE_ALLOW = frozenset({chaos.url.removeprefix("http://")})
    settings.RELAY_DEADLINE = 30.0
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    monkeypatch.setattr(thumbnails, "develop_soon", lambda pk: None)
    monkeypatch.setattr(run, "open_relay", scene.opened)
    return partial(scene.make, chaos)


@pytest.fixture(name="scene")
def _scene(make_scene: scene.Make) -> scene.Scene:
    """A relay that speaks like OpenAI."""
    return make_scene("openai")


@pytest.fixture
def administrator(chaos_database: str) -> Client:
    """The browser of an administrator; other scenes' troubles are not shown beside this one's."""
    Relay.objects.update(trouble="")
    client = Client()
    client.force_login(make_user(f"Alice {secrets.token_hex(6)}", role=Role.ADMINISTRATOR))
    return client
