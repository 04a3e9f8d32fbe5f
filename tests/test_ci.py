"""`.ci/run` judges a fresh clone in a closed folder; `.ci/test.py` leaves out nothing by mistake."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = """
test:
	@echo "$$(stat -c %a ..) $$(cat said kept new gone ignored 2>/dev/null | tr '\\n' ' ')"
	@mkdir test-results && touch test-results/picture.png
	@exit 3
"""

DATABASES = {"db", "transactional_db", "live_server", "blank_database", "chaos_database"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with `.ci/run` and a Makefile that says what it sees, and then fails."""
    folder = tmp_path / "clone"
    tmp_path.chmod(0o755)
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    (folder / "Makefile").write_text(MAKEFILE)
    (folder / ".gitignore").write_text("/test-results/\n/ignored\n")
    for name in ("said", "kept", "gone"):
        (folder / name).write_text(f"{name}\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "First")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "chromium").touch(mode=0o755)  # nothing is to be installed
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = {
        f"GIT_{role}_{what}": "ci@example.com"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    subprocess.run(["git", *arguments], cwd=folder, env=os.environ | who, check=True)


def run(clone: Path) -> subprocess.CompletedProcess[str]:
    path = f"{clone.parent / 'bin'}:{os.environ['PATH']}"
    command = [str(clone / ".ci" / "run")]
    return subprocess.run(
        command, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )


def test_run_checks_a_closed_clone_and_fails_as_it_fails(clone: Path):
    ended = run(clone)

    assert ended.stdout == "700 said kept gone \n"
    assert ended.returncode != 0
    assert (clone / "test-results" / "picture.png").exists()


def test_run_of_a_dirty_shallow_clone_judges_what_lies_there(clone: Path, tmp_path: Path):
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "Second")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{clone}", str(shallow))
    (shallow / "said").write_text("changed\n")
    (shallow / "new").write_text("untracked\n")
    (shallow / "ignored").write_text("ignored\n")
    (shallow / "gone").unlink()
    git(shallow, "add", "said")

    assert run(shallow).stdout == "700 changed kept untracked \n"


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`.ci/test.py` as a module."""
    spec = importlib.util.spec_from_file_location("checks", ROOT / ".ci" / "test.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "checks", module)
    spec.loader.exec_module(module)
    return module


def test_steps_beside_others_are_shown_whole_and_counted(
    checks: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    told, waits = tmp_path / "told", f"until [ -e {tmp_path}/told ]; do sleep 0.01; done"
    first = checks.Step("First", ["sh", "-c", f"echo one; {waits}; echo two; exit 3"])
    aside = checks.Step(
        "Aside", ["sh", "-c", f"echo three; touch {told}; echo '7 passed in 0.1s'"], beside=True
    )

    checks.run([first, aside], str(tmp_path))
    status = checks.summary([first, aside], 12.0)

    said = capfd.readouterr().out
    assert "three\n7 passed in 0.1s\n" in said
    assert (status, first.word, aside.word, aside.note) == (1, "FAILED", "ok", "7 passed in 0.1s")
    assert "Failed: First, of 2 steps in 12 s." in said


INTERRUPTED = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("checks", ".ci/test.py")
checks = sys.modules["checks"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(checks)
one = checks.Step("One", ["sh", "-c", "echo begun; exec sleep 60"])
checks.run([one, checks.Step("Other", ["echo", "went on"])], sys.argv[1])
"""
"""`exec`: a shell interrupted while it starts another program may die and leave that one running."""


def test_ctrl_c_ends_the_step_and_begins_no_other(tmp_path: Path):
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes) as process:
        while process.stdout.readline() != "begun\n":
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        said, errors = process.communicate(timeout=30)

    assert "KeyboardInterrupt" in errors
    assert "went on" not in said


def test_what_is_left_out_on_postgresql_asks_no_database_anything(
    request: pytest.FixtureRequest, checks: ModuleType
):
    places = [ROOT / path for path in checks.NO_DATABASE]

    asking = {
        item.nodeid
        for item in request.session.items
        if {item.path, *item.path.parents} & set(places)
        and (DATABASES & set(item.fixturenames) or item.get_closest_marker("django_db"))
    }

    assert [path for path in places if not path.exists()] == []
    assert asking == set()
