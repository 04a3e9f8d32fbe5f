"""Places where a rehearsal may kill this very process; they do nothing unless one is armed by name."""

import os
import signal
import threading

_armed = ""
_left = 0
_lock = threading.Lock()


def arm(order: str) -> None:
    """Arm `name` or `name:count`: the process dies (SIGKILL) the count-th time it passes the place."""
    global _armed, _left
    _armed, _, count = order.partition(":")
    _left = int(count or 1)


def hit(name: str) -> None:
    """Die here if this place is armed and its count is reached."""
    global _left
    if name != _armed:
        return
    with _lock:
        _left -= 1
        if _left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
