"""A relay that misbehaves on order: a raw socket server on 127.0.0.1, one thread for each connection."""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

Behaviour = Callable[[socket.socket, "Chaos"], None]


class Chaos:
    """Accepts connections, keeps the requests it read, and lets `behaviour` answer them."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.behaviour = behaviour
        self.tls = tls
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self.listener.getsockname()[1]

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)

    @property
    def spot(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.spot}"

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError):
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            self.behaviour(sock, self)
        sock.close()

    def read(self, sock: socket.socket) -> bytes:
        """Read one whole request and keep it."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = sock.recv(65536)
            if not more:
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(row[15:]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += sock.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]


def reply(
    status: int, body: bytes = b"", headers: dict[str, str] | None = None, *, length: int | None = None
) -> bytes:
    """Return one whole answer; `length` is what it claims, true or not, and -1 claims nothing."""
    rows = [f"HTTP/1.1 {status} Whatever"]
    if length != -1:
        rows.append(f"Content-Length: {len(body) if length is None else length}")
    rows += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(rows).encode() + b"\r\n\r\n" + body


def answers(*replies: bytes) -> Behaviour:
    """Answer the first connection with the first reply, and so on; the last one again and again."""
    queue = list(replies)

    def behave(sock: socket.socket, chaos: Chaos) -> None:
        chaos.read(sock)
        sock.sendall(queue.pop(0) if len(queue) > 1 else queue[0])

    return behave


def answers_json(status: int, value: Any, headers: dict[str, str] | None = None) -> Behaviour:
    """Answer with a JSON value."""
    return answers(reply(status, json.dumps(value).encode(), headers))


def resets(sent_first: bytes = b"") -> Behaviour:
    """Read the request, perhaps send a part of an answer, then reset the connection."""

    def behave(sock: socket.socket, chaos: Chaos) -> None:
        chaos.read(sock)
        if sent_first:
            sock.sendall(sent_first)
            time.sleep(0.05)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def drips(first: bytes, drop: bytes, every: float) -> Behaviour:
    """Send `first`, then `drop` again and again until the other end gives up."""

    def behave(sock: socket.socket, chaos: Chaos) -> None:
        chaos.read(sock)
        sock.sendall(first)
        while not chaos.stopped.wait(every):
            sock.sendall(drop)

    return behave


def hangs(sock: socket.socket, chaos: Chaos) -> None:
    """Read the request and never answer."""
    chaos.read(sock)
    chaos.stopped.wait()
