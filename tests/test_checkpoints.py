from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from studio import checkpoints
from studio.db import write_transaction
from studio.models import Prompt
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL looks after its log itself")


def _log() -> Path:
    return Path(f"{connection.settings_dict['NAME']}-wal")


def _salt() -> bytes:
    """Return what is another with each beginning of the log (https://sqlite.org/fileformat2.html#walformat)."""
    return _log().read_bytes()[16:20]


def _write(text: str) -> None:
    person = make_user(text)
    with write_transaction():
        Prompt.objects.create(author=person, text=text, words=text, digest=text * 8)


def _execute(to: BaseDatabaseWrapper, sql: str) -> None:
    with to.cursor() as cursor:
        cursor.execute(sql)


def _in_the_database(text: str) -> bool:
    """Tell whether it stands in the database file, not in its log alone."""
    return text.encode() in Path(connection.settings_dict["NAME"]).read_bytes()


def test_bring_over_copies_the_log_into_the_database():
    _write("lighthouse")
    assert not _in_the_database("lighthouse")

    checkpoints.bring_over()

    assert _in_the_database("lighthouse")


@pytest.mark.parametrize(("longest", "anew"), [(1, True), (100_000, False)])
def test_bring_over_begins_a_long_log_anew_and_has_its_usual_patience_again(
    monkeypatch, longest: int, anew: bool
):
    reader = connection.copy()

    def beside_others(mode: str) -> tuple[int, int]:
        found = checkpoint(mode)
        if mode == "PASSIVE":
            _write("written meanwhile")
            _execute(reader, "COMMIT")
        return found

    checkpoint = checkpoints._checkpoint
    monkeypatch.setattr(checkpoints, "_checkpoint", beside_others)
    monkeypatch.setattr(checkpoints, "LONG", longest)
    _write("first")
    before = _salt()
    _execute(reader, "BEGIN")
    _execute(reader, "SELECT COUNT(*) FROM studio_prompt")  # as long as one reads in it the log goes on

    checkpoints.bring_over()
    _write("second")
    reader.close()

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (20_000,)
    assert (_salt() != before) is anew


def test_bring_over_keeps_nobody_waiting_for_one_who_reads_for_long(monkeypatch):
    reader, modes = connection.copy(), []
    checkpoint = checkpoints._checkpoint
    monkeypatch.setattr(checkpoints, "_checkpoint", lambda mode: (modes.append(mode), checkpoint(mode))[1])
    monkeypatch.setattr(checkpoints, "LONG", 1)
    _write("first")
    _execute(reader, "BEGIN")
    _execute(reader, "SELECT COUNT(*) FROM studio_prompt")
    _write("second")

    for _ in range(2):
        checkpoints.bring_over()
    while_one_reads = list(modes)
    _execute(reader, "COMMIT")
    checkpoints.bring_over()
    reader.close()

    assert while_one_reads == ["PASSIVE"] * 2
    assert modes == ["PASSIVE"] * 3 + ["RESTART"]


def test_look_leaves_a_log_alone_that_nobody_wrote_to():
    _write("harbour")
    seen = checkpoints.look(None)
    assert _in_the_database("harbour")
    _write("foghorn")

    assert checkpoints.look(checkpoints._written_at()) != seen
    assert not _in_the_database("foghorn")
