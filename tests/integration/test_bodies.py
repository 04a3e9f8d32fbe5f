"""What the real server does with bodies nobody expects, over a real socket (SAFETY §5, T25)."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import free_ports

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20
BOUNDARY = "painted"
PART = (
    f"--{BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="file"; filename="big.png"\r\n'
    "Content-Type: image/png\r\n\r\n"
).encode()
HEAD = (
    "POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Cookie: csrftoken={'a' * 32}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
)


@dataclass(frozen=True)
class Web:
    """The web process; `temporary` is its folder for temporary files."""

    port: int
    temporary: Path

    def written(self) -> int:
        return sum(path.stat().st_size for path in self.temporary.rglob("*") if path.is_file())

    def send(self, *headers: str, body: Iterator[bytes]) -> tuple[str, int]:
        """Send until the answer comes; return it, and the most that lay in the folder meanwhile."""
        most = 0
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            line.sendall((HEAD + "".join(f"{header}\r\n" for header in headers) + "\r\n").encode())
            with suppress(ConnectionError):
                for piece in body:
                    line.sendall(piece)
                    most = max(most, self.written())
            return _read(line), most


def _read(line: socket.socket) -> str:
    answer = b""
    with suppress(ConnectionError, TimeoutError):
        while piece := line.recv(65536):
            answer += piece
    return answer.decode(errors="replace")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    state = tmp_path_factory.mktemp("state")
    temporary = tmp_path_factory.mktemp("temporary")
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "config.serve", "--interface", "wsgi", "config.wsgi:application"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "4", "--log-level", "error"]
    (state / "static").mkdir()
    env = os.environ | {"STUDIO_STATE": str(state), "TMPDIR": str(temporary), "PORT": str(port)}
    env.pop("DATABASE_URL", None)
    env["DEBUG"] = "yes"  # pages name their static files without having collected them
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield Web(port, temporary)
    finally:
        process.terminate()
        process.wait(20)


def pieces(count: int, *, chunked: bool = False) -> Iterator[bytes]:
    for piece in [PART, *[b"\0" * (MIB // 4)] * count]:
        time.sleep(0.01)
        yield b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece


def test_t25_upload_to_the_sign_in_page_is_refused_before_any_of_it_is_written(web):
    answer, most = web.send(f"Content-Length: {20 * MIB}", body=pieces(40))

    assert most == web.written() == 0
    assert answer.startswith("HTTP/1.1 413 ")
    assert "This is more than the studio takes at once." in answer


def test_t25_upload_that_names_no_length_is_refused(web):
    answer, most = web.send("Transfer-Encoding: chunked", body=pieces(40, chunked=True))

    assert answer.startswith("HTTP/1.1 413 ")
    assert most == web.written() == 0


def test_t25_upload_by_htmx_is_answered_with_a_fragment(web):
    answer, _ = web.send(f"Content-Length: {20 * MIB}", "HX-Request: true", body=iter([PART]))

    assert answer.startswith("HTTP/1.1 413 ")
    assert 'hx-swap-oob="innerHTML:#toasts"' in answer
    assert "<html" not in answer


def test_t25_small_upload_is_read_and_no_file_of_it_is_kept(web):
    body = PART + b"\0" * (MIB // 2) + f"\r\n--{BOUNDARY}--\r\n".encode()

    answer, most = web.send(f"Content-Length: {len(body)}", "Connection: close", body=iter([body]))

    assert answer.startswith("HTTP/1.1 403 ")  # no token
    assert most == web.written() == 0
