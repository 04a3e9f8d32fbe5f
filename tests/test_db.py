import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from studio import db
from studio.db import afterwards, write_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_process(settings) -> Iterator[int]:
    """The lock file as another process has it open."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL lets several write at once")
    with write_transaction():  # makes the file, if this is the first to write
        pass
    handle = os.open(settings.STATE_DIR / "writer.lock", os.O_RDWR)
    yield handle
    os.close(handle)


def _is_free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True


def test_writing_keeps_other_processes_waiting_until_the_outermost_ends(other_process: int):
    with write_transaction():
        with write_transaction():
            inside = _is_free(other_process)
        between = _is_free(other_process)

    assert (inside, between, _is_free(other_process)) == (False, False, True)


def test_writing_that_fails_gives_its_turn_back(other_process: int):
    with pytest.raises(ZeroDivisionError), write_transaction():
        raise ZeroDivisionError

    assert _is_free(other_process)


def test_row_32_turn_that_does_not_come_is_waited_for_so_long_and_comes_later(
    other_process: int, monkeypatch
):
    monkeypatch.setattr(db, "PATIENCE", 0.2)
    fcntl.flock(other_process, fcntl.LOCK_EX)

    for _ in range(2):
        start = time.monotonic()
        with pytest.raises(OperationalError, match="the turn to write did not come"), write_transaction():
            pass
        assert 0.2 <= time.monotonic() - start < 5
    fcntl.flock(other_process, fcntl.LOCK_UN)
    deadline = time.monotonic() + 10
    while not _is_free(other_process):  # the lock that nobody waits for any more comes, and is given back
        assert time.monotonic() < deadline

    with write_transaction():
        assert not _is_free(other_process)


def test_writing_behind_another_process_goes_on_as_soon_as_that_ends(other_process: int):
    fcntl.flock(other_process, fcntl.LOCK_EX)
    threading.Timer(0.2, fcntl.flock, [other_process, fcntl.LOCK_UN]).start()

    with write_transaction():
        assert not _is_free(other_process)


def test_row_32_thread_whose_turn_does_not_come_gives_up(other_process: int, monkeypatch):
    monkeypatch.setattr(db, "PATIENCE", 0.1)
    refused = []

    def write() -> None:
        try:
            with db._turn:
                pass
        except OperationalError as error:
            refused.append(str(error))

    thread = threading.Thread(target=write)
    with write_transaction():
        thread.start()
        thread.join()

    assert refused == [db.BUSY]
    assert _is_free(other_process)


def _write_after(written: list[str], name: str) -> threading.Thread:
    def write() -> None:
        with db._turn:
            written.append(name)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


@pytest.mark.parametrize(("stretch", "is_kept"), [(60.0, True), (0.0, False)])
def test_threads_of_a_process_follow_each_other_until_its_stretch_is_over(
    other_process: int, monkeypatch, stretch: float, is_kept: bool
):
    monkeypatch.setattr(db, "STRETCH", stretch)
    given_back: list[str] = []
    file = db._turn._file()
    give_back = file.give_back
    monkeypatch.setattr(file, "give_back", lambda: (given_back.append(f"after {written}"), give_back()))
    written: list[str] = []

    with write_transaction():
        thread = _write_after(written, "next")
        while not db._turn.waiting:
            time.sleep(0.01)
    thread.join()

    assert given_back == (["after ['next']"] if is_kept else ["after []", "after ['next']"])
    assert _is_free(other_process)


def test_file_kept_for_a_thread_that_stops_waiting_is_given_back(other_process: int, monkeypatch):
    monkeypatch.setattr(db, "STRETCH", 60.0)
    with write_transaction():
        monkeypatch.setattr(db._turn, "waiting", _OutOfPatience([None]))

    assert _is_free(other_process)


def test_writing_goes_on_after_the_thread_that_waits_for_the_file_could_not_start(
    other_process: int, monkeypatch
):
    def cannot_start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    fcntl.flock(other_process, fcntl.LOCK_EX)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", cannot_start)
        with pytest.raises(RuntimeError), write_transaction():
            pass
    fcntl.flock(other_process, fcntl.LOCK_UN)
    monkeypatch.setattr(db, "PATIENCE", 0.5)

    with write_transaction():
        assert not _is_free(other_process)


def test_writer_that_is_interrupted_while_it_waits_waits_no_more(other_process: int, monkeypatch):
    class Interrupted:
        def acquire(self, timeout: float) -> bool:
            raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(db._turn, "threads", Interrupted())
        with pytest.raises(KeyboardInterrupt), db._turn:
            pass

    assert not db._turn.waiting
    with write_transaction():
        pass
    assert _is_free(other_process)


class _OutOfPatience(deque[None]):
    """A thread that waits when it is looked for, and no more right after that."""

    def __bool__(self) -> bool:
        waits = len(self) > 0
        self.clear()
        return waits


@pytest.mark.django_db(transaction=True)
def test_afterwards_runs_when_others_may_write_again_and_only_after_a_commit(other_process: int):
    free: list[bool] = []

    with write_transaction(), write_transaction():
        afterwards(lambda: free.append(_is_free(other_process)))
        afterwards(lambda: 1 / 0)
        afterwards(lambda: free.append(_is_free(other_process)))
    with pytest.raises(ZeroDivisionError), write_transaction():
        free.append(1 / bool(afterwards(lambda: free.append(False))))
    afterwards(lambda: free.append(_is_free(other_process)))

    assert free == [True, True, True]


def _setting(name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}" if connection.vendor == "sqlite" else f"SHOW {name}")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_writing_is_on_the_disk_when_the_outermost_ends_and_not_in_its_turn(tmp_path, monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL waits for the disk by itself")
    monkeypatch.setitem(connection.settings_dict, "NAME", tmp_path / "studio.sqlite3")
    monkeypatch.setattr(db, "_log", db.Log())
    seen = []
    monkeypatch.setattr(
        db.os, "fdatasync", lambda _: seen.append((db._turn.depth, connection.in_atomic_block))
    )
    (tmp_path / "studio.sqlite3-wal").touch()

    with db.write_transaction():
        with db.write_transaction():
            assert _setting("synchronous") == 1  # nobody waits for the disk in their turn
        assert seen == []
    assert seen == [(0, False)] * 2, "the log, and its name the first time"
    with db.write_transaction():
        pass
    assert seen == [(0, False)] * 3
    with db.write_transaction(durable=False):
        pass
    with pytest.raises(ZeroDivisionError), db.write_transaction():
        _ = 1 / 0
    assert seen == [(0, False)] * 3
    assert _setting("synchronous") == 2  # what is written elsewhere waits


def test_name_of_a_log_begun_anew_is_on_the_disk_though_its_inode_is_the_old_one(tmp_path, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "NAME", tmp_path / "studio.sqlite3")
    synced, log, path = [], db.Log(), tmp_path / "studio.sqlite3-wal"
    monkeypatch.setattr(
        db.os, "fdatasync", lambda file: synced.append(Path(f"/proc/self/fd/{file}").readlink())
    )

    for salt in (b"one", b"one", b"two"):
        path.write_bytes(salt.rjust(db.WAL_HEAD))
        log.sync()

    assert synced == [path, tmp_path, path, path, tmp_path]


@pytest.mark.django_db(transaction=True)
def test_row_32_connection_that_cannot_write_fails_as_all_others_do_and_gives_its_turn_back(
    other_process: int, monkeypatch
):
    monkeypatch.setattr(db, "release_connection", lambda: None)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")  # SQLite refuses another safety level in the middle of something

    with pytest.raises(OperationalError, match="inside a transaction"), write_transaction():
        pass

    connection.close()
    assert _is_free(other_process)


@pytest.mark.django_db(transaction=True)
def test_afterwards_that_is_durable_runs_when_no_power_failure_can_undo_the_transaction(monkeypatch):
    seen = []
    monkeypatch.setattr(db._log, "sync", lambda: seen.append(f"disk, {db._turn.depth} in their turn"))

    with write_transaction():
        afterwards(lambda: seen.append("at once"))
        afterwards(lambda: seen.append("safely"), durable=True)

    synced = ["disk, 0 in their turn"] * (connection.vendor == "sqlite")
    assert seen == ["at once", *synced, "safely", *synced]


@pytest.mark.django_db(transaction=True)
def test_afterwards_that_is_durable_does_not_run_when_the_disk_fails(monkeypatch, caplog):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL waits for the disk by itself")

    def broken() -> None:
        raise OSError("no disk")

    monkeypatch.setattr(db._log, "sync", broken)
    done = []

    with pytest.raises(OSError, match="no disk"), write_transaction():
        afterwards(lambda: done.append("deleted"), durable=True)

    assert done == []
    assert "what should follow a transaction failed" in caplog.messages


@pytest.mark.django_db(transaction=True)
def test_writing_that_need_not_last_does_not_wait_for_postgresqls_disk():
    if connection.vendor == "sqlite":
        pytest.skip("PostgreSQL's setting")
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")

    with db.write_transaction(durable=False):
        assert _setting("synchronous_commit") == "off"
    with db.write_transaction():
        assert _setting("synchronous_commit") == "on"


@pytest.mark.django_db(transaction=True)
def test_release_connection_lets_another_thread_have_it():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has a pool of its own")
    _setting("synchronous")
    mine, theirs = connection.connection, []

    def work() -> None:
        _setting("synchronous")
        theirs.append(connection.connection)
        db.release_connection()

    with write_transaction():
        db.release_connection()
        assert connection.connection is mine, "one that is in the middle of something is kept"
    db.release_connection()
    assert connection.connection is None
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert theirs == [mine]
    assert _setting("foreign_keys") == 1
    assert connection.connection is mine
