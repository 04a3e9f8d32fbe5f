"""Stop waiting (PRODUCT §2.6): the row goes on in the background, its late pictures are kept, its place is free."""

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.errors import Conflict, TooMany
from studio.models import Allowance, AuditEntry, RelayRequest, SlotState, State
from studio.services import generations
from studio.services.drawing import claims, run
from studio.services.drawing.settlement import complete
from studio.services.orders import Order
from tests.factories import make_generation, make_image
from tests.money import money_of

pytestmark = pytest.mark.django_db


def stop(row, person):
    generations.stop_waiting(generation=row, person=person)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("state", [State.SENT, State.RECEIVED])
def test_stop_waiting_leaves_the_row_to_its_worker(bob, model, state):
    row = make_generation(bob, model, n=2, state=state, claimed_by="w")
    before = row.version

    stop(row, bob)

    assert (row.state, row.claimed_by, money_of(row).reserved, row.version) == (state, "w", 2, before + 1)
    assert row.stopped_waiting_at is not None
    assert Allowance.objects.get().reserved == 2
    assert AuditEntry.objects.filter(action="generation.stopped_waiting", subject=str(row.pk)).count() == 1


@pytest.mark.parametrize("state", [State.QUEUED, State.CLAIMED, State.DONE, State.FAILED])
def test_stop_waiting_for_what_is_not_being_drawn_is_a_conflict(bob, model, state):
    row = make_generation(bob, model, state=state)

    with pytest.raises(Conflict):
        stop(row, bob)


def test_stop_waiting_for_another_persons_is_a_conflict(bob, charlie, model):
    with pytest.raises(Conflict):
        stop(make_generation(bob, model, state=State.SENT), charlie)


def test_late_pictures_are_kept_and_settled(bob, model):
    row = stop(make_generation(bob, model, state=State.RECEIVED, claimed_by="w"), bob)
    make_image(bob, model, generation=row)
    row.slots.update(round=1)

    assert complete(generation=row)

    row.refresh_from_db()
    assert (row.state, row.images.kept().count()) == (State.DONE, 1)


def test_persons_turn_comes_as_if_the_row_were_not_there(alice, bob, model):
    for _ in range(2):
        stop(make_generation(bob, model, state=State.SENT, claimed_by="w"), bob)
    make_generation(alice, model, state=State.SENT, claimed_by="w")
    theirs, mine = make_generation(alice, model), make_generation(bob, model)

    assert [claims.claim_next("w", share=2) for _ in range(2)] == [mine, theirs]


def test_rows_put_aside_leave_others_a_quarter_of_the_worker(bob, model):
    for _ in range(3):
        stop(make_generation(bob, model, state=State.SENT, claimed_by="w"), bob)
    make_generation(bob, model)

    assert claims.claim_next("w", share=2) is None
    assert claims.claim_next("w", share=3) is not None


def test_row_put_aside_takes_no_place_in_the_queue(bob, model, settings):
    settings.QUEUE_PER_PERSON = 2
    row = make_generation(bob, model, n=2, stopped_waiting_at=timezone.now())  # its relay was busy meanwhile
    asked = {"model": model, "text": "A lake", "settings": {}, "shared": True}

    generations.submit(person=bob, submission_id=row.pk, order=Order(n=2, **asked))

    with pytest.raises(TooMany):
        generations.submit(person=bob, submission_id=model.pk, order=Order(n=1, **asked))


def test_row_put_aside_is_never_sent_again(bob, model):
    row = make_generation(bob, model, n=3, stopped_waiting_at=timezone.now())
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=1)

    run.run_next()

    row.refresh_from_db()
    assert (row.state, money_of(row)) == (State.CANCELLED, (0, 1, 0))
    assert (
        str(row.why)
        == "You stopped waiting. 1 of 3 images had been drawn and are kept; no more were asked for."
    )
    assert RelayRequest.objects.count() == 0


def test_retry_waits_again(bob, model):
    row = make_generation(bob, model, state=State.CANCELLED, stopped_waiting_at=timezone.now())

    generations.retry(generation=row, person=bob)

    row.refresh_from_db()
    assert row.stopped_waiting_at is None


# On the page


def card(client, row) -> str:
    return client.get(reverse("generations.detail", args=[row.pk])).text


def test_card_offers_it_while_the_relay_draws(as_bob, bob, as_charlie, model):
    row = make_generation(bob, model, state=State.SENT)

    assert "Stop waiting (may be charged)" in card(as_bob, row)
    assert "Stop waiting" not in card(as_charlie, row)
    assert "Stop waiting" not in card(as_bob, make_generation(bob, model))


def test_card_of_a_row_put_aside_is_quiet_and_says_what_may_come(as_bob, bob, model):
    row = stop(make_generation(bob, model, n=2, state=State.SENT), bob)

    text = card(as_bob, row)

    assert "You stopped waiting. It may still be charged; pictures that come late are kept here." in text
    assert 'data-outcome="quiet"' in text
    assert "data-elapsed" not in text
    assert 'name="c"' in text  # it still shows late pictures by itself
    assert "Stop waiting (may" not in text


def test_stop_waiting_by_htmx_answers_with_the_card(as_bob, bob, model):
    row = make_generation(bob, model, state=State.SENT)

    answer = as_bob.post(reverse("generations.stop_waiting", args=[row.pk]), headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert f'id="generation-{row.pk}"' in answer.text
