import fcntl
import os
from collections.abc import Iterator

import pytest
from django.db import connection

from studio.models.transactions import writing

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_process(settings) -> Iterator[int]:
    """The lock file as another process has it open."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL lets several write at once")
    with writing():  # makes the file, if this is the first to write
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
    with writing():
        with writing():
            inside = _is_free(other_process)
        between = _is_free(other_process)

    assert (inside, between, _is_free(other_process)) == (False, False, True)


def test_writing_that_fails_gives_its_turn_back(other_process: int):
    with pytest.raises(ZeroDivisionError), writing():
        raise ZeroDivisionError

    assert _is_free(other_process)
