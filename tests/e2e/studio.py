"""The real studio for browser tests: `manage.py up` with web, worker and sandbox in a state folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil

from tests import ready
from tests.e2e.crowd import PASSWORD, ROLES
from tests.servers import free_ports

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0
ADMINISTRATOR = ("alice@studio.example", "a long pass phrase for alice")


class Person(NamedTuple):
    """Somebody whom one test has for itself; `session` is the cookie of a browser in which they are signed in."""

    name: str
    email: str
    role: str
    session: str
    password: str = PASSWORD


class Studio:
    """Runs until `stop`; `folder` holds its state (var/) and what it said (log).

    With `bare` it makes its tables and static files itself, as on its first day.
    """

    at_once = 40
    """How many people of each role are made when there are none left; nobody waits for more than these."""

    def __init__(self, folder: Path, *, bare: bool = False, **variables: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = os.environ | {
            "PORT": str(self.port),
            "STUDIO_STATE": str(folder / "var"),
            "PYTHONUNBUFFERED": "1",
        }
        self.env |= ({} if bare else ready.static()) | variables
        self.bare = bare
        self.process: subprocess.Popen[bytes] | None = None
        self.people: dict[str, list[Person]] = {role: [] for role in ROLES}
        self.made = 0

    def start(self) -> None:
        """Start the processes and return when the studio answers; raise with its log if it does not."""
        database = self.folder / "var" / "studio.sqlite3"
        if not (self.bare or database.parent.exists() or "DATABASE_URL" in self.env):
            ready.give_file(database)
        with self.log.open("ab") as log:
            command = [sys.executable, "manage.py", "up"]
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"The studio did not start:\n{self.tail()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def first_link(self) -> str:
        """Return the one-time link for the first administrator that the studio printed."""
        links = re.findall(r"https?://[^\s\x1b]+", self.log.read_text(errors="replace"))
        return max(links, key=len)

    def newcomer(self, role: str = "member") -> Person:
        """Return a person who has done nothing yet, and whom no other test will meet as itself."""
        if not self.people[role]:
            first, self.made = self.made + 1, self.made + self.at_once
            command = [sys.executable, "-m", "tests.e2e.crowd", str(first), str(self.made)]
            told = subprocess.run(command, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, check=True)
            for values in json.loads(told.stdout):
                self.people[values[2]].append(Person(*values))
        return self.people[role].pop(0)

    def manage(self, *words: str) -> str:
        """Run `manage.py` in this studio; return what it printed."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def processes(self) -> list[psutil.Process]:
        """Return the supervisor and everything below it."""
        if self.process is None or self.process.poll() is not None:
            return []
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def stop(self) -> None:
        """End all processes: politely, and by force what is left after fifteen seconds."""
        family = self.processes()
        if self.process and family:
            self.process.send_signal(signal.SIGTERM)
        _, stubborn = psutil.wait_procs(family, timeout=15)
        for process in stubborn:
            process.kill()
        if self.process:
            self.process.wait()

    def tail(self, lines: int = 80) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
