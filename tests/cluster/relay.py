"""A relay that draws no picture twice and writes down what was asked, what was answered and what was fetched.

Run as `python -m tests.cluster.relay PORT LEDGER`; each line of the ledger is a JSON list [event, prompt, …].
Half of the prompts are answered with the pictures, half with links to them; "for 2.5 s" in one makes it wait so long.
"""

import base64
import io
import json
import os
import re
import secrets
import sys
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

SIDE = 96
SECONDS = re.compile(r"for ([\d.]+) s\b")


def picture() -> bytes:
    """Return a picture like no other."""
    buffer = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), secrets.token_bytes(SIDE * SIDE * 3)).save(buffer, "PNG")
    return buffer.getvalue()


class Handler(BaseHTTPRequestHandler):
    ledger = -1
    port = 0
    kept: dict[str, bytes] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = asked["prompt"]
        pictures = [picture() for _ in range(asked.get("n", 1))]
        sums = [sha256(each).hexdigest() for each in pictures]
        self.note("asked", prompt, sums)
        time.sleep(float(found[1]) if (found := SECONDS.search(prompt)) else 1.0)
        if sha256(prompt.encode()).digest()[0] % 2:
            data = [{"b64_json": base64.b64encode(each).decode()} for each in pictures]
        else:
            self.kept.update(zip(sums, pictures, strict=True))
            data = [{"url": f"http://127.0.0.1:{self.port}/pictures/{each}.png"} for each in sums]
        self.reply("application/json", json.dumps({"created": 1, "data": data}).encode())
        self.note("answered", prompt)

    def do_GET(self) -> None:
        found = self.kept.get(self.path.removeprefix("/pictures/").removesuffix(".png"))
        if found is None:
            self.send_error(404)
        else:
            self.reply("image/png", found)

    def reply(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def note(self, *line: object) -> None:
        """One write for each line: threads cannot mix theirs."""
        os.write(self.ledger, json.dumps(line).encode() + b"\n")

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            """The studio's process is gone: what was asked stays asked."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 1024


if __name__ == "__main__":
    Handler.port = int(sys.argv[1])
    Handler.ledger = os.open(sys.argv[2], os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    threading.stack_size(256 * 1024)
    Server(("127.0.0.1", Handler.port), Handler).serve_forever()
