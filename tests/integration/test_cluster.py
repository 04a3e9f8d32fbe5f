"""Several machines: the short rehearsal of `make cluster` (tests/cluster) loses nothing and sends nothing twice."""

import os
import subprocess
import sys

import pytest

from tests.faults.stage import ROOT

pytestmark = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"),
    reason="it has a PostgreSQL of its own: once is enough",
)


def test_rehearsal_on_several_machines_loses_nothing_and_sends_nothing_twice():
    command = [sys.executable, "-m", "tests.cluster", "--short"]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)

    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr[-4000:]}"
