"""What a process that is shut in can still do: nothing but compute."""

import json
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from studio import checks
from studio.media import confinement

ROOT = Path(__file__).parents[2]
DENIED = "PermissionError"


def shut_in(tmp_path: Path, *attempts: str, locks: str = "confinement.shut()") -> tuple[list[str], list[str]]:
    """Return the locks that hold a new process, and what became of each attempt there."""
    script = f"""
        import json, os, resource, signal, socket, subprocess, sys, urllib.request
        sys.path.append({str(ROOT)!r})
        from pathlib import Path
        from studio.media import confinement
        there = Path(sys.argv[1])
        attempts = {list(attempts)!r}
        locks = {locks}
        def outcome(attempt):
            try:
                return str(eval(attempt))
            except OSError as error:
                return type(error).__name__
        print(json.dumps([locks, [outcome(attempt) for attempt in attempts]]))
    """
    command = [sys.executable, "-I", "-c", textwrap.dedent(script), str(tmp_path)]
    result = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    locks, outcomes = json.loads(result.stdout)
    return locks, outcomes


@pytest.fixture
def held(tmp_path):
    """Skip where this kernel has neither lock: then there is nothing to be seen."""
    if not shut_in(tmp_path)[0]:
        pytest.skip("this kernel has neither Landlock nor seccomp")
    return tmp_path


def test_shut_says_which_locks_hold():
    locks, _ = shut_in(Path("/"))

    assert set(locks) <= {"landlock", "seccomp"}


def test_missing_is_what_does_not_hold_a_process_that_is_shut_in(tmp_path):
    locks, _ = shut_in(tmp_path)

    assert set(confinement.missing()) <= set(confinement.LOCKS) - set(locks)


def test_check_says_what_this_kernel_lacks(monkeypatch):
    monkeypatch.setattr(confinement, "missing", lambda: ["landlock"])

    (found,) = checks.decoder_can_be_shut_in()

    assert (found.id, found.msg) == ("studio.I001", "Pictures are decoded without landlock here.")


def test_shut_a_process_opens_no_file_any_more(held):
    (held / "secret").write_text("hush")

    _, outcomes = shut_in(
        held,
        "(there / 'secret').read_text()",
        "(there / 'new').write_text('mine')",
        "Path('/proc/self/environ').read_bytes()",
        "os.listdir('/')",
        "(there / 'secret').unlink()",
    )

    assert outcomes == [DENIED] * 5
    assert (held / "secret").exists()
    assert not (held / "new").exists()


def test_shut_a_process_connects_to_nobody(held):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        _, outcomes = shut_in(held, f"socket.socket().connect((b'127.0.0.1', {port}))")

    assert outcomes == [DENIED]


def test_shut_a_process_starts_no_program(held):
    _, outcomes = shut_in(held, "os.execv('/bin/true', ['true'])", "subprocess.run(['/bin/true'])")

    assert outcomes == [DENIED] * 2


def test_shut_a_process_reaches_no_other_process(held):
    locks, outcomes = shut_in(
        held, "os.kill(os.getppid(), 0)", "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (9, 9))"
    )

    assert outcomes == [DENIED] * 2 or "seccomp" not in locks


def test_shut_a_process_may_still_compute(held):
    _, outcomes = shut_in(held, "sum(range(10))", "len(bytearray(50_000_000))", "os.getpid() > 0")

    assert outcomes == ["45", "50000000", "True"]


@pytest.mark.parametrize("lock", ["_landlock", "_seccomp"])
def test_shut_each_lock_alone_keeps_files_and_programs_away(held, lock):
    (held / "secret").write_text("hush")
    alone = "(system := __import__('ctypes').CDLL(None, use_errno=True)) and "
    alone += f"(system.prctl(38, 1, 0, 0, 0), confinement.{lock}(system))[1]"

    locks, outcomes = shut_in(
        held, "(there / 'secret').read_text()", "os.execv('/bin/true', ['true'])", locks=alone
    )

    if not locks:
        pytest.skip(f"this kernel has no {lock}")
    assert outcomes == [DENIED] * 2


def test_filter_says_no_to_a_call_of_another_machine():
    lines = list(confinement._filter(*confinement.MACHINES["x86_64"]))

    assert lines[1:3] == [
        confinement._line(confinement.EQUALS, 0xC000003E, yes=1),
        confinement._line(confinement.RETURN, confinement.KILL),
    ]


@pytest.mark.parametrize("machine", confinement.MACHINES)
def test_filter_fits_and_ends_in_a_refusal(machine):
    lines = list(confinement._filter(*confinement.MACHINES[machine]))

    assert len(lines) < 4096
    assert lines[-1] == confinement._line(confinement.RETURN, confinement.REFUSE)
    assert len(set(confinement.MACHINES[machine][1].values())) == len(confinement.MACHINES[machine][1])
