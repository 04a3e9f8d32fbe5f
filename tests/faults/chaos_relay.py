"""A relay that does what a test wrote down for it: `python -m tests.faults.chaos_relay PORT FOLDER`.

Raw sockets, one thread for each connection. Every request is in FOLDER/ledger.jsonl, fsynced, before a byte of its
answer leaves. What `/KEY/…/NAME` answers stands in FOLDER/KEY/NAME.json: a list of plays, one for each request in
turn, the last one again and again. A play is a list of steps: ["send", base64], ["flood", base64, seconds],
["wait", seconds], ["reset"].
"""

import base64
import json
import os
import socket
import struct
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

NOTHING = [["send", base64.b64encode(b"HTTP/1.1 404 Nothing\r\nContent-Length: 0\r\n\r\n").decode()]]


class Ledger:
    """The requests that were read, in a file that outlives this process."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a")
        self.lock = threading.Lock()
        self.counts: Counter[tuple[str, str]] = Counter()

    def write(self, line: dict[str, Any]) -> int:
        """Write a request down for good; return how many like it came before."""
        with self.lock:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())
            place = line["key"], line["name"]
            self.counts[place] += 1
            return self.counts[place] - 1


def read(sock: socket.socket) -> dict[str, Any]:
    """Read one whole request."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            raise ConnectionError
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rows = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65536)
    method, target, _ = first.split(" ")
    steps = target.partition("?")[0].strip("/").split("/")
    facts = {"key": steps[0], "name": steps[-1], "method": method, "target": target, "headers": headers}
    return facts | {"body": body.decode("utf-8", "replace")}


def play(sock: socket.socket, steps: list[list[Any]]) -> None:
    """Do what is written, step by step."""
    for kind, *what in steps:
        match kind:
            case "send":
                sock.sendall(base64.b64decode(what[0]))
            case "flood":
                drop = base64.b64decode(what[0])
                while True:
                    sock.sendall(drop)
                    time.sleep(what[1])
            case "wait":
                time.sleep(what[0])
            case "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def serve(sock: socket.socket, folder: Path, ledger: Ledger) -> None:
    with suppress(OSError), sock:
        request = read(sock)
        number = ledger.write(request)
        script = folder / request["key"] / f"{request['name']}.json"
        plays = json.loads(script.read_text()) if script.exists() else [NOTHING]
        play(sock, plays[min(number, len(plays) - 1)])


def main(port: int, folder: Path) -> None:
    ledger = Ledger(folder / "ledger.jsonl")
    with socket.create_server(("127.0.0.1", port), backlog=256) as listener:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=serve, args=(sock, folder, ledger), daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
