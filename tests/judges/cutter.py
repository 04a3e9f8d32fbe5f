"""A line that is cut at a chosen moment: a proxy in front of the studio for one test (SAFETY §6, row 49)."""

import re
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

DRAWING = 2.0
"""Seconds after which the relay draws; the tests' prompts make it take longer."""

END = b"\r\n\r\n"
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER that resets the line, as a proxy does that was killed."""


class Moment(StrEnum):
    """When the line breaks."""

    BEFORE = "before a byte was read"
    ASKING = "in the middle of the question"
    ASKED = "when all was asked"
    DRAWING = "while the relay draws"
    HEADERS = "after the answer's headers"
    ANSWERING = "in the middle of the answer"


class Cutter:
    """Passes bytes on, and cuts the first `times` lines at `moment`; `lines` counts how many were opened."""

    def __init__(self, url: str, moment: Moment, *, times: int = 1) -> None:
        self.place = urlsplit(url)
        self.moment, self.times, self.lines = moment, times, 0
        self.threads: list[threading.Thread] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._begin(self._stand)
        return self

    def __exit__(self, *_: object) -> None:
        self.door.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.door.close()

    def _stand(self) -> None:
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:  # the door is closed
                return
            self.lines += 1
            work = self._cut if self.lines <= self.times else self._pass
            self._begin(work, client)

    def _begin(self, work: Callable[..., None], *values: socket.socket) -> None:
        thread = threading.Thread(target=work, args=values, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _pass(self, client: socket.socket) -> None:
        with client, self._studio() as studio:
            back = threading.Thread(target=pour, args=[studio, client], daemon=True)
            back.start()
            pour(client, studio)
            back.join()

    def _cut(self, client: socket.socket) -> None:
        if self.moment == Moment.BEFORE:
            return reset(client)
        studio, asked = self._studio(), whole(client)
        middle = (asked.find(END) + len(asked)) // 2
        studio.sendall(asked[:middle] if self.moment == Moment.ASKING else asked)
        if self.moment == Moment.DRAWING:
            threading.Event().wait(DRAWING)
        elif self.moment == Moment.HEADERS:
            client.sendall(head(studio).partition(END)[0] + END)
        elif self.moment == Moment.ANSWERING:
            answer = whole(studio)
            client.sendall(answer[: len(answer) // 2])
        reset(client)
        reset(studio)

    def _studio(self) -> socket.socket:
        return socket.create_connection((self.place.hostname, self.place.port))


def pour(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until nothing comes any more."""
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def head(line: socket.socket) -> bytes:
    """Read as far as the empty line after the headers."""
    found = b""
    while END not in found and (chunk := line.recv(65536)):
        found += chunk
    return found


def whole(line: socket.socket) -> bytes:
    """Read one message as long as it says it is; nothing from who hangs up without asking."""
    found = head(line)
    length = re.search(rb"content-length: (\d+)", found, re.IGNORECASE)
    ends = found.find(END) + 4 + int(length[1] if length else 0)
    while len(found) < ends and (chunk := line.recv(65536)):
        found += chunk
    return found


def reset(line: socket.socket) -> None:
    """Cut a line so that the other end notices at once."""
    with suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    line.close()
