"""Runs the checks, whatever fails, and ends with what failed, what was skipped and the counts.

The tests follow each other; beside them, on what they leave of two cores, goes what needs one core alone.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
PYTEST = ["python", "-m", "pytest", "-q", "--durations=5"]
PARALLEL = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
"""Three files at a time on two cores, as many tests wait, and in their order: by themselves the longest came last."""
ON_POSTGRES = ["python", "-m", "tests.servers", "postgres", "--", "python", "-m", "tests.ready", "--"]
NOT_LONG = ["-m", "not e2e and not bench and not judge"]
NO_DATABASE = [
    "tests/fuzz",
    "tests/media",
    "tests/relays",
    "tests/sandbox",
    *(
        f"tests/test_{name}.py"
        for name in ("architecture", "checks", "ci", "docs", "servers", "signing", "storages", "words")
    ),
]
"""What asks no database anything: it runs once, on the run with SQLite. tests/test_ci.py sees to it that this is so."""
ONE_ANSWER = [
    "tests/test_urls.py",
    "tests/test_hostile_text.py",
    "tests/sandbox",
    "tests/cards",
    "tests/faults/test_lost.py",
    "tests/faults/test_machines.py",
    "tests/faults/test_restore.py",
    "tests/faults/test_stopping.py",
    "tests/forms",
    "tests/integration/test_bodies.py",
    "tests/integration/test_programs.py",
    "tests/integration/test_queue_drains.py",
    "tests/integration/test_watching.py",
    "tests/services/test_storage_check.py",
    "tests/test_bad_input.py",
    "tests/test_production.py",
    "tests/test_sign_on.py",
    "tests/test_storages_s3.py",
]
"""What asks the database, but nothing that databases answer differently: `make test` leaves it out on PostgreSQL."""
WHOLE = ["--kills", "24"]
IMPORT_LAW = "from importlinter.cli import *; lint_imports_command()"
COUNTS = re.compile(r"=* ?(\d+ (?:passed|failed|skipped|error).* in [\d.]+s)")


@dataclass
class Step:
    """One command; `env` is added to the environment. What goes beside others is shown when it has ended."""

    title: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    beside: bool = False
    passed: bool = False
    seconds: float = 0.0
    note: str = ""

    @property
    def word(self) -> str:
        return "skipped" if not self.command else "ok" if self.passed else "FAILED"

    def run(self, env: dict[str, str]) -> None:
        """Run the command, show what it prints, and keep the line of counts that pytest ends with."""
        said = [f"\n\033[1m── {self.title}\033[0m  {shlex.join(self.command)[:150]}\n"]
        start = time.monotonic()
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        with subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=os.environ | {"PATH": path} | env | self.env,
            text=True,
            encoding="utf-8",
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            for line in process.stdout or ():
                said.append(line)
                if found := COUNTS.match(line):
                    self.note = found[1]
                if not self.beside:
                    print(*said, sep="", end="", flush=True)
                    said.clear()
        print(*said, sep="", end="", flush=True)
        self.passed = process.returncode == 0
        self.seconds = time.monotonic() - start


def lint() -> list[Step]:
    return [
        Step("Lint", ["ruff", "check", "."], beside=True),
        Step("Format", ["ruff", "format", "--check", "."], beside=True),
        Step("Templates", ["djade", "--target-version", "6.1", "--check", *TEMPLATES], beside=True),
        Step("Import law", ["python", "-c", IMPORT_LAW], beside=True),
        Step("Types", ["python", "-m", "mypy", "studio", "config"], beside=True),
    ]


def django(state: str) -> list[Step]:
    manage = ["python", "-W", "error", "manage.py"]
    production = {
        "STUDIO_STATE": state,
        "STUDIO_URL": "https://studio.example",
        "ALLOWED_HOSTS": "studio.example",
        "SECRET_KEY": "a-key-for-the-deployment-check-0123456789-abcdefghij-KLMNOPQRST",
        "DEBUG": "no",
    }
    return [
        Step(
            "Migrations",
            [*manage, "makemigrations", "--check", "--dry-run"],
            {"STUDIO_STATE": state},
            beside=True,
        ),
        Step(
            "Deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production, beside=True
        ),
    ]


def tests(*, whole: bool) -> list[Step]:
    sample = WHOLE if whole else ["--sample"]
    left_out = [f"--ignore={path}" for path in (NO_DATABASE if whole else NO_DATABASE + ONE_ANSWER)]
    return [
        Step("Tests on SQLite", [*PYTEST, *PARALLEL, *NOT_LONG, *sample]),
        Step("Tests on PostgreSQL", [*ON_POSTGRES, *PYTEST, *PARALLEL, *NOT_LONG, *sample, *left_out]),
        Step("Judges", [*PYTEST, "tests/judges", *sample], beside=True),
    ]


def browser(*, whole: bool) -> list[Step]:
    """Run two files at a time, each with a studio of its own, in a Chromium that is here or can be fetched.

    The whole of it tries every switch from model to model. Where there is no browser, skip with the reason.
    """
    found = subprocess.run(
        [sys.executable, "-m", "tests.e2e.browser"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    variables = {"CHROMIUM": found.stdout.strip(), "EVERY_PAIR": "yes" if whole else ""}
    sample = WHOLE if whole else ["--sample"]
    step = Step("Browser tests", [*PYTEST, *PARALLEL, "tests/e2e", "-m", "e2e", *sample], variables)
    if found.returncode:
        step = Step("Browser tests", [], note=f"{found.stdout.strip() or found.stderr[-500:].strip()}")
    return [step]


def faults() -> list[Step]:
    """Both databases at once: each waits more than it works."""
    races = "tests/services/moderation/test_decisions.py"
    kill = [*PYTEST, "tests/faults", "tests/integration", races, "-m", "not bench", "--kills", "300"]
    return [
        Step("Faults on SQLite", kill),
        Step("Faults on PostgreSQL", [*ON_POSTGRES, *kill], beside=True),
    ]


def fuzz() -> list[Step]:
    return [
        Step(
            "Fuzz", [*PYTEST, "tests/fuzz", "tests/test_bad_input.py", "--cases", "10000", "--from-seed", "0"]
        )
    ]


def fixes() -> list[Step]:
    return [
        Step("Lint", ["ruff", "check", "--fix", "."]),
        Step("Format", ["ruff", "format", "."]),
        Step("Templates", ["djade", "--target-version", "6.1", *TEMPLATES]),
    ]


def chosen(options: argparse.Namespace, state: str, ready: Step) -> list[Step]:
    if options.fix:
        return fixes()
    if options.faults:
        return [ready, *faults()]
    if options.fuzz:
        return fuzz()
    parts = {
        "lint": lint,
        "django": lambda: django(state),
        "tests": lambda: [ready, *tests(whole=options.whole)],
        "browser": lambda: [ready, *browser(whole=options.whole)],
    }
    steps = [step for name, part in parts.items() if options.only in {None, name} for step in part()]
    return list({step.title: step for step in steps}.values())


def run(steps: list[Step], folder: str) -> None:
    """Run the steps: one lane of those that follow each other, one of those that go beside them."""
    env = {"TMPDIR": folder, "READY_STATE": str(Path(folder, "ready"))}
    interrupted = threading.Event()

    def follow(way: list[Step]) -> None:
        for step in way:
            if not interrupted.is_set():
                step.run(env)

    ways = [[step for step in steps if step.beside == beside and step.command] for beside in (False, True)]
    with ThreadPoolExecutor(2) as lanes:
        try:
            list(lanes.map(follow, ways))
        except KeyboardInterrupt:  # the steps that run were interrupted too
            interrupted.set()
            raise


def place() -> str | None:
    """Return where temporary files lie in memory, where nothing waits for a disk; None for the usual place."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30:
        return None if os.statvfs(memory).f_flag & os.ST_NOEXEC else memory
    return None


def summary(steps: list[Step], seconds: float) -> int:
    """Print one line for each step, then failures, skips and counts; return the exit status."""
    print("\n\033[1m── Summary\033[0m")
    for step in steps:
        print(f"{step.word:<7} {step.title:<22} {step.seconds:6.1f} s  {step.note}")
    failed = [step.title for step in steps if step.word == "FAILED"]
    counts = Counter[str]()
    for step in steps:
        counts.update({word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", step.note)})
    for step in steps:
        if step.word == "skipped":
            print(f"Skipped: {step.title}: {step.note or 'nothing to check'}.")
    print(f"Failed: {', '.join(failed) or 'nothing'}, of {len(steps)} steps in {seconds:.0f} s.")
    print(
        "Tests: "
        + ", ".join(f"{counts[word]} {word}" for word in ("passed", "failed", "errors", "skipped"))
        + "."
    )
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["lint", "django", "tests", "browser"])
    parser.add_argument(
        "--whole", action="store_true", help="run every test, where a sample is run otherwise"
    )
    parser.add_argument("--faults", action="store_true", help="kill the worker 300 times on each database")
    parser.add_argument("--fuzz", action="store_true", help="try 10,000 answers, pictures and bad inputs")
    parser.add_argument("--fix", action="store_true", help="format instead of checking")
    options = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lf-", dir=place()) as folder:  # short: sockets lie in it
        state, made = Path(folder, "state"), Path(folder, "ready")
        made.mkdir()
        ready = Step("Ready", ["python", "-m", "tests.ready", str(made)])
        steps = chosen(options, str(state), ready)
        run(steps, folder)
    return summary(steps, time.monotonic() - start)


if __name__ == "__main__":
    sys.exit(main())
