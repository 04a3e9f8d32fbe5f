"""Two real worker processes on PostgreSQL and S3 draw everything once: HOUSE.md §3, `manage.py run_huey`."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from studio.models import Generation, Image, RelayRequest, State
from tests.faults import databases, invariants
from tests.faults.stage import ROOT, RelayProcess, Stage, go
from tests.servers import PostgresServer, S3Server

PATIENCE = 300
AT_ONCE = 40


@contextmanager
def workers(stage: Stage, count: int, **environment: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run worker processes; end them as a deployment does, and by force if that takes too long."""
    command = [sys.executable, "manage.py", "run_huey"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=stage.environment(**environment)) for _ in range(count)
    ]
    try:
        yield processes
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _submit(stage: Stage, count: int, **environment: str) -> Generation:
    """Submit the same words `count` times, in threads of one process, with tickets for real workers."""
    fields = {"text": f"A lake {uuid4()}", "settings": {"size": "512x512"}, "n": 1, "shared": True}
    order = {"person": str(stage.person.pk), "model": str(stage.model.pk), "fields": fields}
    for _ in range(count // AT_ONCE):
        process = stage.start("submit", **environment)
        process.stdin.write(
            json.dumps(order | {"submissions": [str(uuid4()) for _ in range(AT_ONCE)]}) + "\n"
        )
        process.stdin.flush()
        results = json.loads(go(process)[0])
        assert {name for name, _ in results} == {"Generation"}
    return Generation.objects.first()


def wait_until_all_ended() -> None:
    deadline = time.monotonic() + PATIENCE
    while Generation.objects.active().exists():
        assert time.monotonic() < deadline, list(Generation.objects.values_list("state", "reason"))
        time.sleep(0.2)


def _objects(server: S3Server) -> list[str]:
    pages = (
        server.client().get_paginator("list_objects_v2").paginate(Bucket=server.bucket, Prefix="originals/")
    )
    return sorted(row["Key"] for page in pages for row in page.get("Contents", []))


def test_two_workers_draw_everything_once_on_postgresql_and_s3(
    tmp_path: Path, relay_process: RelayProcess, s3_server: S3Server, django_db_blocker, kills: int
):
    count = 200 if kills >= 300 else 40
    with PostgresServer() as server, django_db_blocker.unblock(), databases.using(server.url):
        stage = Stage(folder=tmp_path, database=server.url, relay=relay_process)
        engine = {
            "TASK_BACKEND": "huey.contrib.djhuey.tasks_backend.HueyBackend",
            "TASK_URL": server.url,
            "STORAGE_URL": s3_server.url,
            "WORKER_THREADS": "8",
            "LEASE_SECONDS": "30",
        }
        assert stage.run("migrate") == 0

        with workers(stage, 2, **engine) as running:
            row = _submit(stage, count, **engine)
            wait_until_all_ended()
            assert [worker.poll() for worker in running] == [None, None]

        assert Generation.objects.in_state(State.DONE).count() == count
        assert RelayRequest.objects.count() == count
        assert stage.requests(row) == count
        tokens = set(Generation.objects.values_list("token", flat=True))
        stored = [
            key for key in _objects(s3_server) if key.split("/")[1] in tokens
        ]  # others share the bucket
        assert stored == sorted(Image.objects.values_list("key", flat=True))
        assert Image.objects.count() == count
        invariants.check()
