"""Room for answers that are still to come (SAFETY §6, row 33)."""

import os
import time
from pathlib import Path

import pytest

from studio.relays.answers import room

MIB = 1024 * 1024


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk of 100 MiB, of which 20 are a floor."""
    monkeypatch.setattr(room, "FLOOR", 20 * MIB)
    monkeypatch.setattr(
        room.os, "statvfs", lambda folder: os.statvfs_result((1, MIB, 100, 100, 100, 0, 0, 0, 0, 255))
    )


def test_row_33_reserved_counts_what_others_may_still_take(disk, tmp_path: Path) -> None:
    with room.reserved(tmp_path / "a.part", 50 * MIB):
        with pytest.raises(room.NoRoom), room.reserved(tmp_path / "b.part", 31 * MIB):
            pass
        with room.reserved(tmp_path / "b.part", 30 * MIB):
            assert room.promised(tmp_path) == 80 * MIB
    with room.reserved(tmp_path / "c.part", 80 * MIB):
        pass

    assert list(tmp_path.glob("*.part")) == []


def test_row_33_reserved_leaves_the_floor(disk, tmp_path: Path) -> None:
    with pytest.raises(room.NoRoom), room.reserved(tmp_path / "a.part", 80 * MIB + 1):
        pass


def test_reserved_takes_no_space_and_what_was_written_is_not_counted_twice(tmp_path: Path) -> None:
    part = tmp_path / "a.part"

    with room.reserved(part, 10 * MIB):
        before = room.promised(tmp_path)
        with part.open("r+b") as file:
            file.write(b"x" * 4 * MIB)
            file.flush()
            os.fsync(file.fileno())
        after = room.promised(tmp_path)

    assert (before, after) == (10 * MIB, 6 * MIB)
    assert part.exists()


def test_promised_forgets_the_room_of_a_dead_worker(tmp_path: Path) -> None:
    part = tmp_path / "a.part"
    with part.open("wb") as file:
        file.truncate(MIB)
    long_ago = time.time() - room.FRESH - 1

    os.utime(part, (long_ago, long_ago))

    assert room.promised(tmp_path) == 0
