from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Allowance, AuditEntry, Generation, RelayRequest, SlotState, State
from studio.services import budgets, generations
from studio.services.drawing import settlement
from studio.services.drawing.settlement import AnswerFacts
from studio.words import Reason
from tests.factories import make_generation
from tests.money import put
from tests.said import UNREADABLE

pytestmark = pytest.mark.django_db


def _received(person, model, *states: SlotState) -> Generation:
    row = make_generation(person, model, n=len(states), state=State.RECEIVED, claimed_by="me")
    for index, state in enumerate(states):
        row.slots.filter(index=index).update(state=state, round=row.round)
    return row


def test_complete_spends_what_was_saved_and_frees_the_rest(bob, model, money):
    row = _received(bob, model, SlotState.SAVED, SlotState.SAVED, SlotState.WAITING, SlotState.WAITING)

    assert settlement.complete(generation=row)

    row.refresh_from_db()
    assert (row.state, row.claimed_by, money(row)) == (State.DONE, "", (0, 2, 0))
    assert str(row.why) == "The relay returned 2 of 4 images. You were counted for 2."
    assert (Allowance.objects.get().reserved, Allowance.objects.get().spent) == (0, 2)
    assert row.relay_requests.get().outcome == "done"
    assert AuditEntry.objects.get(subject=str(row.pk)).action == "generation.done"


def test_complete_with_nothing_saved_presumes_the_hold_as_the_allowance_does(bob, model, money):
    row = _received(bob, model, SlotState.UNUSABLE, SlotState.EXPIRED)

    assert settlement.complete(generation=row)

    row.refresh_from_db()
    assert (row.state, money(row)) == (State.BROKEN, (0, 0, 2))
    assert (Allowance.objects.get().reserved, Allowance.objects.get().spent) == (0, 2)


def test_complete_of_a_retry_that_brought_nothing_keeps_what_was_there(bob, model, money):
    row = _received(bob, model, SlotState.SAVED, SlotState.UNUSABLE)
    first = budgets.open_reservation(generation=row, round=1)
    assert first
    budgets.settle(reservation=first, spent=1)
    row.round = 2
    row.save()
    put(row, reserved=1)

    assert settlement.complete(generation=row)

    row.refresh_from_db()
    assert (row.state, money(row)) == (State.DONE, (0, 1, 0))
    assert str(row.why) == "0 of 1 images saved. One arrived damaged."


def test_complete_of_a_row_that_moved_on_changes_nothing(bob, model, money):
    row = _received(bob, model, SlotState.SAVED)
    Generation.objects.filter(pk=row.pk).update(claimed_by="another")

    assert not settlement.complete(generation=row)

    assert money(row) == (1, 0, 0)
    assert not AuditEntry.objects.filter(subject=str(row.pk)).exists()


@pytest.mark.parametrize(
    ("to", "after", "spent"),
    [
        (State.FAILED, (0, 0, 0), 0),
        (State.REFUSED, (0, 0, 0), 0),
        (State.UNKNOWN, (0, 0, 2), 2),
        (State.BROKEN, (0, 0, 2), 2),
    ],
)
def test_fail_frees_or_presumes_the_hold(bob, model, money, to: State, after, spent: int):
    row = make_generation(bob, model, n=2, state=State.SENT, claimed_by="me")

    facts = AnswerFacts(kind="k", raw="raw", trace_id="t" * 300, answer="sorry", status=418)
    assert settlement.fail(generation=row, to=to, why=Reason("old", text="No."), facts=facts)

    row.refresh_from_db()
    assert (row.state, str(row.why), row.error_kind, row.error_raw, money(row)) == (
        to,
        "No.",
        "k",
        "raw",
        after,
    )
    relay_request = row.relay_requests.get()
    assert (relay_request.outcome, relay_request.raw, relay_request.status, relay_request.trace_id) == (
        "k",
        "sorry",
        418,
        "t" * 120,
    )
    assert row.trace_id == "t" * 120
    assert (Allowance.objects.get().reserved, Allowance.objects.get().spent) == (0, spent)


@pytest.mark.parametrize(
    ("to", "after", "sentence"),
    [
        (State.FAILED, (0, 1, 0), "1 of 3 images saved. No."),
        (State.UNKNOWN, (0, 1, 1), "1 of 3 images saved. No."),
    ],
)
def test_fail_after_an_earlier_request_brought_a_picture_counts_it(
    bob, model, money, to: State, after, sentence
):
    row = make_generation(bob, model, n=3, state=State.SENT, claimed_by="me")
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=1)
    row.relay_requests.update(slots=[1])

    assert settlement.fail(generation=row, to=to, why=Reason("old", text="No."), facts=AnswerFacts())

    row.refresh_from_db()
    assert (str(row.why), money(row)) == (sentence, after)
    assert (Allowance.objects.get().reserved, Allowance.objects.get().spent) == (0, sum(after))


def test_cancel_between_two_requests_keeps_what_was_drawn(bob, model, money):
    row = make_generation(bob, model, n=3)
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=1)

    assert settlement.cancel(generation=row, person=bob)

    row.refresh_from_db()
    assert (row.state, money(row)) == (State.CANCELLED, (0, 1, 0))
    assert str(row.why) == "Cancelled. 1 of 3 images had been drawn and are kept."


def test_lose_contact_happens_once(bob, model, money):
    row = make_generation(bob, model, n=2, state=State.SENT, claimed_by="me")

    assert settlement.lose_contact(generation=row)
    assert not settlement.lose_contact(generation=row)

    assert money(row) == (0, 0, 2)
    assert Allowance.objects.get().spent == 2


def test_find_again_takes_presumed_back_into_the_hold_once(bob, model, money):
    row = make_generation(bob, model, n=2, state=State.SENT, claimed_by="me")
    settlement.lose_contact(generation=row)

    assert settlement.find_again(generation=row, worker="me")
    assert not settlement.find_again(generation=row, worker="me")

    row.refresh_from_db()
    assert (row.state, str(row.why), row.claimed_by, money(row)) == (State.RECEIVED, "", "me", (2, 0, 0))
    assert (Allowance.objects.get().reserved, Allowance.objects.get().spent) == (2, 0)
    assert row.relay_requests.get().ended_at is None


def test_find_again_between_two_requests_charges_each_picture_once(bob, model, money):
    row = make_generation(bob, model, n=3, state=State.SENT, claimed_by="me")
    row.relay_requests.update(slots=[1])
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=1)
    settlement.lose_contact(generation=row)
    assert money(row) == (0, 1, 1)

    settlement.find_again(generation=row, worker="me")
    row.slots.filter(index=1).update(state=SlotState.SAVED, round=1)
    settlement.complete(generation=row)

    assert money(row) == (0, 2, 0)
    assert (Allowance.objects.get().reserved, Allowance.objects.get().spent) == (0, 2)


def test_find_again_between_two_requests_presumes_an_unreadable_answer_once(bob, model, money):
    row = make_generation(bob, model, n=3, state=State.SENT, claimed_by="me")
    row.relay_requests.update(slots=[1])
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=1)
    settlement.lose_contact(generation=row)

    settlement.find_again(generation=row, worker="me")
    settlement.fail(generation=row, to=State.BROKEN, why=Reason("old", text="No."), facts=AnswerFacts())

    assert money(row) == (0, 1, 1)
    assert Allowance.objects.get().spent == 2


@pytest.mark.parametrize("change", [{"closed": True}, {"attempts": 2}, {"state": "queued"}])
def test_find_again_after_a_decision_is_too_late(bob, model, change):
    row = make_generation(bob, model, n=2, state=State.SENT, claimed_by="me")
    settlement.lose_contact(generation=row)
    Generation.objects.filter(pk=row.pk).update(**change)

    assert not settlement.find_again(generation=row, worker="me")

    assert Allowance.objects.get().spent == 2


def test_find_again_of_what_was_forgiven_is_too_late(alice, bob, model, money):
    row = make_generation(bob, model, n=2, state=State.SENT, claimed_by="me")
    settlement.lose_contact(generation=row)
    generations.forgive(generation=row, administrator=alice)

    assert not settlement.find_again(generation=row, worker="me")

    assert (money(row), Allowance.objects.get().spent) == ((0, 0, 0), 0)


@pytest.mark.parametrize(
    ("states", "asked", "delivered", "sentence"),
    [
        (["waiting", "waiting"], 2, 0, UNREADABLE),
        (["saved", "waiting"], 2, 1, "The relay returned 1 of 2 images. You were counted for 1."),
        (["saved", "unusable", "unusable"], 3, 1, "1 of 3 images saved. 2 arrived damaged."),
        (
            ["saved", "blocked_address", "too_large"],
            3,
            1,
            "1 of 3 images saved. One image was refused: the relay pointed to a forbidden address. "
            "One image was larger than 40 MB and was not saved.",
        ),
        (["too_slow"], 1, 0, "0 of 1 images saved. One image took too long to download."),
        (["expired"], 1, 0, "0 of 1 images saved. The relay removed one image before we could save it."),
    ],
)
def test_shortfall_says_what_is_missing_and_why(states: list[str], asked: int, delivered: int, sentence: str):
    assert settlement.shortfall(states, asked=asked, delivered=delivered).said() == sentence


def test_learn_usual_time_is_the_median_of_the_last_runs(bob, model):
    start = timezone.now()
    for seconds in (1, 2, 30):
        times = {"sent_at": start, "ended_at": start + timedelta(seconds=seconds), "outcome": "done"}
        row = make_generation(bob, model, state=State.DONE)
        RelayRequest.objects.create(generation=row, model=model, attempt=1, **times)
    failed = times | {"ended_at": start + timedelta(hours=1), "outcome": "transient"}
    RelayRequest.objects.create(generation=row, model=model, attempt=2, **failed)

    settlement.learn_usual_time(model=model)

    model.refresh_from_db()
    assert model.usual_ms == 2000


def test_shortfall_of_a_retry_speaks_of_the_missing_ones():
    states = ["saved", "saved", "saved", "waiting"]

    why = settlement.shortfall(states, asked=2, delivered=1, again=True)

    assert why.said() == "The relay returned 1 of 2 missing images. You were counted for 1 more."
