"""LiteLLM's proxy server, started in front of a studio for one test."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.judges.desk import Desk
from tests.servers import free_ports

PYTHON = Path(__file__).parents[2] / ".venv-judges" / "bin" / "python"
PROGRAMS = Path(__file__).parent / "python"
KEY = "sk-gateway"
PATIENCE = 120.0
ALONE = {"PATH": os.environ["PATH"], "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
"""What LiteLLM is started with: nothing is fetched from outside."""


@contextmanager
def litellm_proxy(desk: Desk, *, token: str) -> Iterator[httpx.Client]:
    """Yield a client of a gateway that asks the studio by this token."""
    port = free_ports(1)[0]
    command = [str(PYTHON), "-m", "litellm.proxy.proxy_cli", "--config", "litellm.yaml"]
    facts = ALONE | {"STUDIO_URL": desk.base_url, "STUDIO_TOKEN": token, "LITELLM_MASTER_KEY": KEY}
    log = desk.studio.folder / f"litellm-{port}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=PROGRAMS,
            env=facts,
            stdout=said,
            stderr=said,
        )
    headers = {"Authorization": f"Bearer {KEY}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
            _await(client, process, log)
            yield client
    finally:
        process.terminate()
        process.wait(20)


def _await(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.get("/health/liveliness").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError(log.read_text()[-3000:])
