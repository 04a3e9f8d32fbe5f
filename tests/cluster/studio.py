"""The studio of the rehearsal: its servers, its machines and its people, and what befalls them."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from studio import staticfiles
from studio.models import Call, Generation, Role, State, User
from studio.models.states import ACTIVE
from studio.models.tokens import Scope
from studio.services import retention, tokens
from studio.services.relays import edit
from tests.cluster.machines import LINES, ROOT, Machine
from tests.cluster.people import Browser, Door
from tests.cluster.rabbit import RabbitServer
from tests.factories import PASSWORD, make_user
from tests.servers import PostgresServer, RedisServer, S3Server, free_ports

LEASE = 5
"""Seconds, instead of thirty: this machine is all machines, and has stood still for three when it was busy."""
LATE = 20.0
PATIENCE = 180.0
HUEY, CELERY = "huey.contrib.djhuey.tasks_backend.HueyBackend", "config.celery.Backend"
AWAY = 3.0
"""Seconds for which a server is gone that is restarted."""


class Studio:
    """PostgreSQL, S3, a queue and a relay; two web machines, two workers, one for programs if there is such a line."""

    def __init__(
        self, folder: Path, postgres: PostgresServer, store: S3Server, *, engine: str, rabbit: bool = False
    ) -> None:
        self.folder, self.postgres, self.store = folder, postgres, store
        self.broker = RabbitServer() if rabbit else RedisServer() if RedisServer.program() else None
        self.ledger = folder / "ledger"
        self.relay_port, sandbox_port = free_ports(2)
        self.relay = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster.relay", str(self.relay_port), str(self.ledger)], cwd=ROOT
        )
        if self.broker:
            self.broker.start()
        self.shared = {
            "TASK_BACKEND": engine,
            "TASK_URL": self.broker.url if self.broker else postgres.url,
            "RELAY_PRIVATE_ALLOW": f"127.0.0.1:{self.relay_port}",
            "SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}/sandbox",
            "LEASE_SECONDS": str(LEASE),
            "WORKER_THREADS": "12",
        }
        kinds = ["web", "web", "worker", "worker", *(["api"] if "api" in LINES else [])]
        names = [f"{kind}-{kinds[: i + 1].count(kind)}" for i, kind in enumerate(kinds)]
        made = [Machine(name, kind, folder, self.shared) for name, kind in zip(names, kinds, strict=True)]
        self.machines = {each.name: each for each in made}
        self.machines["web-1"].move_to(sandbox_port)
        self.door = Door([each for each in made if each.kind == "web"])
        self.programs_door = Door([each for each in made if each.kind == "api"] or self.door.machines)
        self.gone: set[str] = set()
        self.told: list[str] = []

    def start(self) -> None:
        """Get all machines ready at once, start them, and sign the people in.

        Static files are collected once and given to all, as an image has them.
        """
        staticfiles.collect()
        for each in self.machines.values():
            each.furnish(Path(settings.STATIC_ROOT))
        first = [each.prepare() for each in self.machines.values()]
        codes = [each.wait(240) for each in first]
        assert not any(codes), {each.name: each.log.read_text()[-2000:] for each in self.machines.values()}
        for each in self.machines.values():
            each.start()
        self._furnish()
        for each in self.machines.values():
            each.wait()
        for browser, person in zip(self.browsers, self.people, strict=True):
            browser.sign_in(person.email, PASSWORD)

    def _furnish(self) -> None:
        make_user("Alice", role=Role.ADMINISTRATOR)
        self.people: list[User] = [make_user(name) for name in ("Bob", "Charlie", "Dora", "Emil")]
        self.browsers = [Browser(self.door) for _ in self.people]
        url = f"http://127.0.0.1:{self.relay_port}/v1"
        relay = edit.add_relay(
            name="Rehearsal", dialect="openai", base_url=url, api_key="rehearsal-key", sandbox=True
        )
        self.model = edit.add_model(relay=relay, model_id="rehearsal-1", accepts={})
        self.token = tokens.make(person=self.people[0], name="Rehearsal", scope=Scope.DRAW)[1]

    def close(self) -> None:
        for each in self.machines.values():
            each.kill()
        self.relay.kill()
        self.relay.wait()
        if self.broker:
            self.broker.stop()

    # Looking

    @property
    def queue(self) -> str:
        if isinstance(self.broker, RabbitServer):
            return "RabbitMQ"
        return "Redis" if self.broker else "PostgreSQL (no Redis is installed here)"

    def seconds(self) -> dict[str, float]:
        """Return the processor time of each kind of machine so far."""
        found: dict[str, float] = {}
        for each in self.machines.values():
            found[each.kind] = found.get(each.kind, 0.0) + each.seconds()
        return found

    def running(self, machine: str) -> set[str]:
        """Return the generations that a machine has in its hands."""
        rows = Generation.objects.filter(claimed_by__startswith=f"{machine}:")
        return {str(pk) for pk in rows.values_list("pk", flat=True)}

    def wait_for(self, met: Callable[[], object]) -> None:
        """Return when something holds; the database may be away meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if met():
                    return
            except (OperationalError, InterfaceError):
                connection.close()
            if time.monotonic() > deadline:
                rows = Generation.objects.active().values_list("state", "claimed_by", "reason", "not_before")
                raise AssertionError(f"That took too long: {list(rows[:20])}")
            time.sleep(0.1)

    def wait_until_all_ended(self) -> None:
        """Return when nothing is active; for what only a lost disk had, the clock is put an hour on."""
        self.wait_for(lambda: not self._active() - self.gone)
        self.wait_for(self._ended_with_the_hour)
        deadline = time.monotonic() + LATE
        while time.monotonic() < deadline and self._given_up() - self.gone:
            time.sleep(0.5)

    def _given_up(self) -> set[str]:
        """Return what was taken for lost, be it that a machine only stood still: then its answer comes after all."""
        return {str(pk) for pk in Generation.objects.in_state(State.UNKNOWN).values_list("pk", flat=True)}

    def _active(self) -> set[str]:
        return {str(pk) for pk in Generation.objects.active().values_list("pk", flat=True)}

    def _ended_with_the_hour(self) -> bool:
        received = Generation.objects.in_state(State.RECEIVED)
        received.update(received_at=timezone.now() - retention.MISSING_PATIENCE - timedelta(minutes=1))
        retention.end_hopeless()
        return not self._active()

    # What befalls it

    def lose_worker(self) -> None:
        """Take a worker machine away, with its disk, while it draws; a new one comes in its place."""
        machine = self.machines["worker-1"]
        self.wait_for(lambda: len(self.running("worker-1")) > 3)
        machine.freeze()
        time.sleep(0.5)  # what it had said to the database is written there
        self.gone |= self.running("worker-1")
        machine.kill()
        machine.lose_disk()
        new = Machine("worker-3", "worker", self.folder, self.shared)
        new.furnish(Path(settings.STATIC_ROOT))
        assert new.prepare().wait(240) == 0
        new.start()
        self.machines["worker-3"] = new
        del self.machines["worker-1"]

    def kill_worker(self) -> None:
        """Cut the power of a worker machine; it comes back with its disk."""
        self.wait_for(lambda: len(self.running("worker-2")) > 3)
        machine = self.machines["worker-2"]
        machine.freeze()
        time.sleep(0.5)
        held = self.running("worker-2")
        machine.kill()
        self.gone |= held - machine.answers()
        machine.start()

    def kill_web(self) -> None:
        machine = self.machines["web-1"]
        machine.kill()
        time.sleep(AWAY)
        machine.start()
        machine.wait()

    def kill_programs(self) -> None:
        """Cut the power of the machine for programs while callers wait there for their pictures."""
        self.wait_for(lambda: Call.objects.filter(generation__state__in=ACTIVE).count() > 3)
        machine = self.machines["api-1"]
        machine.kill()
        time.sleep(AWAY)
        machine.start()
        machine.wait()

    def restart_database(self) -> None:
        self._restart(self.postgres)

    def restart_store(self) -> None:
        self._restart(self.store)

    def restart_queue(self) -> None:
        if self.broker:
            self._restart(self.broker)

    def _restart(self, server: PostgresServer | S3Server | RedisServer | RabbitServer) -> None:
        server.halt()
        time.sleep(AWAY)
        server.run()

    def deploy(self) -> None:
        """Stop a worker kindly while it draws, and start it again."""
        self.wait_for(lambda: len(self.running("worker-2")) > 3)
        assert self.machines["worker-2"].stop(), "the worker did not stop in time"
        self.machines["worker-2"].start()
