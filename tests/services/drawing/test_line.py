"""The line foretells what claims decide; and what it says of the time agrees with relays' limits."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Generation, ImageModel, Relay, State, User
from studio.services import queue
from studio.services.drawing import claims, line
from tests.factories import make_generation

pytestmark = pytest.mark.django_db


def _drawn_in(model, seconds: int, **limits) -> None:
    ImageModel.objects.filter(pk=model.pk).update(usual_ms=seconds * 1000, usual_times=None)
    Relay.objects.filter(pk=model.relay_id).update(**limits)


def _begins() -> list[int | None]:
    found = line.look()
    starts = found.starts
    return [starts.get(place.pk) for place in found.waiting]


def test_look_one_person_of_forty_does_not_make_another_wait(bob, charlie, model):
    many = [make_generation(bob, model) for _ in range(40)]
    one = make_generation(charlie, model)

    order = [place.pk for place in line.look().waiting]

    assert order[:3] == [many[0].pk, one.pk, many[1].pk]


def test_claim_next_one_person_of_forty_does_not_make_another_wait(bob, charlie, model):
    for _ in range(40):
        make_generation(bob, model)
    claims.claim_next("me")
    one = make_generation(charlie, model)

    next_two = [claims.claim_next("me"), claims.claim_next("me")]

    assert one in next_two


@pytest.mark.parametrize("seed", range(8))
def test_look_names_the_order_in_which_claims_come(seed, alice, bob, charlie, mona, model):
    chance = random.Random(seed)
    for _ in range(12):
        person = chance.choice([alice, bob, charlie, mona])
        state = chance.choice([State.QUEUED, State.QUEUED, State.SENT])
        make_generation(person, model, state=state, rank=chance.choice([None, None, None, -1, -2, 1]))
    Generation.objects.filter(state=State.SENT).update(claimed_by="other")
    User.objects.filter(pk=bob.pk).update(last_claimed_at=timezone.now() - timedelta(minutes=1))
    User.objects.filter(pk=mona.pk).update(last_claimed_at=timezone.now() - timedelta(minutes=2))

    foretold = [place.pk for place in line.look().waiting]
    claimed = [row.pk for row in iter(lambda: claims.claim_next("me"), None)]

    assert claimed == foretold
    assert len(claimed) > 3


def test_look_what_nobody_waits_for_takes_no_turn(bob, charlie, model):
    make_generation(bob, model, state=State.SENT, stopped_waiting_at=timezone.now())
    first = make_generation(bob, model)
    make_generation(charlie, model)

    assert line.look().waiting[0].pk == first.pk


def test_look_is_one_statement(django_assert_num_queries, bob, charlie, model):
    for person in (bob, charlie):
        make_generation(person, model)
        make_generation(person, model, state=State.SENT)

    with django_assert_num_queries(1):
        line.look()


def test_waits_is_one_statement_whatever_waits(django_assert_num_queries, bob, model, plain_model):
    for each in (model, plain_model):
        make_generation(bob, each)
    found = line.look()

    with django_assert_num_queries(1):
        assert found.starts is found.starts


def test_waits_without_limits_everything_begins_now(bob, model):
    for _ in range(3):
        make_generation(bob, model)

    assert _begins() == [0, 0, 0]


def test_waits_at_a_relay_that_takes_two_at_once(bob, model):
    _drawn_in(model, 10, at_once=2)
    running = make_generation(bob, model, state=State.SENT)
    Generation.objects.filter(pk=running.pk).update(sent_at=timezone.now() - timedelta(seconds=4))
    for _ in range(4):
        make_generation(bob, model)

    assert _begins() == [0, 6, 10, 16]


def test_waits_for_a_place_in_the_minute(bob, model):
    _drawn_in(model, 1, per_minute=2)
    for _ in range(5):
        make_generation(bob, model)

    assert _begins() == [0, 0, 60, 60, 120]


def test_waits_of_a_model_asked_for_one_picture_at_a_time_counts_all_of_them(bob, model):
    _drawn_in(model, 10, at_once=1)
    ImageModel.objects.filter(pk=model.pk).update(per_call=1)
    for n in (4, 1):
        make_generation(bob, model, n=n)

    assert _begins() == [0, 40]


def test_waits_until_it_is_tried_again(bob, model):
    make_generation(bob, model, not_before=timezone.now() + timedelta(seconds=30))

    assert 28 <= _begins()[0] <= 30


@pytest.mark.parametrize("fault", ["unknown time", "paused relay"])
def test_waits_says_nothing_where_nobody_can_know(fault, bob, model):
    if fault == "unknown time":
        Relay.objects.filter(pk=model.relay_id).update(at_once=1)
    else:
        _drawn_in(model, 5, at_once=1, paused_at=timezone.now())
    make_generation(bob, model, state=State.SENT)
    make_generation(bob, model)

    assert _begins() == [None]


def test_waits_a_call_that_is_late_may_end_at_any_time(bob, model):
    _drawn_in(model, 5, at_once=1)
    running = make_generation(bob, model, state=State.SENT)
    Generation.objects.filter(pk=running.pk).update(sent_at=timezone.now() - timedelta(minutes=2))
    make_generation(bob, model)

    assert _begins() == [0]


def test_waits_no_more_than_the_hands_of_a_worker(bob, model, settings):
    settings.WORKER_THREADS = 1
    _drawn_in(model, 7)
    for _ in range(3):
        make_generation(bob, model)

    assert _begins() == [0, 7, 14]


@pytest.fixture
def long_line(monkeypatch):
    """From two rows on a line is long, and it is kept for a minute; nothing of it is left behind."""
    monkeypatch.setattr(line, "LONG", 2)
    monkeypatch.setattr(line, "HOLD", 1_000_000)
    yield
    line.forget()


def test_look_keeps_a_long_line_for_a_while(long_line, django_assert_num_queries, bob, charlie, model):
    make_generation(bob, model)
    with django_assert_num_queries(2):
        line.look(), line.look()
    make_generation(charlie, model)

    with django_assert_num_queries(1):
        kept = [line.look() for _ in range(3)]

    assert kept[0] is kept[2]
    assert len(kept[0].waiting) == 2


def test_look_reads_anew_what_was_moved_or_taken_back(long_line, alice, bob, model):
    rows = [make_generation(bob, model) for _ in range(3)]
    line.look()

    queue.move(generation=rows[2], administrator=alice, to=queue.FIRST)
    moved = [place.pk for place in line.look().waiting]
    queue.cancel(generation=rows[0], actor=bob)

    assert moved == [rows[2].pk, rows[0].pk, rows[1].pk]
    assert [place.pk for place in line.look().waiting] == [rows[2].pk, rows[1].pk]


def test_look_reads_a_long_line_again_when_its_time_is_over(long_line, monkeypatch, bob, model):
    for _ in range(2):
        make_generation(bob, model)
    line.look()
    make_generation(bob, model)

    monkeypatch.setattr(line, "monotonic", lambda: float("inf"))

    assert len(line.look().waiting) == 3
