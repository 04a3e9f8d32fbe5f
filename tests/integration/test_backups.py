"""A backup is restored onto an empty machine, with its files in a folder and on S3 (SAFETY §6, rows 44 and 48)."""

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connections, transaction

from config.backends import storages
from studio.models import (
    AuditEntry,
    Generation,
    Image,
    ImageModel,
    Relay,
    RelayRequest,
    SlotState,
    State,
    User,
)
from studio.models.relay_requests import spool_name
from studio.services import audit
from studio.services.backups import shelf
from tests.faults import databases, invariants
from tests.faults.stage import ROOT, Stage
from tests.servers import S3Server


@dataclass(frozen=True)
class Machine:
    """A state folder, a database and a storage, and what was typed on it."""

    stage: Stage
    storage: str

    def run(self, *words: object, **environment: str) -> str:
        command = [sys.executable, "manage.py", *map(str, words)]
        ours = self.stage.environment(STORAGE_URL=self.storage, **environment)
        ended = subprocess.run(command, cwd=ROOT, env=ours, capture_output=True, text=True, timeout=300)
        return ended.stdout + ended.stderr + f"status {ended.returncode}"


@pytest.fixture(params=["folder", "s3"])
def buckets(request, tmp_path: Path) -> list[str]:
    """Two places for files."""
    if request.param == "folder":
        return [f"file://{tmp_path / name}" for name in ("media", "other-media")]
    server: S3Server = request.getfixturevalue("s3_server")
    names = [f"{name}-{secrets.token_hex(4)}" for name in ("mine", "other")]
    for name in names:
        server.client().create_bucket(Bucket=name)
    return [server.url.replace(f"/{server.bucket}", f"/{name}") for name in names]


@pytest.fixture
def machine(stage: Stage, buckets, settings) -> Machine:
    settings.STORAGES = settings.STORAGES | {"default": storages(buckets[0])}
    settings.SPOOL_DIR = stage.spool
    return Machine(stage, buckets[0])


@pytest.fixture
def other(machine: Machine, blank_database, buckets, tmp_path) -> Iterator[Machine]:
    """An empty machine."""
    folder = tmp_path / "other"
    folder.mkdir()
    with blank_database.empty(folder) as url:
        yield Machine(replace(machine.stage, folder=folder, database=url), buckets[1])


def pictures() -> dict[str, str]:
    """The SHA-256 of each original, by its key, as it lies in the storage; the row must say the same."""
    found = {
        image.key: sha256(b"".join(default_storage.pieces(image.key))).hexdigest()
        for image in Image.objects.all()
    }
    assert found == dict(Image.objects.values_list("key", "sha256"))
    return found


def test_row_44_backup_on_an_empty_machine_has_all_rows_and_files_and_asks_before_it_draws(
    machine: Machine, other: Machine, buckets, settings, tmp_path: Path
):
    stage, place = machine.stage, tmp_path / "backups"
    done = stage.submit(n=3)
    assert stage.run("finish", STORAGE_URL=machine.storage) == 0
    waiting, lost, answered = stage.submit(), stage.submit(), stage.submit()
    lease = {"claimed_by": "last night's", "lease_at": "2026-01-01T00:00Z", "attempts": 1}
    Generation.objects.filter(pk=lost.pk).update(state=State.SENT, **lease)
    Generation.objects.filter(pk=answered.pk).update(
        state=State.RECEIVED, received_at="2026-01-01T00:00Z", **lease
    )
    for row in (lost, answered):
        RelayRequest.objects.create(generation=row, attempt=1, slots=[0])
    stage.spool.mkdir(exist_ok=True)
    (stage.spool / spool_name(answered.pk, 1)).write_bytes(b"an answer")
    before = pictures()

    said = machine.run("backup", place)
    assert said.endswith("status 0"), said
    assert "Files: 6" in said
    assert "new since the last: 0" in machine.run("backup", place, "--keep", "1")
    assert machine.run("verify", place).endswith("every file is as it was.\nstatus 0")
    told = other.run("restore", place)

    assert told.endswith("status 0"), told
    assert "now ask their person: 1\nWere at a relay, so contact is lost: 1\n" in told
    settings.STORAGES = settings.STORAGES | {"default": storages(buckets[1])}
    with databases.using(other.stage.database):
        states = dict(Generation.objects.values_list("pk", "state"))
        assert pictures() == before
        assert len(before) == 3
        assert (states[done.pk], states[waiting.pk], states[lost.pk]) == (
            State.DONE,
            State.CANCELLED,
            State.UNKNOWN,
        )
        assert states[answered.pk] == State.RECEIVED
        assert (other.stage.spool / spool_name(answered.pk, 1)).read_bytes() == b"an answer"
        assert Relay.objects.get().api_key == stage.relay.key
        assert AuditEntry.objects.filter(action="studio.backup_restored").count() == 1
        again = other.stage.submit(n=2, person=User.objects.get(), model=ImageModel.objects.get())
        assert other.stage.run("draw", str(again.pk), STORAGE_URL=other.storage) == 0
        assert again.slots.filter(state=SlotState.SAVED).count() == 2
        invariants.check()


def test_restore_over_a_studio_puts_the_backup_in_its_place_and_can_be_taken_back(
    machine: Machine, tmp_path: Path
):
    stage, place, patience = machine.stage, tmp_path / "backups", {"LEASE_SECONDS": "2"}
    early = stage.submit()
    assert stage.run("finish", STORAGE_URL=machine.storage) == 0
    assert machine.run("backup", place).endswith("status 0")
    [first] = shelf.backups(place)
    late = stage.submit()
    assert stage.run("finish", STORAGE_URL=machine.storage) == 0
    time.sleep(2)

    assert "A studio is here, with 1 person." in machine.run("restore", place, **patience)
    told = machine.run("restore", place, "--over", **patience)

    connections["default"].close()
    assert f"What was here before: {place}" in told, told
    assert set(Generation.objects.values_list("pk", flat=True)) == {early.pk}
    [point] = [path for path in shelf.backups(place) if path != first]
    assert machine.run("restore", point, "--over", **patience).endswith("status 0")
    connections["default"].close()
    assert set(Generation.objects.values_list("pk", flat=True)) == {early.pk, late.pk}
    assert len(pictures()) == 2
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(action="forged")
    assert audit.verify().is_whole
