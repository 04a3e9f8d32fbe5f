import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from studio.models import Allowance, Generation, Relay, State
from studio.models.clock import database_time
from studio.models.relay_requests import spool_name
from studio.relays.network import call
from studio.services.drawing import claims, leases
from tests.factories import make_generation
from tests.said import LOST_CONTACT

pytestmark = pytest.mark.django_db
LONG_AGO = "2026-01-01T00:00Z"


def _abandoned(person, model, state: State) -> Generation:
    dead = f"{settings.MACHINE}:1:dead"
    return make_generation(person, model, n=2, state=state, claimed_by=dead, lease_at=LONG_AGO)


@pytest.mark.parametrize(
    ("state", "to"),
    [(State.CLAIMED, State.QUEUED), (State.RECEIVED, State.RECEIVED), (State.SENT, State.UNKNOWN)],
)
def test_reap_moves_an_abandoned_row_on(bob, model, state: State, to: State):
    row = _abandoned(bob, model, state)

    assert leases.reap() == 1

    row.refresh_from_db()
    assert (row.state, row.claimed_by) == (to, "")


@pytest.mark.parametrize(
    ("times", "long"),
    [
        ([100], False),
        ([100, 110, 120], False),
        ([100, 110, 120, 130], True),
        ([100, 110, 120, 151], False),  # a gap of a lease: who knows what happened in it
        ([100, 110, 120, 130, "lost", 131], False),
        ([100, 110, 120, 130, "lost", 131, 141, 151, 161], True),
        ([100, 120, 140, 3740], False),  # the clock was set forward, or everything was asleep
        ([100, 120, 140, 20], False),
    ],
)
def test_row_45_contact_is_long_after_a_whole_lease_without_a_gap(settings, times: list, long: bool):
    settings.LEASE_SECONDS = 30
    contact = leases.Contact()

    for at in times:
        contact.lost() if at == "lost" else contact.made(at)

    assert contact.is_long() == long


def test_database_time_is_the_time(db):
    assert abs(database_time() - time.time()) < 60


def test_reap_sent_with_a_complete_spool_is_received(bob, model, settings, money):
    row = _abandoned(bob, model, State.SENT)
    (settings.SPOOL_DIR / spool_name(row.pk, 1)).write_bytes(b"{}\n")

    assert leases.reap() == 1

    row.refresh_from_db()
    assert (row.state, row.claimed_by, money(row)) == (State.RECEIVED, "", (2, 0, 0))
    assert row.received_at is not None


def test_reap_sent_with_half_a_spool_is_lost(bob, model, settings, money):
    row = _abandoned(bob, model, State.SENT)
    (settings.SPOOL_DIR / spool_name(row.pk, 1)).with_suffix(".part").write_bytes(b"{}\n")

    assert leases.reap() == 1

    row.refresh_from_db()
    assert (row.state, str(row.why), money(row)) == (State.UNKNOWN, LOST_CONTACT, (0, 0, 2))
    assert Allowance.objects.get().spent == 2


@pytest.mark.parametrize("state", [State.HELD, State.QUEUED, State.DONE, State.UNKNOWN, State.CANCELLED])
def test_reap_leaves_what_nobody_works_on(bob, model, state: State):
    _abandoned(bob, model, state)

    assert leases.reap() == 0


def test_renew_keeps_the_rows_of_this_process_alone(bob, model):
    mine = make_generation(bob, model, state=State.SENT, claimed_by=leases.WORKER, lease_at=LONG_AGO)
    theirs = _abandoned(bob, model, State.SENT)

    with leases.leased(mine.pk):
        leases.renew()
        assert leases.reap() == 1

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, theirs.state) == (State.SENT, State.UNKNOWN)


def test_renew_of_a_row_that_was_taken_over_changes_nothing(bob, model):
    row = _abandoned(bob, model, State.SENT)

    with leases.leased(row.pk):
        leases.renew()

    row.refresh_from_db()
    assert str(row.lease_at.date()) == "2026-01-01"


def test_held_twice_is_renewed_until_both_are_over(bob, model):
    row = make_generation(bob, model, state=State.SENT, claimed_by=leases.WORKER, lease_at=LONG_AGO)

    with leases.leased(row.pk):
        with leases.leased(row.pk):
            pass
        leases.renew()

    assert leases.reap() == 0


@pytest.mark.parametrize(("created", "tickets"), [(LONG_AGO, 3), ("2100-01-01T00:00Z", 0)])
def test_replace_lost_tickets_wakes_for_rows_that_wait_longer_than_the_grace(
    bob, model, created: str, tickets: int, django_capture_on_commit_callbacks
):
    for _ in range(3):
        make_generation(bob, model, created_at=created)
    make_generation(bob, model, created_at=created, not_before="2100-01-01T00:00Z")
    make_generation(bob, model, created_at=created, state=State.SENT)

    with django_capture_on_commit_callbacks() as woken:
        leases.replace_lost_tickets()

    assert len(woken) == tickets


def test_replace_lost_tickets_wakes_for_an_answer_that_came_although_its_relay_is_paused(
    bob, model, django_capture_on_commit_callbacks
):
    Relay.objects.filter(pk=model.relay_id).update(paused_at=LONG_AGO)
    make_generation(bob, model, state=State.RECEIVED, created_at=LONG_AGO)

    with django_capture_on_commit_callbacks() as woken:
        leases.replace_lost_tickets()

    assert len(woken) == 1


def test_replace_lost_tickets_wakes_for_a_stand_in_whose_place_taken_relay_is_paused(
    bob, model, other_model, django_capture_on_commit_callbacks
):
    Relay.objects.filter(pk=model.relay_id).update(paused_at=LONG_AGO)
    make_generation(bob, model, via=other_model, created_at=LONG_AGO)

    with django_capture_on_commit_callbacks() as woken:
        leases.replace_lost_tickets()

    assert len(woken) == 1


def test_replace_lost_tickets_wakes_nobody_for_a_paused_relay(
    bob, model, other_model, django_capture_on_commit_callbacks
):
    Relay.objects.filter(pk=model.relay_id).update(paused_at=LONG_AGO)
    make_generation(bob, model, created_at=LONG_AGO)
    make_generation(bob, other_model, via=model, created_at=LONG_AGO)

    with django_capture_on_commit_callbacks() as woken:
        leases.replace_lost_tickets()

    assert woken == []


def test_replace_lost_tickets_wakes_workers_for_what_must_end_as_its_relay_is_off(
    bob, model, django_capture_on_commit_callbacks
):
    Relay.objects.filter(pk=model.relay_id).update(enabled=False, paused_at=LONG_AGO)
    make_generation(bob, model, created_at=LONG_AGO)

    with django_capture_on_commit_callbacks() as woken:
        leases.replace_lost_tickets()

    assert len(woken) == 1


def test_replace_lost_tickets_wakes_nobody_for_a_suspended_person(
    sid, model, django_capture_on_commit_callbacks
):
    make_generation(sid, model, created_at=LONG_AGO)

    with django_capture_on_commit_callbacks() as woken:
        leases.replace_lost_tickets()

    assert woken == []


def test_replace_lost_tickets_sends_one_for_each_thread_at_most(
    bob, model, settings, django_capture_on_commit_callbacks
):
    settings.WORKER_THREADS = 2
    for _ in range(3):
        make_generation(bob, model, created_at=LONG_AGO)

    with django_capture_on_commit_callbacks() as woken:
        leases.replace_lost_tickets()

    assert len(woken) == 2


def test_t13_row_that_comes_back_into_the_queue_of_a_suspended_person_is_withdrawn(bob, model, money):
    row = make_generation(bob, model, n=2, state=State.QUEUED)
    bob.is_active = False
    bob.save()

    leases.withdraw_of_suspended()

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.CANCELLED, "cancelled")
    assert money(row).reserved == 0


def test_t13_row_of_everybody_else_stays_in_the_queue(bob, model):
    row = make_generation(bob, model, state=State.QUEUED)

    leases.withdraw_of_suspended()

    row.refresh_from_db()
    assert row.state == State.QUEUED


@pytest.mark.parametrize("hours", [1, -1])
def test_row_36_clock_of_a_machine_that_is_wrong_moves_no_lease_and_reaps_nobody(
    bob, model, monkeypatch, hours: int
):
    wrong = timezone.now() + timedelta(hours=hours)
    theirs = make_generation(bob, model)
    claims.claim_next("the other machine:1:abc")
    monkeypatch.setattr(timezone, "now", lambda: wrong)
    monkeypatch.setattr(time, "time", wrong.timestamp)

    mine = make_generation(bob, model)
    claims.claim_next(leases.WORKER)
    with leases.leased(mine.pk):
        leases.renew()

    rows = Generation.objects.filter(pk__in=[theirs.pk, mine.pk])
    assert {abs(row.lease_at.timestamp() - database_time()) < 60 for row in rows} == {True}
    assert leases.reap() == 0


def test_row_36_call_ends_after_its_seconds_whatever_the_clock_is_set_to(monkeypatch):
    timer = call.clock(5)
    monkeypatch.setattr(time, "time", lambda: 0.0)

    assert 4 < timer.until - time.monotonic() <= 5
