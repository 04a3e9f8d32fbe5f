"""Tickets of the default engine, in a file of their own."""

from collections.abc import Iterator

import pytest
from huey import SqliteHuey
from huey.contrib import djhuey

from studio import tasks
from studio.management.commands import work
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


def test_forget_results_forgets_what_came_of_tickets_and_keeps_those_that_wait(engine, bob, model):
    row = make_generation(bob, model)
    tasks.draw.enqueue()
    assert engine.result_count() == 1

    work.forget_results.call_local()
    assert (engine.result_count(), engine.pending_count()) == (0, 1)
    _work(engine)

    row.refresh_from_db()
    assert (row.state, row.tries) == (State.QUEUED, 1)  # asked, out of reach
