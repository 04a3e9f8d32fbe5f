"""A worker that has lost its row touches neither the row nor the request of the worker that has it now."""

import pytest
from django.utils import timezone

from studio.models import Generation, RelayRequest, SlotState, State
from studio.relays.dialects.base import Kind, RelayError
from studio.services.drawing import failures, keeping, leases, settlement
from tests.factories import make_generation

pytestmark = pytest.mark.django_db


def _lost(person, model) -> Generation:
    """A claimed row as its first worker remembers it; another has claimed it since, and sent."""
    row = make_generation(person, model, state=State.CLAIMED, claimed_by=leases.WORKER)
    Generation.objects.update(state=State.SENT, claimed_by="another", attempts=1)
    RelayRequest.objects.create(generation=row, model=model, attempt=1, slots=[0])
    return Generation.objects.get(pk=row.pk)


def _as_remembered(row: Generation) -> Generation:
    row.state, row.claimed_by, row.attempts = State.CLAIMED, leases.WORKER, 0
    return row


@pytest.mark.parametrize("kind", [Kind.NOT_SENT, Kind.RATE_LIMITED, Kind.INVALID])
def test_answer_for_of_a_row_that_was_taken_over_leaves_its_request_open(bob, model, money, kind: Kind):
    row = _as_remembered(_lost(bob, model))

    failures.answer_for(row, None, RelayError(kind))

    found = Generation.objects.get(pk=row.pk)
    assert (found.state, found.claimed_by, found.tries, money(row)) == (State.SENT, "another", 0, (1, 0, 0))
    assert RelayRequest.objects.get().ended_at is None


def test_answer_for_of_a_row_that_was_taken_over_hands_nothing_over(bob, model, other_model):
    model.stand_in = other_model
    model.save()
    row = _as_remembered(_lost(bob, model))

    failures.answer_for(row, None, RelayError(Kind.AUTH))

    assert Generation.objects.get(pk=row.pk).via is None
    assert RelayRequest.objects.get().ended_at is None


def test_answer_for_of_a_row_that_was_taken_over_keeps_what_its_loss_would_presume(bob, model, money):
    lost = _lost(bob, model)
    failures.answer_for(_as_remembered(Generation.objects.get()), None, RelayError(Kind.NOT_SENT))

    settlement.lose_contact(generation=lost)

    assert money(lost) == (0, 0, 1)


@pytest.mark.parametrize(
    ("kind", "retry_after", "is_served"),
    [
        (Kind.OUT_OF_FUNDS, None, True),
        (Kind.NOT_OPEN, None, True),
        (Kind.WRONG_ADDRESS, None, True),
        (Kind.MODEL_GONE, None, True),
        (Kind.AUTH, None, True),
        (Kind.RATE_LIMITED, 121, True),
        (Kind.RATE_LIMITED, 120, False),
        (Kind.NOT_SENT, None, False),
        (Kind.INVALID, None, False),
        (Kind.UNKNOWN, None, False),
        (Kind.TRANSIENT, None, False),
    ],
)
def test_answer_for_a_first_failure_is_served_by_the_stand_in(
    bob, model, other_model, kind: Kind, retry_after: float | None, is_served: bool
):
    model.stand_in = other_model
    model.save()
    row = make_generation(bob, model, state=State.SENT, claimed_by=leases.WORKER)

    failures.answer_for(row, None, RelayError(kind, status=400, retry_after=retry_after))

    found = Generation.objects.get(pk=row.pk)
    assert (found.via == other_model) == is_served
    assert found.state == State.QUEUED or not is_served


def test_row_16_sentence_of_what_is_fetched_again_counts_what_is_saved(bob, model):
    row = make_generation(bob, model, n=4, state=State.RECEIVED)
    states = dict(enumerate([SlotState.SAVED, SlotState.BLOCKED_ADDRESS, SlotState.PENDING_FETCH]))
    kept = keeping.Kept(states=states, pauses=[5.0], deaths=[timezone.now()])

    failures.wait_to_keep(row, kept, asked=4)

    assert Generation.objects.get().why.said().startswith("1 of 4 images saved. Fetching the last one again")
