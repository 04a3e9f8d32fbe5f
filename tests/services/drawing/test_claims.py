"""Limits of relays: a claim is where they hold."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from studio.models import Generation, Relay, RelayRequest, State, User
from studio.services.drawing import claims
from studio.services.relays import edit
from tests.factories import make_generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_model(db):
    relay = edit.add_relay(
        name="Other", dialect="openai", base_url="http://127.0.0.1:2/v1", api_key="k" * 12, sandbox=True
    )
    return edit.add_model(relay=relay, model_id="other", label="Other", accepts={})


def _limit(model, **limits) -> None:
    Relay.objects.filter(pk=model.relay_id).update(**limits)


def _sent_ago(row: Generation, seconds: float) -> None:
    moment = timezone.now() - timedelta(seconds=seconds)
    RelayRequest.objects.create(generation=row, model=row.model, attempt=9, sent_at=moment)


def _claim() -> Generation | None:
    return claims.claim_next("me")


def test_claim_next_relay_at_its_limit_of_requests_waits_for_a_place(bob, model):
    _limit(model, at_once=2)
    for _ in range(3):
        make_generation(bob, model)

    first, second, third = _claim(), _claim(), _claim()

    assert (first.state, second.state, third) == (State.CLAIMED, State.CLAIMED, None)


@pytest.mark.parametrize(
    ("state", "is_free"), [(State.SENT, False), (State.RECEIVED, True), (State.DONE, True)]
)
def test_claim_next_place_is_free_again_once_the_answer_came(bob, model, state: State, is_free: bool):
    _limit(model, at_once=1)
    make_generation(bob, model, state=state, claimed_by="other")
    make_generation(bob, model)

    assert (_claim() is not None) == is_free


def test_claim_row_taken_after_it_was_chosen_is_left_to_whoever_took_it(bob, model):
    make_generation(bob, model)
    chosen = claims._choose(None, "me", claims.SHARE)

    taken = claims.claim_next("another")

    assert not claims._claim(chosen, "me")
    assert Generation.objects.get(pk=taken.pk).claimed_by == "another"


def test_claim_last_place_taken_after_the_row_was_chosen_waits_for_the_next(bob, charlie, model):
    _limit(model, at_once=1)
    make_generation(bob, model)
    second = Generation.objects.filter(pk=make_generation(charlie, model).pk)
    chosen = claims._choose(second, "me", claims.SHARE)

    assert _claim().owner == bob
    assert not claims._claim(chosen, "me")
    assert claims.claim_next("me", rows=second) is None


def test_claim_next_full_relay_does_not_hold_up_another(bob, model, other_model):
    _limit(model, at_once=1)
    make_generation(bob, model, state=State.SENT, claimed_by="other")
    make_generation(bob, model)
    row = make_generation(bob, other_model)

    assert _claim() == row


def test_claim_next_answer_that_came_is_saved_although_the_relay_is_full_or_paused(bob, model):
    _limit(model, at_once=1, paused_at=timezone.now())
    make_generation(bob, model, state=State.SENT, claimed_by="other")
    row = make_generation(bob, model, state=State.RECEIVED)

    assert _claim() == row


@pytest.mark.parametrize(("seconds", "is_free"), [(1, False), (64, False), (66, True)])
def test_claim_next_minute_slides(bob, model, seconds: float, is_free: bool):
    _limit(model, per_minute=1)
    _sent_ago(make_generation(bob, model, state=State.DONE), seconds)
    make_generation(bob, model)

    assert (_claim() is not None) == is_free


def test_claim_next_claimed_row_counts_for_the_minute_before_it_is_sent(bob, model):
    _limit(model, per_minute=1)
    make_generation(bob, model, state=State.CLAIMED, claimed_by="other")
    make_generation(bob, model)

    assert _claim() is None


def test_claim_next_stand_in_counts_for_its_own_relay(bob, model, other_model):
    _limit(model, at_once=1)
    make_generation(bob, model, via=other_model, state=State.SENT, claimed_by="other")
    row = make_generation(bob, model)

    assert _claim() == row


def test_claim_next_paused_relay_is_not_asked_but_its_stand_in_is(bob, model, other_model):
    _limit(model, paused_at=timezone.now())
    make_generation(bob, model)
    row = make_generation(bob, model, via=other_model)

    assert (_claim(), _claim()) == (row, None)


def test_claim_next_nobody_takes_more_than_their_share_of_one_worker(bob, charlie, model):
    for _ in range(3):
        make_generation(bob, model)
    theirs = make_generation(charlie, model)

    claimed = [claims.claim_next("me", share=1) for _ in range(3)]
    elsewhere = claims.claim_next("another", share=1)

    assert [row and row.owner for row in claimed] == [bob, theirs.owner, None]
    assert elsewhere.owner == bob


def test_claim_next_takes_what_waits_for_a_relay_that_is_switched_off_for_it_must_end(bob, model):
    _limit(model, enabled=False, at_once=1, paused_at="2026-01-01T00:00Z")
    rows = [make_generation(bob, model) for _ in range(2)]

    assert [_claim(), _claim()] == rows


def test_claim_next_suspended_person_sends_nothing_but_keeps_what_came(bob, charlie, model):
    make_generation(bob, model)
    came = make_generation(bob, model, state=State.RECEIVED)
    theirs = make_generation(charlie, model)
    User.objects.filter(pk=bob.pk).update(is_active=False)

    claimed = {_claim(), _claim()}

    assert (claimed, _claim()) == ({came, theirs}, None)


@pytest.mark.django_db(transaction=True)
def test_claim_next_threads_claim_side_by_side_and_never_the_same_row(bob, model, monkeypatch):
    rows = {make_generation(bob, model) for _ in range(3)}
    together, claim = Barrier(3, timeout=20), claims._claim
    monkeypatch.setattr(claims, "_claim", lambda *asked: together.wait() >= 0 and claim(*asked))
    found: list[Generation | None] = []

    def take() -> None:
        try:
            found.append(_claim())
        finally:
            connection.close()

    threads = [Thread(target=take) for _ in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(found) == rows
    assert not claims._choices.made


def test_claim_next_row_that_another_thread_has_chosen_counts_for_turn_and_share(bob, charlie, model):
    make_generation(bob, model)
    second = make_generation(bob, model)
    theirs = make_generation(charlie, model)
    chosen = claims._choose(None, "me", 1)
    claims._choices.made[chosen] = timezone.now()

    claimed = [claims.claim_next("me", share=1), claims.claim_next("me", share=1)]
    claims._choices.made.clear()

    assert claimed == [theirs, None]
    assert claims._claim(chosen, "me")
    assert claims.claim_next("me", share=2) == second


def test_claim_next_row_lost_to_another_process_is_not_chosen_again(bob, model, monkeypatch):
    lost, mine = make_generation(bob, model), make_generation(bob, model)
    claim = claims._claim
    monkeypatch.setattr(claims, "_claim", lambda chosen, me: chosen.pk != lost.pk and claim(chosen, me))

    assert (_claim(), _claim()) == (mine, None)


def test_claim_next_row_that_was_lost_to_another_thread_of_the_worker_counts_for_the_share(bob, model):
    lost = make_generation(bob, model)
    make_generation(bob, model)
    assert _claim() == lost

    assert claims._choose(None, "me", 1, [lost.pk]) is None
    assert claims._choose(None, "me", 2, [lost.pk])


def test_claim_next_row_whose_relay_was_full_for_a_moment_is_chosen_again(bob, model, monkeypatch):
    row = make_generation(bob, model)
    claim, was_full = claims._claim, iter([None])
    monkeypatch.setattr(claims, "_claim", lambda *asked: next(was_full, claim) and claim(*asked))

    assert _claim() == row
