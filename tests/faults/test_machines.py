"""Two machines with a spool folder each: one dies, the other takes over, and the first comes back (SAFETY §1.7)."""

import pytest

from studio.models import Generation, State
from studio.words import say
from tests.faults.stage import Stage
from tests.money import money_of

LOST = {"spooled": say("lost_machine", {}), "received": say("answer_elsewhere", {})}


def _money(row: Generation) -> tuple[int, int, int]:
    return money_of(row)


def _take_over(stage: Stage, row: Generation, step: str) -> None:
    """Let the second machine give up on the row, which it takes for one of another host."""
    Generation.objects.filter(pk=row.pk).update(
        claimed_by="the-first-machine:1:abc", lease_at="2026-01-01T00:00Z"
    )
    if step == "received":
        Generation.objects.filter(pk=row.pk).update(received_at="2026-01-01T00:00Z")
    stage.run("give_up", SPOOL_DIR=str(stage.folder / "other"), LEASE_SECONDS="2")


@pytest.mark.parametrize("step", ["spooled", "received", "stored-1"])
def test_answer_on_a_dead_machine_is_saved_when_that_comes_back(stage: Stage, step: str):
    row = stage.submit(n=2)
    assert stage.run("draw", str(row.pk), STUDIO_FAILPOINT=step) == -9

    _take_over(stage, row, "spooled" if step == "spooled" else "received")
    row.refresh_from_db()
    lost = (row.state, str(row.why).removeprefix("1 of 2 images saved. "), sum(_money(row)))
    stage.run("find")

    row.refresh_from_db()
    assert lost == (State.UNKNOWN, LOST.get(step, LOST["received"]), 2)
    assert (row.state, str(row.why), _money(row)) == (State.DONE, "", (0, 2, 0))
    assert (stage.requests(row), len(stage.originals(row))) == (1, 2)


def test_answer_on_a_dead_machine_is_left_alone_after_a_decision(stage: Stage):
    row = stage.submit()
    stage.run("draw", str(row.pk), STUDIO_FAILPOINT="spooled")
    _take_over(stage, row, "spooled")
    Generation.objects.filter(pk=row.pk).update(closed=True)

    stage.run("find")

    assert (stage.state(row), _money(row)) == (State.UNKNOWN, (0, 0, 1))
