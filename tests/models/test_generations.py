from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from studio.models import Allowance, Generation, History, RelayRequest, Slot, SlotState, State
from studio.models.states import ACTIVE
from studio.services.drawing import claims
from tests.factories import make_generation

pytestmark = pytest.mark.django_db


def _claimed(count: int) -> list[Generation]:
    return [claims.claim_next("worker") for _ in range(count)]


def test_claim_next_takes_turns_between_people(alice, bob, model):
    forty = [make_generation(alice, model) for _ in range(40)]
    one = make_generation(bob, model)

    assert _claimed(3) == [forty[0], one, forty[1]]


def test_claim_next_fewest_running_comes_first(alice, bob, model):
    make_generation(bob, model, state=State.SENT, claimed_by="x")
    first = make_generation(bob, model)
    second = make_generation(alice, model)

    assert _claimed(2) == [second, first]


def test_claim_next_longest_without_a_turn_comes_first(alice, bob, model):
    first, second = make_generation(alice, model), make_generation(bob, model)
    alice.last_claimed_at = timezone.now()
    bob.last_claimed_at = alice.last_claimed_at - timedelta(minutes=1)
    alice.save()
    bob.save()

    assert _claimed(2) == [second, first]


def test_claim_next_writes_owner_and_lease_and_tells_no_card(bob, model):
    make_generation(bob, model, not_before="2026-01-01T00:00Z")

    row = claims.claim_next("me")

    assert (row.state, row.claimed_by, row.version, row.not_before) == (State.CLAIMED, "me", 0, None)
    row.refresh_from_db()
    assert (row.state, row.claimed_by, row.version, row.lease_at is not None) == (
        State.CLAIMED,
        "me",
        0,
        True,
    )
    bob.refresh_from_db()
    assert bob.last_claimed_at is not None


def test_claim_next_received_row_that_nobody_saves_stays_received(bob, model):
    make_generation(bob, model, state=State.RECEIVED)

    row = claims.claim_next("me")

    assert (row.state, row.claimed_by) == (State.RECEIVED, "me")


@pytest.mark.parametrize("state", [state for state in State if state not in ("queued", "received")])
def test_claim_next_leaves_other_states_alone(bob, model, state: State):
    make_generation(bob, model, state=state)

    assert claims.claim_next("me") is None


def test_claim_next_leaves_claimed_and_later_rows_alone(bob, model):
    make_generation(bob, model, state=State.RECEIVED, claimed_by="another")
    make_generation(bob, model, not_before="2100-01-01T00:00Z")

    assert claims.claim_next("me") is None


def test_move_from_another_state_changes_nothing(bob, model):
    row = make_generation(bob, model, state=State.SENT)

    assert not Generation.objects.filter(pk=row.pk).move(State.QUEUED, to=State.CLAIMED)
    assert Generation.objects.filter(pk=row.pk).move(State.SENT, to=State.RECEIVED)
    assert not Generation.objects.filter(pk=row.pk).move(State.SENT, to=State.RECEIVED)

    row.refresh_from_db()
    assert (row.state, row.version) == (State.RECEIVED, 1)


def test_visible_to_is_ones_own_and_the_teams(bob, charlie, model):
    mine = make_generation(bob, model, shared=False)
    make_generation(charlie, model, shared=False)
    theirs = make_generation(charlie, model, shared=True)

    assert set(Generation.objects.visible_to(bob)) == {mine, theirs}


def test_active_is_everything_that_has_not_ended(bob, model):
    for state in State:
        make_generation(bob, model, state=state)

    assert set(Generation.objects.active().values_list("state", flat=True)) == set(ACTIVE)


def test_drawn_ms_is_the_time_between_request_and_answer():
    start = timezone.now()

    assert Generation(sent_at=start, received_at=start + timedelta(seconds=1.5)).drawn_ms == 1500
    assert Generation(sent_at=start).drawn_ms is None


@pytest.mark.parametrize(
    ("change", "constraint"),
    [({"state": "dreaming"}, "generation_state_known"), ({"n": 0}, "n_in_range"), ({"n": 11}, "n_in_range")],
)
def test_wrong_generation_is_refused_by_the_database(bob, model, change, constraint: str):
    row = make_generation(bob, model)

    with pytest.raises(IntegrityError, match=constraint):
        Generation.objects.filter(pk=row.pk).update(**change)


def test_same_submission_twice_is_refused_by_the_database(bob, model):
    row, other = make_generation(bob, model), make_generation(bob, model)

    with pytest.raises(IntegrityError):
        Generation.objects.filter(pk=other.pk).update(submission_id=row.submission_id)


def test_wrong_or_doubled_slot_is_refused_by_the_database(bob, model):
    row = make_generation(bob, model, n=2)

    with pytest.raises(IntegrityError):
        Slot.objects.filter(generation=row, index=1).update(index=0)


def test_unknown_slot_state_is_refused_by_the_database(bob, model):
    make_generation(bob, model)

    with pytest.raises(IntegrityError, match="slot_state_known"):
        Slot.objects.update(state="lost")


def test_same_attempt_twice_is_refused_by_the_database(bob, model):
    row = make_generation(bob, model, state=State.SENT)

    with pytest.raises(IntegrityError):
        RelayRequest.objects.create(generation=row, attempt=1)


def test_negative_allowance_is_refused_by_the_database(bob, model):
    make_generation(bob, model)

    with pytest.raises(IntegrityError):
        Allowance.objects.update(reserved=-1)


def test_missing_slots_are_all_but_the_saved_in_order(bob, model):
    row = make_generation(bob, model, n=3)
    row.slots.filter(index=1).update(state=SlotState.SAVED)
    row.slots.filter(index=0).update(state=SlotState.EXPIRED)

    assert list(row.slots.missing().values_list("index", flat=True)) == [0, 2]


def test_owned_by_finds_the_own_submission_alone(bob, charlie, model):
    key = uuid4()
    mine = make_generation(bob, model)
    Generation.objects.filter(pk=mine.pk).update(submission_id=key)

    assert Generation.objects.owned_by(bob).filter(submission_id=key).get() == mine
    assert not Generation.objects.owned_by(charlie).filter(submission_id=key).exists()


def test_figures_of_counts_only_the_runs_of_that_history(bob, model):
    shared = make_generation(bob, model, n=2)
    private = make_generation(bob, model, n=3, shared=False)

    told = {
        history: [
            (UUID(newest), runs, asked)
            for _, _, _, newest, runs, asked in Generation.objects.in_history(history, bob).figures_of(
                [shared.prompt_id]
            )
        ]
        for history in History
    }

    assert told == {History.TEAM: [(shared.pk, 1, 2)], History.MINE: [(private.pk, 2, 5)]}
