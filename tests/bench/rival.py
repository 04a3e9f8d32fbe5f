"""An Open WebUI to run beside, which BENCH_RIVAL_URL names; on this machine its processes are measured, too.

It is installed in an environment of its own and started with an empty folder, the measuring relay as its image engine
and no models of its own:

    DATA_DIR=… WEBUI_SECRET_KEY=… OFFLINE_MODE=true RAG_EMBEDDING_ENGINE=openai ENABLE_OLLAMA_API=false
    ENABLE_OPENAI_API=false ENABLE_IMAGE_GENERATION=true IMAGE_GENERATION_ENGINE=openai IMAGE_SIZE=1024x1024
    IMAGE_GENERATION_MODEL=gpt-image-bench IMAGES_OPENAI_API_BASE_URL=http://127.0.0.1:BENCH_RELAY_PORT/v1
    IMAGES_OPENAI_API_KEY=bench-key-0123 open-webui serve --host 127.0.0.1 --port …

What is measured is its call for pictures (`/api/v1/images/generations`; its chat does the same within the server) and
each file it names: neither the chat around it nor the language model that its page needs for that.
"""

import os
from functools import cached_property
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psutil

RIVAL_URL = os.environ.get("BENCH_RIVAL_URL", "")


class Rival:
    """The one at that address."""

    def people(self, count: int) -> list[str]:
        """Make as many people; return their keys. BENCH_RIVAL_KEY is an administrator's; a new one needs none."""
        with httpx.Client(base_url=f"{RIVAL_URL}/api/v1/auths", timeout=60, trust_env=False) as client:
            admin = os.environ.get("BENCH_RIVAL_KEY") or self._key(client, "/signup", "Admin")
            client.headers["Authorization"] = f"Bearer {admin}"
            return [self._key(client, "/add", f"Person {number}") for number in range(count)]

    def _key(self, client: httpx.Client, path: str, name: str) -> str:
        account = {
            "name": name,
            "email": f"{uuid4()}@studio.example",
            "password": uuid4().hex,
            "role": "user",
        }
        return str(client.post(path, json=account).raise_for_status().json()["token"])

    def processes(self) -> list[psutil.Process]:
        """Return its processes on this machine."""
        return [] if self.main is None else [self.main, *self.main.children(recursive=True)]

    @cached_property
    def main(self) -> psutil.Process | None:
        """What listens at its port on this machine."""
        port = urlsplit(RIVAL_URL).port
        for line in psutil.net_connections("tcp") if port else ():
            if line.status == psutil.CONN_LISTEN and line.laddr.port == port and line.pid:
                return psutil.Process(line.pid)
        return None
