"""Tickets of the default engine, in a file of their own."""

from collections.abc import Iterator

import pytest
from huey import SqliteHuey
from huey.contrib import djhuey

from studio import tasks
from studio.models import State
from tests.factories import make_generation

pytestmark = pytest.mark.django_db(transaction=True)  # a worker closes its connection after a ticket


@pytest.fixture
def engine(settings) -> Iterator[SqliteHuey]:
    """The engine as it runs without any setting, emptied before and after."""
    backend = "huey.contrib.djhuey.tasks_backend.HueyBackend"
    settings.TASKS = {"default": {"BACKEND": backend, "ENQUEUE_ON_COMMIT": False}}
    assert isinstance(djhuey.HUEY, SqliteHuey)
    djhuey.HUEY.flush()
    yield djhuey.HUEY
    djhuey.HUEY.flush()
    djhuey.HUEY.storage.close()


def _work(engine: SqliteHuey) -> None:
    """Do what a worker does with the next ticket."""
    engine.execute(engine.dequeue())


def test_clean_up_forgets_what_came_of_tickets(engine):
    for _ in range(3):
        tasks.draw.enqueue()
        _work(engine)
    assert engine.result_count() == 3

    tasks.clean_up.call_local()

    assert engine.result_count() == 0


def test_clean_up_ticket_that_waits_still_draws(engine, bob, model):
    row = make_generation(bob, model)
    tasks.draw.enqueue()

    tasks.clean_up.call_local()
    assert engine.pending_count() == 1
    _work(engine)

    row.refresh_from_db()
    assert (row.state, row.tries) == (State.QUEUED, 1)  # asked, out of reach
