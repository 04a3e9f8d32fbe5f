"""The lock file by which the processes of one machine take turns to write into SQLite (studio/db.py)."""

import fcntl
import os
import threading
import time

from django.conf import settings
from django.db import OperationalError

BUSY = "database is locked: the turn to write did not come"


class LockFile:
    """A lock among processes that a dead process gives back, and that is not waited for longer than one likes."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.descriptor = os.open(
            settings.STATE_DIR / "writer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        self.state = threading.Lock()
        self.coming: threading.Event | None = None
        self.wanted = False
        self.since: float | None = None
        """When it was taken, by the monotonic clock; None while it is not."""

    def take(self, deadline: float) -> None:
        """Take the lock or raise OperationalError; one thread at a time may call this."""
        coming = self._ask()
        try:
            came = coming is None or coming.wait(max(0.0, deadline - time.monotonic()))
        except BaseException:
            if coming and not self._give_up(coming):
                self.give_back()
            raise
        if coming and not came and self._give_up(coming):
            raise OperationalError(BUSY)
        self.since = time.monotonic()

    def give_back(self) -> None:
        self.since = None
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)

    def _give_up(self, coming: threading.Event) -> bool:
        """Stop waiting, unless it has just come."""
        with self.state:
            self.wanted = coming.is_set()
            return not self.wanted

    def _ask(self) -> threading.Event | None:
        """Take the lock if it is free; else return what is set once it has come."""
        with self.state:
            if self.coming is None:
                try:
                    fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return None
                except BlockingIOError:
                    coming = threading.Event()
                    threading.Thread(target=self._wait, args=[coming], name="turn", daemon=True).start()
                    self.coming = coming  # there is a thread that will set it
            self.wanted = True
            return self.coming

    def _wait(self, coming: threading.Event) -> None:
        """Wait in the kernel, which wakes whoever waits at once, and knows no deadline."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        except OSError:
            with self.state:
                self.coming = None  # who waits runs out of patience, and the next one asks anew
            raise
        with self.state:
            self.coming = None
            if self.wanted:
                coming.set()
            else:
                fcntl.flock(self.descriptor, fcntl.LOCK_UN)
