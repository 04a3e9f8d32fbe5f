"""A studio that is started twice at once, and a database of a newer version (SAFETY §6, row 40)."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from studio import staticfiles
from studio.models import Relay, State
from studio.words import say
from tests.faults import databases
from tests.faults.stage import ROOT, Stage
from tests.faults.test_stopping import ENGINE, PATIENCE

UP = [sys.executable, "manage.py", "up", "--prepare-only"]
WORK = [sys.executable, "manage.py", "work"]
FUTURE = "9999_from_the_future"
NEWER = say("database_newer", {"migration": FUTURE})


@pytest.fixture
def empty(tmp_path: Path, blank_database) -> Iterator[str]:
    with blank_database.empty(tmp_path) as url:
        yield url


@pytest.fixture
def future(stage: Stage) -> None:
    MigrationRecorder.Migration.objects.create(app="studio", name=FUTURE)


def _prepare(folder: Path, url: str) -> subprocess.Popen[str]:
    """Get a studio ready that keeps its tickets beside its rows."""
    static = folder / "static"
    static.mkdir(parents=True, exist_ok=True)
    (static / ".collected").write_text(
        staticfiles._fingerprint()
    )  # that takes long, and is not what is tried here
    environment = os.environ | {"STUDIO_STATE": str(folder), "DATABASE_URL": url}
    if url.startswith("postgresql"):
        environment["TASK_URL"] = url
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(UP, cwd=ROOT, env=environment, **pipes)


def _machines(folder: Path, url: str) -> tuple[Path, Path]:
    """Return two state folders of a database in common; SQLite's machines are one."""
    return (folder, folder) if url.startswith("sqlite") else (folder / "one", folder / "other")


def test_up_twice_at_once_on_an_empty_database_gets_it_ready_once(
    tmp_path: Path, empty: str, django_db_blocker
):
    processes = [_prepare(folder, empty) for folder in _machines(tmp_path, empty)]
    said = [process.communicate()[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0], "".join(said)
    assert "".join(said).count("Another process is getting this studio ready.") <= 1
    with django_db_blocker.unblock(), databases.using(empty):
        assert Relay.objects.filter(name="Sandbox").count() == 1


@pytest.mark.parametrize("command", [["up", "--prepare-only"], ["work"]])
def test_row_40_newer_database_is_left_alone(stage: Stage, future, command: list[str]):
    with pytest.raises(CommandError, match=re.escape(NEWER)):
        call_command(*command)


def test_row_40_worker_whose_database_becomes_newer_finishes_and_takes_nothing(stage: Stage):
    row = stage.submit("[slow 3]")
    environment = stage.environment(**ENGINE)

    with subprocess.Popen(WORK, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as worker:
        stage.wait_for(row, State.SENT)
        MigrationRecorder.Migration.objects.create(app="studio", name=FUTURE)
        other = stage.submit()
        _, said = worker.communicate(timeout=PATIENCE)

    assert worker.returncode == 1
    assert said.endswith(f"CommandError: {NEWER}\n")
    assert (stage.state(row), stage.state(other)) == (State.DONE, State.QUEUED)


def test_worker_before_the_database_is_up_to_date_says_what_to_do(stage: Stage):
    MigrationRecorder.Migration.objects.filter(app="studio").order_by("-id").first().delete()

    with pytest.raises(CommandError, match=re.escape(say("database_older", {}))):
        call_command("work")
