"""A person's desk in a running studio: their token, and what their calls came to at the sandbox relay."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

import httpx

from tests.e2e.studio import ROOT, Person, Studio

PYTHON = sys.executable
PATIENCE = 60.0


ACTIVE = "AND state IN ('held', 'queued', 'claimed', 'sent', 'received')"


class Count:
    """How often the sandbox relay was asked, and how many generations were made, while somebody counted."""

    requests = 0
    generations = 0


class Desk:
    """One member of a studio, with a token that draws."""

    def __init__(self, studio: Studio, *, at_programs: bool = False) -> None:
        self.studio = studio
        port = studio.env["LIGHTFAST_API_PORT"] if at_programs else studio.port
        self.door = f"http://127.0.0.1:{port}"
        self.base_url = f"{self.door}/v1"

    @cached_property
    def person(self) -> Person:
        return self.studio.newcomer()

    @cached_property
    def token(self) -> str:
        return self.make_token()

    def make_token(self, *options: str, person: str = "") -> str:
        """Make a token as docs/programs.md says it; the last line is the token."""
        who = ["--user", person or self.person.email, "--name", "Judge", *options]
        return self.studio.manage("create_token", *who).splitlines()[-1]

    @contextmanager
    def counting(self) -> Iterator[Count]:
        """Count what is asked of the relay and what rows are made, until nothing is under way any more."""
        count, asked, rows = Count(), len(self._ledger()), self._rows()
        yield count
        deadline = time.monotonic() + PATIENCE
        while self._rows(only=ACTIVE):
            assert time.monotonic() < deadline, "something is still under way"
            time.sleep(0.1)
        count.requests, count.generations = len(self._ledger()) - asked, self._rows() - rows

    def spent(self) -> int:
        """Return how many pictures this person's month has paid for."""
        return self.get("key")["usage"]

    def get(self, path: str) -> dict:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(f"{self.base_url}/{path}", headers=headers, timeout=60).json()["data"]

    def _rows(self, *, only: str = "") -> int:
        """Return how many generations this person has; it is asked of the file, so that the judged says nothing."""
        path = self.studio.folder / "var" / "studio.sqlite3"
        query = f"SELECT count(*) FROM studio_generation g JOIN studio_user u ON u.id = owner_id WHERE email = ? {only}"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute(query, [self.person.email]).fetchone()[0]

    def _ledger(self) -> list[dict]:
        path = self.studio.folder / "var" / "sandbox" / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(command: list[str], *, cwd: Path = ROOT, **variables: str) -> str:
    """Run a program of somebody else's; return what it printed, or fail with what it complained about."""
    told = subprocess.run(
        command, cwd=cwd, env=variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
    return told.stdout
