"""A line to a child process: JSON each way, one line at a time, with open files handed over (SCM_RIGHTS)."""

import json
import select
import socket
import time
from typing import Any

ANSWER_BYTES = 4096


class HungUp(Exception):
    """Raised when the other end is closed."""


def exchange(line: socket.socket, job: dict[str, Any], files: list[int], *, seconds: float) -> dict[str, Any]:
    try:
        socket.send_fds(line, [json.dumps(job).encode() + b"\n"], files)
    except (BrokenPipeError, ConnectionResetError):
        raise HungUp from None
    return hear(line, seconds=seconds)


def hear(line: socket.socket, *, seconds: float) -> dict[str, Any]:
    """Read one line of JSON before the deadline; what is not one comes back as an empty answer."""
    deadline, text = time.monotonic() + seconds, b""
    poll = select.poll()  # select.select() cannot take the numbers above 1023 that a busy worker hands out
    poll.register(line, select.POLLIN)
    while not text.endswith(b"\n") and len(text) < ANSWER_BYTES:
        if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
        try:
            part = line.recv(ANSWER_BYTES)
        except ConnectionResetError:
            part = b""
        if not part:
            raise HungUp
        text += part
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
