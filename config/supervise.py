"""Runs the Procfile and ends it in the order that loses nothing: the worker finishes first, web goes last."""

import os
import sys
from pathlib import Path

from honcho import manager
from honcho.environ import parse_procfile
from honcho.printer import Printer

LAST = {"web", "api"}
"""They serve people until the end, and the sandbox relay, which a worker may be waiting for, lives in web."""

ONLY_IF = {"api": "LIGHTFAST_API_PORT"}
"""What is started only where this variable says on which port; 0 is none."""


class Supervisor(manager.Manager):
    """Ends all when one ends; asked once it lets the workers finish, asked twice it kills (SAFETY §6, row 7)."""

    def __init__(self, *, grace: float, stopping: Path) -> None:
        super().__init__(Printer(sys.stdout, prefix=False))
        self.grace, self.stopping = grace, stopping
        self.told: set[str] = set()
        self.ending = False

    def terminate(self) -> None:
        """Called for each signal, and once when a process has ended, asked or unasked."""
        if self._any_stopped() and not self.ending:
            self.ending = True
            self._say_so()
            if self._left() - LAST:
                manager.KILL_WAIT += self.grace
            self._tell(self._left())
        elif not self.told:
            self._say_so()
            self._tell(self._left() - LAST or self._left())
        else:
            self.kill()

    def _say_so(self) -> None:
        """Let /readyz know; a worker that runs alone beside the web's state folder ends without that."""
        if LAST & set(self._processes):
            self.stopping.touch()

    def _left(self) -> set[str]:
        return {name for name, process in self._processes.items() if "returncode" not in process}

    def _tell(self, names: set[str]) -> None:
        """Send SIGTERM once: a second one would stop a worker at once."""
        for name in sorted(names - self.told):
            self._procmgr.terminate(self._processes[name]["pid"])
        self.told |= names


def main(procfile: str, grace: str, stopping: str, *names: str) -> None:
    """Run these lines of the Procfile, or all, until one ends or a signal comes; exit as that one did.

    While the worker finishes, the file `stopping` is there: whoever sends visitors here sends them elsewhere.
    """
    supervisor = Supervisor(grace=float(grace), stopping=Path(stopping))
    lines = parse_procfile(Path(procfile).read_text(encoding="utf-8")).processes
    if unknown := set(names) - set(lines):
        sys.exit(f"The Procfile has no {', '.join(sorted(unknown))}.")
    usual = [name for name in lines if name not in ONLY_IF or os.environ.get(ONLY_IF[name], "0") != "0"]
    for name in names or usual:
        supervisor.add_process(name, lines[name], env=os.environ.copy())
    supervisor.stopping.unlink(missing_ok=True)
    supervisor.loop()
    sys.exit(supervisor.returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
