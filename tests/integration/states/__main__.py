"""`python -m tests.integration.states NAME COMMIT`: lets the studio of that commit draw, and keeps its state folder.

It is started as anybody started it then, draws one generation of two pictures and one that is refused, is killed while
it waits for a third, and what cannot be made again of its folder goes into NAME.tar.xz.
"""

import os
import secrets
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from tests.servers import free_ports

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
KEPT = ("studio.sqlite3", "field_keys", "secret_key", "sandbox_key", "media", "spool")
PASSWORD = "correct horse battery staple"


def main(name: str, commit: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        code, state = Path(folder, "code"), Path(folder, "state")
        code.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True)
        subprocess.run(["tar", "--extract"], cwd=code, input=archive.stdout, check=True)
        fill(code, state)
        keep(state, HERE / f"{name}.tar.xz")


def fill(code: Path, state: Path) -> None:
    """Start the studio that lies in `code`, let it draw, and end it at once."""
    port = free_ports(1)[0]
    env = os.environ | {"STUDIO_STATE": str(state), "PORT": str(port), "STUDIO_SANDBOX": "yes"}
    env |= {"STUDIO_ADMIN_EMAIL": "alice@example.com", "STUDIO_ADMIN_PASSWORD": PASSWORD}
    with subprocess.Popen([sys.executable, "manage.py", "up"], cwd=code, env=env) as studio:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            draw(code, env, "a lighthouse at dusk, pixel art", "-n", "2")
            draw(code, env, "a lake [refuse]")
            with suppress(subprocess.TimeoutExpired):
                draw(code, env, "a forest [slow 60]", timeout=20)
        finally:
            for process in [*psutil.Process(studio.pid).children(recursive=True), studio]:
                process.kill()


def draw(code: Path, env: dict[str, str], prompt: str, *more: str, timeout: float = 120) -> None:
    command = [
        sys.executable,
        "manage.py",
        "draw",
        f"{prompt} {secrets.token_hex(2)}",
        "--size",
        "512x512",
        *more,
    ]
    subprocess.run([*command, "--model", "sandbox-sketch:free"], cwd=code, env=env, timeout=timeout)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(url):
            return
        time.sleep(0.2)
    sys.exit("The studio does not answer.")


def keep(state: Path, target: Path) -> None:
    """Put into one file what cannot be made again."""
    with sqlite3.connect(state / "studio.sqlite3") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("VACUUM")
    database.close()
    with tarfile.open(target, "w:xz") as archive:
        for name in KEPT:
            if (state / name).exists():
                archive.add(state / name, name)
    print(target.name, target.stat().st_size)


if __name__ == "__main__":
    main(*sys.argv[1:])
