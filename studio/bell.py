"""Wakes the worker processes of this machine within a millisecond: each has a named pipe in the state folder.

A ring carries nothing and may be lost: whoever hears it looks into the database, and the heartbeat looks anyway.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings

PREFIX = "bell-"


def ring() -> bool:
    """Ring for every worker process of this machine; return whether one is there."""
    heard = [_ring(path) for path in settings.STATE_DIR.glob(f"{PREFIX}*")]
    return any(heard)


def _ring(path: Path) -> bool:
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # nobody reads any more: its process was killed
        path.unlink(missing_ok=True)
        return False
    try:
        with suppress(BlockingIOError):  # so full of rings that one more says nothing new
            os.write(pipe, b".")
    finally:
        os.close(pipe)
    return True


class Bell:
    """This process's own pipe."""

    def __init__(self) -> None:
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.path = settings.STATE_DIR / f"{PREFIX}{name}"
        draft = settings.STATE_DIR / f".{name}"  # nobody may find a pipe that has no reader yet
        os.mkfifo(draft, 0o600)
        self.pipe = os.open(
            draft, os.O_RDWR
        )  # for writing too: else it ends when the first ring's writer leaves
        draft.rename(self.path)

    def wait(self) -> int:
        """Wait until it rings; return how often it did."""
        return len(os.read(self.pipe, 4096))

    def take_down(self) -> None:
        """Let nobody ring for this process any more."""
        self.path.unlink(missing_ok=True)
