"""The database goes away for longer than a lease while two workers draw (SAFETY §6, rows 43 and 45)."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection

from studio.models import AuditEntry, Generation, State
from tests.faults import databases, invariants
from tests.faults.stage import ROOT, RelayProcess, Stage
from tests.faults.test_stopping import ENGINE
from tests.servers import PostgresServer

pytestmark = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="once is enough: on PostgreSQL"
)
LEASE = 2
PATIENCE = 120


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def far_stage(
    server: PostgresServer, tmp_path: Path, relay_process: RelayProcess, django_db_blocker, settings
) -> Iterator[Stage]:
    """A studio on a PostgreSQL server of its own."""
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    with django_db_blocker.unblock(), databases.using(server.url):
        stage = Stage(folder=tmp_path, database=server.url, relay=relay_process)
        assert stage.run("migrate") == 0
        yield stage
        invariants.check()


def _work(stage: Stage, log: Path) -> subprocess.Popen[bytes]:
    environment = stage.environment(**ENGINE | {"LEASE_SECONDS": str(LEASE)})
    with log.open("wb") as file:
        return subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT, env=environment, stderr=file)


def _wait_until_all_ended() -> None:
    deadline = time.monotonic() + PATIENCE
    while Generation.objects.active().exists():
        assert time.monotonic() < deadline, list(Generation.objects.values_list("state", "claimed_by"))
        time.sleep(0.2)


def test_row_45_database_away_for_longer_than_a_lease_reaps_nobody(
    far_stage: Stage, server: PostgresServer, tmp_path: Path
):
    rows = [far_stage.submit("[slow 4]"), far_stage.submit("[slow 12]")]  # one ends meanwhile, one after it
    logs = [tmp_path / "one.log", tmp_path / "other.log"]

    with ExitStack() as stack:
        workers = [stack.enter_context(_work(far_stage, log)) for log in logs]
        for worker in workers:
            stack.callback(worker.kill)
        for row in rows:
            far_stage.wait_for(row, State.SENT)
        server.halt()
        time.sleep(2 * LEASE)
        server.run()
        connection.close()  # the test's own
        _wait_until_all_ended()

    assert [far_stage.state(row) for row in rows] == [State.DONE, State.DONE]
    assert [far_stage.requests(row) for row in rows] == [1, 1]
    assert not AuditEntry.objects.filter(action__in=["generation.unknown", "generation.found"]).exists()
    for log in logs:  # said once (row 43), and nothing else
        assert re.fullmatch(r".* service.trouble service=database kept_back=0 .*\n", log.read_text())
