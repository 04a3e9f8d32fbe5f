"""What an operator sees of a running studio: one request through all lines, readiness while it stops, error reports."""

import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli
import httpx
import pytest

from tests.e2e.studio import ADMINISTRATOR, ROOT, Studio

FAILS = """
import logging
from uuid import UUID
import django
django.setup()
from studio import logs
from studio.origin import Origin, coming_from
key = "sk-a-very-secret-key"
with coming_from(Origin(request_id="abc123")), logs.about(UUID(int=7), request="abc123"):
    try:
        raise ValueError(f"row (A lake that nobody may see, {key})")
    except ValueError:
        logging.getLogger("studio.services.drawing.run").exception("generation %s stumbled", "A private prompt")
    for _ in range(3):
        from django.db import OperationalError
        try:
            raise OperationalError("database is locked")
        except OperationalError:
            logging.getLogger("studio.db").exception("the database is busy")
"""


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Studio]:
    email, password = ADMINISTRATOR
    studio = Studio(tmp_path, LOG_FORMAT="json", STUDIO_ADMIN_EMAIL=email, STUDIO_ADMIN_PASSWORD=password)
    studio.start()
    yield studio
    studio.stop()


def test_one_request_is_followed_through_web_worker_and_relay_and_stopping_is_told(watched: Studio):
    secret = watched.manage("create_token", "--user", ADMINISTRATOR[0], "--name", "Watch").splitlines()[-1]
    headers = {"Authorization": f"Bearer {secret}"}
    body = {"prompt": "A secret lake [slow 4]", "model": "sandbox-sketch:free", "async": True}
    asked = httpx.post(f"{watched.url}/v1/images/generations", headers=headers, json=body, timeout=60)
    wait_until(lambda: httpx.get(f"{watched.url}/readyz").status_code == 200)
    wait_until(lambda: "in_progress" in httpx.get(asked.headers["Location"], headers=headers).text)

    assert watched.process
    watched.process.terminate()
    wait_until(lambda: httpx.get(f"{watched.url}/readyz").json()["staying"] is False)
    watched.process.wait(60)

    text = watched.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    request = asked.headers["X-Request-Id"]
    mine = [line for line in lines if line.get("request") == request]
    assert [line["event"] for line in mine] == [
        "generation.submitted",
        "request",
        "relay.asked",
        "generation.done",
    ]
    row = asked.json()["id"]
    assert [line.get("generation") or line.get("subject") for line in mine] == [row, None, row, row]
    assert mine[2]["status"] == 200
    assert mine[2]["ms"] >= 4000
    assert "secret lake" not in text
    assert secret not in text


def wait_until(is_so) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class Receiver(BaseHTTPRequestHandler):
    """Takes reports as Sentry does."""

    got: list[bytes]

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append(UNPACK[self.headers.get("Content-Encoding", "")](raw))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_error_is_reported_with_its_place_and_ids_and_nothing_that_people_wrote(tmp_path: Path):
    Receiver.got = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        told = {
            "SENTRY_DSN": f"http://public@127.0.0.1:{server.server_port}/1",
            "STUDIO_STATE": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        subprocess.run([sys.executable, "-c", FAILS], cwd=ROOT, env=os.environ | told, check=True, stderr=-3)
        server.shutdown()

    text = b"".join(Receiver.got).decode()
    events = [json.loads(line) for line in text.splitlines() if '"exception"' in line]
    assert [event["exception"]["values"][0]["type"] for event in events] == ["ValueError", "OperationalError"]
    assert events[0]["tags"] == {"request": "abc123", "generation": "00000000-0000-0000-0000-000000000007"}
    assert events[0]["logentry"]["message"] == "generation %s stumbled"
    assert events[0]["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "<module>"
    assert not any(word in text for word in ("lake", "sk-a-very", "private prompt", 'value":', "vars"))
