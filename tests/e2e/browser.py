"""Finds a Chromium: the installed one, Playwright's download, or Debian's package when root may install it.

`python -m tests.e2e.browser` prints its path, or says why there is none and exits with 1.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def flags() -> list[str]:
    """Return the command line: no calls home, and as root no sandbox, which Chromium refuses to root."""
    return FLAGS if os.geteuid() else [*FLAGS, "--no-sandbox"]


def find() -> Path | None:
    """Return the first Chromium of this machine that starts."""
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[Path]:
    if "CHROMIUM" in os.environ:
        yield Path(os.environ["CHROMIUM"])
    yield from (Path(path) for path in map(shutil.which, NAMES) if path)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if own.exists():
        yield own


def _starts(path: Path) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install() -> str:
    """Try Playwright's download, then apt as root; return what went wrong, or nothing."""
    if _succeeds([sys.executable, "-m", "playwright", "install", "chromium"]):
        return ""
    if os.geteuid() or not shutil.which("apt-get"):
        return "no Chromium here, Playwright could not download one, and only root on Debian may install one"
    if _succeeds(["apt-get", "update", "-qq"]) and _succeeds(["apt-get", "install", "-y", "-qq", "chromium"]):
        return ""
    return "no Chromium here, and neither Playwright nor apt could fetch one"


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=300).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    reason = "" if find() else install()
    path = find()
    print(path or reason or "Chromium was installed but does not start")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
