"""The supervisor runs some lines of a Procfile alone, as containers do; test_stopping.py stops it whole."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROCFILE = "web: echo web is here; exec sleep 60\nworker: echo worker is here; exec sleep 60\n"


def start(folder: Path, *names: str) -> subprocess.Popen[str]:
    (folder / "Procfile").write_text(PROCFILE)
    command = [
        sys.executable,
        "-m",
        "config.supervise",
        str(folder / "Procfile"),
        "5",
        str(folder / "stopping"),
        *names,
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize(("name", "other"), [("web", "worker"), ("worker", "web")])
def test_main_with_one_name_runs_it_alone_and_ends_it_when_told_once(tmp_path, name, other):
    with start(tmp_path, name) as process:
        while f"{name} is here" not in (line := process.stdout.readline()):
            assert line, "it ended"
        process.terminate()
        said, _ = process.communicate(timeout=5)

    assert f"{other} is here" not in said
    assert (tmp_path / "stopping").exists() == (
        name == "web"
    )  # for /readyz; a worker that ends alone is no matter
    assert process.returncode == 143  # as the process ended: by that signal


def test_main_with_a_name_that_the_procfile_lacks_says_so(tmp_path):
    with start(tmp_path, "wep") as process:
        said, _ = process.communicate(timeout=5)

    assert (process.returncode, said) == (1, "The Procfile has no wep.\n")
