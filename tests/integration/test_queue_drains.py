"""Nobody's row waits for the heartbeat: a worker that ends one wakes the next, whoever's ticket was used up."""

import time

import pytest

from studio.models import Generation, Relay, State
from studio.services.relays import edit
from tests.factories import make_user
from tests.faults import invariants
from tests.faults.stage import Stage
from tests.integration.test_relay_limits import Crowd, counting_relay, limited_model
from tests.integration.test_two_workers import wait_until_all_ended, workers

NO_LIMITS = Crowd(each=1, at_once=None, per_minute=None)


@pytest.fixture
def engine(stage: Stage) -> dict[str, str]:
    """A real worker of eight threads, whose heartbeat looks for lost tickets every twenty minutes only."""
    postgres = "postgres" in stage.database
    return {
        "TASK_BACKEND": "huey.contrib.djhuey.tasks_backend.HueyBackend",
        "TASK_URL": stage.database if postgres else f"sqlite:///{stage.folder / 'tasks'}",
        "WORKER_THREADS": "8",
        "LEASE_SECONDS": "3600",
    }


def test_one_persons_rows_beyond_half_a_worker_are_drawn_without_the_heartbeat(stage: Stage, engine):
    with counting_relay(stage.folder, 0.3) as (place, _log):
        model = limited_model(place, NO_LIMITS)
        engine["RELAY_PRIVATE_ALLOW"] = place
        with workers(stage, 1, **engine):
            for _ in range(12):
                stage.submit(model=model)
            assert stage.run("wake", "12", **engine) == 0  # eight threads take them, and only four may draw
            started = time.monotonic()
            wait_until_all_ended()

    assert time.monotonic() - started < 60
    assert Generation.objects.in_state(State.DONE).count() == 12
    invariants.check()


def test_rows_that_waited_for_a_paused_relay_are_drawn_when_it_is_resumed(stage: Stage, engine, settings):
    settings.WORKER_THREADS = 2
    with counting_relay(stage.folder, 0.1) as (place, _log):
        model = limited_model(place, NO_LIMITS)
        engine["RELAY_PRIVATE_ALLOW"] = place
        for number in range(10):
            stage.submit(model=model, person=make_user(f"Person {number}"))
        Relay.objects.update(paused_at="2026-01-01T00:00Z")
        with workers(stage, 1, **engine):
            assert stage.run("wake", "10", **engine) == 0  # all of them find nothing
            time.sleep(2)
            assert Generation.objects.in_state(State.QUEUED).count() == 10
            relay = Relay.objects.get(pk=model.relay_id)
            edit.resume(relay=relay, administrator=make_user("Alice", role="administrator"))
            assert stage.run("wake", "2", **engine) == 0  # those of `resume`, which had no engine here
            wait_until_all_ended()

    assert Generation.objects.in_state(State.DONE).count() == 10
