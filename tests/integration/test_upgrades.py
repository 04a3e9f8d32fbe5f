"""State folders of earlier versions are brought up to date, keep what they had, and draw on (SAFETY §6, row 40)."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bench.client import Browser, Form
from tests.faults.stage import ROOT
from tests.integration.states.__main__ import HERE, PASSWORD, wait_for
from tests.servers import free_ports

STATES = sorted(path.name.removesuffix(".tar.xz") for path in HERE.glob("*.tar.xz"))


@dataclass(frozen=True)
class Studio:
    """A studio of this version on the state of an earlier one."""

    state: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "STUDIO_STATE": str(self.state),
            "PORT": str(self.port),
            "STUDIO_SANDBOX": "yes",
            "LEASE_SECONDS": "3",
        }
        return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | ours

    def run(self, *words: str) -> str:
        ended = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        return f"{ended.stdout}{ended.stderr}status {ended.returncode}"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.state / "studio.sqlite3")) as database:
            return database.execute(query).fetchall()

    def browser(self) -> Browser:
        """The first administrator, signed in with the password of that time."""
        browser = Browser(f"http://127.0.0.1:{self.port}")
        fields = Form(browser.page("/login/"), "").fields | {
            "login": "alice@example.com",
            "password": PASSWORD,
        }
        assert browser.post("/login/", fields)[0] == 302
        return browser


@pytest.fixture(params=STATES)
def studio(request, tmp_path: Path) -> Iterator[Studio]:
    with tarfile.open(HERE / f"{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    studio = Studio(tmp_path, free_ports(1)[0])
    with subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=studio.environment) as process:
        try:
            wait_for(f"http://127.0.0.1:{studio.port}/healthz")
            yield studio
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 128 + signal.SIGTERM
        finally:
            process.kill()


def test_row_40_state_of_an_earlier_version_keeps_its_pictures_and_draws(studio: Studio):
    pictures = studio.rows("SELECT id, sha256 FROM studio_image")
    assert len(pictures) == 2
    browser = studio.browser()

    for pk, sha256 in pictures:
        status, content = browser.ask("GET", f"/media/{pk[:8]}-{pk[8:12]}-{pk[12:16]}-{pk[16:20]}-{pk[20:]}/")
        assert (status, hashlib.sha256(content).hexdigest()) == (200, sha256)
    assert "a lighthouse at dusk" in browser.page("/gallery/")
    assert "a lighthouse at dusk" in browser.page("/prompts/")
    drawn = studio.run("draw", "a forest at noon", "--model", "sandbox-sketch:free", "--size", "512x512")
    assert drawn.startswith("done: 1 of 1 images"), drawn
    browser.line.close()
    assert _states(studio) == ["done", "done", "refused", "unknown"]
    assert studio.run("verify", "--contents").endswith("Everything fits together.\nstatus 0")


def _states(studio: Studio) -> list[str]:
    """The states of all generations, once what was at the relay when the studio was killed is given up."""
    deadline = time.monotonic() + 30
    while True:
        states = sorted(state for (state,) in studio.rows("SELECT state FROM studio_generation"))
        if "sent" not in states or time.monotonic() > deadline:
            return states
        time.sleep(0.2)
