"""A relay that takes its time and writes down when each request came and went.

Run as `python -m tests.integration.counting_relay PORT DELAY LOG`; each line of the log is
"+|-<TAB>seconds<TAB>prompt": a request arrived, or its answer is about to leave.
"""

import base64
import io
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image


def _picture() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


PICTURE = _picture()


class Handler(BaseHTTPRequestHandler):
    delay = 0.0
    log = -1

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.note("+", asked["prompt"])
        time.sleep(self.delay)
        body = json.dumps({"created": 1, "data": [{"b64_json": PICTURE}] * asked["n"]}).encode()
        self.note("-", asked["prompt"])
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def note(self, sign: str, prompt: str) -> None:
        """One write for each line: threads cannot mix theirs."""
        os.write(self.log, f"{sign}\t{time.monotonic()}\t{prompt}\n".encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 1024


if __name__ == "__main__":
    Handler.delay = float(sys.argv[2])
    Handler.log = os.open(sys.argv[3], os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
