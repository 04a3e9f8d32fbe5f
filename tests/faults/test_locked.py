"""SQLite is locked for longer than a worker waits for its turn, while the relay answers (SAFETY §6, row 32)."""

import fcntl
import os
import threading

import pytest
from django.db import connection

from studio import db
from studio.db import write_transaction
from studio.models import State
from studio.services.drawing import perseverance
from tests.faults.scene import Scene, b64, drawn, wait


def test_row_32_locked_database_is_waited_for_and_the_relay_is_asked_once(
    scene: Scene, settings, monkeypatch
):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL lets several write at once")
    monkeypatch.setattr(perseverance, "PAUSE", 0.05)
    with write_transaction():  # makes the file
        pass
    handle = os.open(settings.STATE_DIR / "writer.lock", os.O_RDWR)
    scene.answers([wait(0.3), *drawn(b64())])
    row = scene.submit()

    worker = scene.in_background(row)
    monkeypatch.setattr(db, "PATIENCE", 0.1)
    fcntl.flock(handle, fcntl.LOCK_EX)
    threading.Timer(1, os.close, [handle]).start()
    worker.join()

    assert (scene.look(row).state, scene.requests(), scene.money(row)) == (State.DONE, 1, (0, 1, 0))
