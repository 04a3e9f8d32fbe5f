"""One studio for rehearsals: a folder, a database, a model of the sandbox, and processes that may die."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from studio.models import Generation, ImageModel, Relay, State, User
from studio.relays import open_relay
from studio.services import generations
from studio.services.drawing import run as drawing
from studio.services.orders import Order
from studio.services.relays import edit
from tests.factories import make_user

ROOT = Path(__file__).resolve().parents[2]
WORKER = [sys.executable, "-m", "tests.faults.worker"]


@dataclass(frozen=True)
class RelayProcess:
    """The sandbox relay in its own process, and where it writes its ledger."""

    url: str
    key: str
    folder: Path

    def ledger(self) -> list[dict[str, Any]]:
        path = self.folder / "sandbox" / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@dataclass(frozen=True)
class Stage:
    """Everything lies in `folder`; the test's own process looks at the same database."""

    folder: Path
    database: str
    relay: RelayProcess

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @cached_property
    def person(self) -> User:
        return make_user("Bob")

    @cached_property
    def model(self) -> ImageModel:
        accepts = {"size": ["512x512"], "response_format": ["url", "b64_json"]}
        return edit.add_model(relay=self.relay_row, model_id="sandbox-sketch:free", accepts=accepts)

    @cached_property
    def relay_row(self) -> Relay:
        url = f"{self.relay.url}/sandbox/routeway/v1"
        return edit.add_relay(
            name="Sandbox", dialect="routeway", base_url=url, api_key=self.relay.key, sandbox=True
        )

    def environment(self, **more: str) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "STUDIO_STATE": str(self.folder),
            "DATABASE_URL": self.database,
            "TASK_BACKEND": "django.tasks.backends.dummy.DummyBackend",
            "SECRET_KEY": settings.SECRET_KEY,
            "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
            "SANDBOX_URL": f"{self.relay.url}/sandbox",
            "LEASE_SECONDS": "3600",  # nobody takes over what a killed worker left, until `finish` does
            "STUDIO_QUEUE_PER_PERSON": "1000",
            **more,
        }

    def submit(
        self,
        text: str = "A lake",
        *,
        n: int = 1,
        person: User | None = None,
        model: ImageModel | None = None,
        **asked: Any,
    ) -> Generation:
        """Submit a generation whose request body is like no other's."""
        return generations.submit(
            person=person or self.person,
            submission_id=uuid4(),
            order=Order(
                model=model or self.model,
                text=f"{text} {uuid4()}",
                settings={"size": "512x512"} | asked,
                n=n,
                shared=True,
            ),
        )

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a worker process; its command stands in tests/faults/worker.py."""
        return subprocess.Popen(
            [*WORKER, *command],
            cwd=ROOT,
            env=self.environment(**environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str, **environment: str) -> int:
        """Run a worker process to its end; return its exit status, -9 when it was killed."""
        process = self.start(*command, **environment)
        out, errors = process.communicate(timeout=300)
        if process.returncode > 0:
            raise AssertionError(f"{command}: {out}{errors}")
        return process.returncode

    def finish(self) -> None:
        """Let a clean worker take over and finish what is there."""
        assert self.run("finish", LEASE_SECONDS="2") == 0

    def requests(self, generation: Generation, *, n: int | None = None) -> int:
        """How often the relay was asked for exactly this."""
        row = generation.model.relay
        relay = open_relay(dialect=row.dialect, base_url=row.base_url, api_key=row.api_key)
        body = relay.body(drawing.draw_request(generation, n=n or generation.n))
        digest = sha256(json.dumps(body).encode()).hexdigest()
        return sum(line["body"] == digest for line in self.relay.ledger())

    def originals(self, generation: Generation) -> list[Path]:
        folder = self.folder / "media" / "originals" / generation.token / str(generation.pk)
        return sorted(folder.iterdir()) if folder.exists() else []

    def leftovers(self, generation: Generation) -> list[str]:
        """Suffixes of what lies in the spool folder for this generation."""
        return sorted(path.suffix for path in self.spool.glob(f"{generation.pk}*"))

    def wait_for(self, generation: Generation, state: State) -> None:
        """Return when the row is in this state."""
        deadline = time.monotonic() + 60
        while self.state(generation) != state:
            assert time.monotonic() < deadline, f"{generation} is not {state} but {self.state(generation)}"
            time.sleep(0.02)

    def state(self, generation: Generation) -> State:
        return State(Generation.objects.values_list("state", flat=True).get(pk=generation.pk))


def go(*processes: subprocess.Popen[str]) -> list[str]:
    """Wait until all are ready, let them run together, and return the last line of each."""
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = []
    for process in processes:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        answers.append(out.strip().rpartition("\n")[2])
    return answers
