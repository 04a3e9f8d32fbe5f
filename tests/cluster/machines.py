"""Machines of a studio on several of them: each is a line of the Procfile with a state folder and a name of its own."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
from honcho.environ import parse_procfile

from tests.servers import free_ports

ROOT = Path(__file__).resolve().parents[2]
LINES = parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes
PATIENCE = 120.0


class Machine:
    """`kind` names the line of the Procfile; `folder` is the machine's whole disk, its log lies beside it."""

    def __init__(self, name: str, kind: str, folder: Path, shared: dict[str, str]) -> None:
        self.name, self.kind, self.folder = name, kind, folder / name
        self.log = folder / f"{name}.log"
        own = {"STUDIO_MACHINE": name, "STUDIO_STATE": str(self.folder), "HOST": "127.0.0.1"}
        self.env = os.environ | shared | own | {"PYTHON": sys.executable}
        self.process: subprocess.Popen[bytes] | None = None
        self.move_to(free_ports(1)[0])

    def move_to(self, port: int) -> None:
        """Listen on this port from the next start on."""
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.env["LIGHTFAST_API_PORT" if self.kind == "api" else "PORT"] = str(port)

    def furnish(self, static: Path) -> None:
        """Put static files on its disk."""
        shutil.copytree(static, self.folder / "static")

    def prepare(self) -> subprocess.Popen[bytes]:
        """Begin to get it ready, as an operator does on each machine; others may do the same at this moment."""
        command = [sys.executable, "manage.py", "up", "--prepare-only"]
        return self._launch(command)

    def start(self) -> None:
        """Run its line of the Procfile."""
        self.process = self._launch(["sh", "-c", LINES[self.kind]])

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Return when it answers; a worker answers nobody."""
        deadline = time.monotonic() + PATIENCE
        while self.kind != "worker" and not self._answers():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code < 500
        except httpx.TransportError:
            return False

    def processes(self) -> list[psutil.Process]:
        """Return everything that runs on it."""
        if self.process is None or self.process.poll() is not None:
            return []
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def stop(self, seconds: float = 60) -> bool:
        """Tell it to stop, as a deployment does; return whether all ended in time."""
        family = self.processes()
        if self.process and family:
            self.process.terminate()
        left = psutil.wait_procs(family, timeout=seconds)[1]
        self.kill()
        return not left

    def freeze(self) -> None:
        """Let nothing on it go on, so that what lies on its disk can be looked at."""
        for each in self.processes():
            each.suspend()

    def kill(self) -> None:
        """Cut its power."""
        family = self.processes()
        for each in family:
            each.kill()
        psutil.wait_procs(family, timeout=10)
        if self.process:
            self.process.wait()

    def lose_disk(self) -> None:
        """Take everything that lay on it."""
        shutil.rmtree(self.folder)

    def answers(self) -> set[str]:
        """Return the generations whose complete answers lie on its disk."""
        return {path.name[:36] for path in (self.folder / "spool").glob("*.spool")}

    def seconds(self) -> float:
        """Return the processor time that its processes have taken, those included that have ended since."""
        times = [each.cpu_times() for each in self.processes()]
        return sum(each.user + each.system + each.children_user + each.children_system for each in times)

    def memory(self) -> int:
        """Return what its processes take together, in MB; shared memory is counted once."""
        return round(sum(each.memory_full_info().pss for each in self.processes()) / 2**20)
