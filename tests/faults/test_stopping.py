"""A worker or a whole studio is told to stop in the middle of a call, as a deployment does (SAFETY §6, row 7)."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from studio.models import Generation, ImageModel, State
from studio.services import generations
from studio.services.orders import Order
from tests import ready
from tests.e2e.studio import Studio
from tests.faults.stage import ROOT, Stage
from tests.money import money_of
from tests.said import LOST_CONTACT

ENGINE = {
    "TASK_BACKEND": "huey.contrib.djhuey.tasks_backend.HueyBackend",
    "WORKER_THREADS": "1",
    "LEASE_SECONDS": "2",
}
PATIENCE = 60
ONE = "Finishing 1 running generation; press Ctrl-C again to stop at once.\n"


@contextmanager
def _worker(stage: Stage, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run `manage.py work`: its heartbeat makes tickets for the rows it finds."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "work"],
        cwd=ROOT,
        env=stage.environment(**ENGINE, **environment),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def _money(row: Generation) -> tuple[int, int, int]:
    return money_of(row)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_row_7_told_to_stop_during_a_call_finishes_it_and_takes_no_other(stage: Stage, sign: signal.Signals):
    row, *others = [stage.submit("[slow 3]", n=2) for _ in range(4)]

    with _worker(stage) as worker:
        stage.wait_for(row, State.SENT)
        worker.send_signal(sign)
        said, _ = worker.communicate(timeout=PATIENCE)

    assert (worker.returncode, said) == (0, ONE)
    assert (stage.state(row), stage.requests(row), _money(row)) == (State.DONE, 1, (0, 2, 0))
    assert len(stage.originals(row)) == 2
    assert [stage.state(other) for other in others] == [State.QUEUED] * 3
    assert [stage.requests(other) for other in others] == [0] * 3


def test_row_7_grace_exceeded_ends_unknown_and_is_never_sent_again(stage: Stage):
    row = stage.submit("[slow 20]", n=2)

    with _worker(stage, STOP_GRACE="1") as worker:
        stage.wait_for(row, State.SENT)
        start = time.monotonic()
        worker.terminate()
        worker.communicate(timeout=PATIENCE)
    seconds = time.monotonic() - start
    left = stage.state(row)
    stage.finish()

    row.refresh_from_db()
    assert 1 <= seconds < 15  # the drawing takes 20
    assert left == State.SENT
    assert (row.state, str(row.why)) == (State.UNKNOWN, LOST_CONTACT)
    assert (stage.requests(row), _money(row)) == (1, (0, 0, 2))


def test_row_7_told_twice_stops_at_once(stage: Stage):
    row = stage.submit("[slow 20]", n=1)

    with _worker(stage) as worker:
        stage.wait_for(row, State.SENT)
        worker.terminate()
        said = worker.stdout.readline()
        start = time.monotonic()
        worker.terminate()
        worker.communicate(timeout=PATIENCE)

    assert time.monotonic() - start < 15  # the drawing takes 20
    assert (said, stage.state(row)) == (ONE, State.SENT)


def test_row_7_answer_that_came_in_the_grace_is_kept_when_storing_was_cut_off(stage: Stage):
    row = stage.submit("[slow 3]", n=2)
    stage.folder.joinpath("media").write_text("a file where the folder should be")

    with _worker(stage) as worker:
        stage.wait_for(row, State.SENT)
        worker.terminate()
        worker.communicate(timeout=PATIENCE)
    left = stage.state(row)
    stage.folder.joinpath("media").unlink()
    Generation.objects.filter(pk=row.pk).update(not_before=None)
    stage.finish()

    assert (left, stage.state(row)) == (State.RECEIVED, State.DONE)
    assert (stage.requests(row), _money(row)) == (1, (0, 2, 0))


# The whole studio: `manage.py up`


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first studio collects the static files, if they are not there; the others need not do it again."""
    return ready.STATIC if ready.static() else tmp_path_factory.mktemp("collected") / "static"


@pytest.fixture
def studio(stage: Stage, collected: Path) -> Iterator[Studio]:
    """Web, worker and their own sandbox on the stage's database."""
    studio = Studio(stage.folder, **stage.environment(**ENGINE, STUDIO_STATE=str(stage.folder)))
    studio.env |= {
        "PORT": str(studio.port),
        "SANDBOX_URL": f"{studio.url}/sandbox",
        "RELAY_PRIVATE_ALLOW": stage.relay.url.removeprefix("http://"),
        "STUDIO_STATIC": str(collected),
    }
    studio.start()
    yield studio
    studio.stop()


def _draw(stage: Stage, text: str) -> Generation:
    """Ask the studio's own sandbox and return once the request is on its way."""
    row = generations.submit(
        person=stage.person,
        submission_id=uuid4(),
        order=Order(
            model=ImageModel.objects.get(model_id="sandbox-sketch:free"),
            text=text,
            n=1,
            shared=True,
        ),
    )
    stage.wait_for(row, State.SENT)
    return row


def _asked(stage: Stage) -> int:
    """How often the studio's own sandbox was asked for a picture."""
    lines = (stage.folder / "sandbox" / "ledger.jsonl").read_text().splitlines()
    return len([json.loads(line) for line in lines])


def _wait_until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_row_7_ctrl_c_web_serves_until_the_worker_has_finished(stage: Stage, studio: Studio):
    row, family = _draw(stage, "[slow 3]"), studio.processes()

    studio.process.send_signal(signal.SIGINT)
    _wait_until(lambda: ONE in studio.log.read_text())
    meanwhile = httpx.get(f"{studio.url}/healthz").status_code
    studio.process.wait(PATIENCE)

    assert meanwhile == 200
    assert (stage.state(row), _money(row), _asked(stage)) == (State.DONE, (0, 1, 0), 1)
    assert psutil.wait_procs(family, timeout=5)[1] == []


def test_row_7_second_ctrl_c_ends_everything_at_once(stage: Stage, studio: Studio):
    row, family = _draw(stage, "[slow 20]"), studio.processes()

    studio.process.send_signal(signal.SIGINT)
    _wait_until(lambda: ONE in studio.log.read_text())
    start = time.monotonic()
    studio.process.send_signal(signal.SIGINT)
    studio.process.wait(PATIENCE)

    assert time.monotonic() - start < 15
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert stage.state(row) == State.SENT


def test_row_7_nothing_running_stops_as_quickly_as_ever(stage: Stage, studio: Studio):
    family, start = studio.processes(), time.monotonic()

    studio.process.terminate()
    studio.process.wait(PATIENCE)

    assert time.monotonic() - start < 15
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert "Finishing" not in studio.log.read_text()


def test_row_7_web_process_ended_the_worker_still_finishes(stage: Stage, studio: Studio):
    row = stage.submit("[slow 8]", n=1)
    stage.wait_for(row, State.SENT)
    [web, *_] = [each for each in studio.processes() if "config.serve" in " ".join(each.cmdline())]

    web.terminate()
    studio.process.wait(PATIENCE)

    assert (stage.state(row), stage.requests(row)) == (State.DONE, 1)
