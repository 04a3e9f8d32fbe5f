"""Lost contact, late answers, live leases, cancelling (SAFETY §1.7, §1.8; §6, rows 3 and 30)."""

import time
from collections.abc import Callable

import pytest

from studio.errors import Conflict
from studio.models import Allowance, Generation, State
from studio.models.states import ACTIVE
from studio.services import generations
from studio.services.drawing import claims, leases, run
from tests.factories import make_generation, make_user
from tests.faults.stage import Stage
from tests.money import money_of
from tests.said import LOST_CONTACT


def _money(row: Generation) -> tuple[int, int, int]:
    return money_of(row)


def _lose(stage: Stage, row: Generation) -> None:
    """Let the row's lease run out while its worker still waits for the relay."""
    stage.wait_for(row, State.SENT)
    Generation.objects.filter(pk=row.pk).update(lease_at="2026-01-01T00:00Z")
    assert leases.reap() == 1


def test_row_3_killed_from_outside_during_the_call_is_unknown(stage: Stage):
    row = stage.submit("[slow 20]", n=2)
    worker = stage.start("draw", str(row.pk))
    stage.wait_for(row, State.SENT)
    time.sleep(0.3)

    worker.kill()
    worker.communicate()
    stage.finish()

    row.refresh_from_db()
    assert (row.state, str(row.why)) == (State.UNKNOWN, LOST_CONTACT)
    assert _money(row) == (0, 0, 2)
    assert stage.requests(row) == 1


def test_unknown_is_never_sent_again_but_by_a_person_once(stage: Stage):
    row = stage.submit("A lake", n=2)
    stage.run("draw", str(row.pk), STUDIO_FAILPOINT="answering")
    stage.finish()

    stage.finish()
    stage.run("draw")
    assert stage.requests(row) == 1
    generations.retry(generation=row, person=stage.person)
    with pytest.raises(Conflict):
        generations.retry(generation=row, person=stage.person)
    stage.finish()

    assert stage.state(row) == State.DONE
    assert stage.requests(row) == 2
    assert _money(row) == (0, 2, 2)


def test_retry_asks_for_the_missing_images_alone(stage: Stage):
    row = stage.submit("[two of four]", n=4)
    stage.finish()

    generations.retry(generation=row, person=stage.person)
    stage.finish()

    assert (stage.requests(row), stage.requests(row, n=2)) == (1, 1)
    assert list(row.relay_requests.order_by("attempt").values_list("slots", flat=True)) == [
        [0, 1, 2, 3],
        [2, 3],
    ]
    assert _money(row) == (0, 3, 0)
    assert len(stage.originals(row)) == 3


def test_late_answer_is_kept_and_presumed_becomes_spent(stage: Stage):
    row = stage.submit("[slow 2]", n=2)
    worker = stage.start("draw", str(row.pk))
    _lose(stage, row)
    assert (stage.state(row), _money(row)) == (State.UNKNOWN, (0, 0, 2))

    worker.communicate(timeout=60)

    row.refresh_from_db()
    assert (row.state, str(row.why), _money(row)) == (State.DONE, "", (0, 2, 0))
    assert (stage.requests(row), len(stage.originals(row))) == (1, 2)
    assert list(row.relay_requests.values_list("outcome", flat=True)) == ["done"]


def _close(row: Generation) -> None:
    generations.close(generation=row, person=row.owner)


def _forgive(row: Generation) -> None:
    generations.forgive(generation=row, administrator=row.owner)


def _retry(row: Generation) -> None:
    generations.retry(generation=row, person=row.owner)


@pytest.mark.parametrize(
    ("act", "state", "money"),
    [
        (_close, State.UNKNOWN, (0, 0, 2)),
        (_forgive, State.UNKNOWN, (0, 0, 0)),
        (_retry, State.QUEUED, (2, 0, 2)),
    ],
)
def test_late_answer_after_a_decision_changes_nothing(
    stage: Stage, act: Callable[[Generation], None], state: State, money: tuple[int, int, int]
):
    row = stage.submit("[slow 2]", n=2)
    worker = stage.start("race")
    worker.stdin.write("go\n")
    worker.stdin.flush()
    _lose(stage, row)
    act(row)
    Generation.objects.filter(pk=row.pk).update(not_before="2100-01-01T00:00Z")

    worker.communicate(timeout=60)

    assert (stage.state(row), _money(row)) == (state, money)
    assert row.images.count() == 0


def test_reaper_leaves_a_live_lease_alone(stage: Stage, settings):
    settings.LEASE_SECONDS = 2
    row = stage.submit("[slow 5]", n=1)
    worker = stage.start("draw", str(row.pk), LEASE_SECONDS="2")
    stage.wait_for(row, State.SENT)

    taken = 0
    while worker.poll() is None:
        taken += leases.reap()
        time.sleep(0.1)

    worker.communicate()
    assert taken == 0
    assert (stage.state(row), stage.requests(row)) == (State.DONE, 1)


def test_twenty_four_calls_at_once_hold_no_database_connection(stage: Stage):
    """The pool has 16 connections: were they kept during the call, eight requests would have to wait."""
    rows = [stage.submit("[slow 6] [401]", n=1) for _ in range(24)]
    worker = stage.start("crowd", "24", WORKER_THREADS="48")

    stage.wait_for(rows[-1], State.SENT)
    deadline = time.monotonic() + 5
    most = 0
    while most < 24 and time.monotonic() < deadline:
        most = max(most, Generation.objects.in_state(State.SENT).count())

    worker.communicate(timeout=60)
    assert most == 24
    assert {stage.state(row) for row in rows} == {State.FAILED}


@pytest.mark.parametrize("state", [State.HELD, State.QUEUED, State.CLAIMED])
def test_cancel_before_sending_gives_the_hold_back(stage: Stage, state: State):
    row = stage.submit(n=2)
    Generation.objects.filter(pk=row.pk).update(state=state)

    generations.cancel(generation=row, person=stage.person)

    row.refresh_from_db()
    assert (row.state, str(row.why), _money(row)) == (
        State.CANCELLED,
        "Cancelled. Nothing was charged.",
        (0, 0, 0),
    )
    assert Allowance.objects.get().reserved == 0
    stage.run("draw")
    assert stage.requests(row) == 0


@pytest.mark.parametrize("state", [state for state in State if state not in ("held", "queued", "claimed")])
def test_cancel_after_sending_is_refused(stage: Stage, state: State):
    row = make_generation(make_user("Cara"), stage.model, state=state)
    Generation.objects.filter(pk=row.pk).update(state=state)

    with pytest.raises(Conflict) as refused:
        generations.cancel(generation=row, person=row.owner)

    assert refused.value.sentence == (
        "The relay is already drawing. It may still be charged, so the pictures will be kept."
        if state in ACTIVE
        else "This has ended already: there is nothing left to take back."
    )


def test_cancel_between_claim_and_sending_sends_nothing(stage: Stage, settings):
    settings.RELAY_PRIVATE_ALLOW = frozenset({stage.relay.url.removeprefix("http://")})
    row = stage.submit(n=1)
    claimed = claims.claim_next(leases.WORKER, rows=Generation.objects.filter(pk=row.pk))

    generations.cancel(generation=row, person=stage.person)
    run._work(claimed)

    assert stage.state(row) == State.CANCELLED
    assert stage.requests(row) == 0
    assert row.relay_requests.count() == 0
