"""The power fails while SQLite writes: copies of its log are cut and torn at any byte (SAFETY §6, row 41)."""

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connections

from studio.db import write_transaction
from studio.models import Generation, State
from studio.services import generations
from studio.services.drawing import claims, settlement
from studio.services.drawing.settlement import AnswerFacts
from studio.words import Reason
from tests.faults import databases, invariants
from tests.faults.stage import Stage

CUTS, FEW, LOOKS = 1000, 200, 25
"""How often the log is cut, in a sample too, and how many of these copies are asked for everything that must hold."""

ROWS = "SELECT id, state, version FROM studio_generation"
COUNTERS = "SELECT coalesce(sum(reserved + spent), 0) FROM studio_allowance"
ENTRIES = """
SELECT coalesce(sum(CASE WHEN target != 'free' THEN amount ELSE 0 END), 0)
     - coalesce(sum(CASE WHEN source != 'free' THEN amount ELSE 0 END), 0)
  FROM studio_ledgerentry WHERE unit = 'images'
"""

Told = tuple[int, set[tuple[object, ...]]]


@pytest.fixture
def database(stage: Stage) -> Path:
    """The database's file, whose log is never taken over into it while the test runs."""
    if not stage.database.startswith("sqlite"):
        pytest.skip("PostgreSQL keeps a log of its own")
    _ = stage.model, stage.person
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA wal_autocheckpoint=0")
    return Path(stage.database.removeprefix("sqlite:///"))


def _log(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def _work(stage: Stage, database: Path) -> list[Told]:
    """Submit, claim, fail, cancel and retry; note after each answer how long the log was and what it had to hold."""
    told: list[Told] = []

    def note() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute(ROWS)
            told.append((_log(database).stat().st_size, set(cursor.fetchall())))

    for number in range(12):
        row = stage.submit(n=1 + number % 4)
        note()
        if number % 3 == 0:
            generations.cancel(generation=row, person=stage.person)
            note()
            generations.retry(generation=row, person=stage.person)
            note()
        elif number % 3 == 1:
            claimed = claims.claim_next("a worker", rows=Generation.objects.filter(pk=row.pk))
            assert claimed is not None
            note()
            why = Reason("key_refused")
            settlement.fail(generation=claimed, to=State.FAILED, why=why, facts=AnswerFacts(kind="auth"))
            note()
        else:
            with write_transaction():  # one that the power takes whole
                Generation.objects.filter(pk=row.pk).touch()
            note()
    return told


def _torn(database: Path, folder: Path, *, at: int, chance: random.Random) -> Path:
    """Return a copy of the database as a power cut left it: its log ends, or goes on as noise, after so many bytes."""
    copy = folder / "torn.sqlite3"
    for old in folder.glob("torn.sqlite3*"):
        old.unlink()
    shutil.copy(database, copy)
    whole = _log(database).read_bytes()
    rest = chance.choice([b"", bytes(4096), chance.randbytes(4096), whole[at + 512 : at + 4096]])
    _log(copy).write_bytes(whole[:at] + rest)
    return copy


def test_row_41_database_whose_log_was_cut_anywhere_is_whole_and_holds_what_was_answered(
    stage: Stage, database: Path, tmp_path: Path, whole: bool
):
    cuts = CUTS if whole else FEW
    seed = random.randrange(10**6)
    print(f"tests/faults/test_power.py: seed {seed}")
    chance, told = random.Random(seed), _work(stage, database)
    end = _log(database).stat().st_size
    edges = [size for size, _ in told]
    places = [chance.choice([chance.randrange(end), chance.choice(edges)]) for _ in range(cuts)]
    folder = tmp_path / "torn"
    folder.mkdir()

    for number, at in enumerate(places):
        copy = _torn(database, folder, at=at, chance=chance)
        with closing(sqlite3.connect(copy)) as torn:
            assert torn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert torn.execute("PRAGMA foreign_key_check").fetchall() == []
            assert torn.execute(COUNTERS).fetchone() == torn.execute(ENTRIES).fetchone()
            rows = set(torn.execute(ROWS).fetchall())
        answered = [state for size, state in told if size <= at]
        known = {(pk, version) for pk, _, version in (answered[-1] if answered else set())}
        held = {pk: version for pk, _, version in rows}
        assert all(held.get(pk, -1) >= version for pk, version in known), at
        if number % (cuts // LOOKS) == 0:
            with databases.using(f"sqlite:///{copy}"):
                invariants.check()


def test_row_41_every_connection_waits_for_the_disk(database: Path):
    assert os.path.exists(_log(database))
    with connections["default"].cursor() as cursor:
        found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]

    assert found == ["wal", 2]  # FULL: what was answered is on the disk
