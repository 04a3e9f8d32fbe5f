"""What waits for a moderator really waits, and goes on exactly once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Act, AuditEntry, Case, Generation, Notice, NoticeKind, State, Verdict
from studio.services import generations, retention
from studio.services.drawing import claims, holding, leases, run, settlement
from studio.services.moderation import holds, rules
from tests.faults import invariants
from tests.money import money_of
from tests.services.screening.test_gate import make_rule, submit
from tests.services.test_races import Rival

pytestmark = pytest.mark.django_db


@pytest.fixture
def hold(alice):
    return make_rule(alice, Act.HOLD)


@pytest.fixture
def held(hold, bob, model) -> Generation:
    return submit(bob, model)


def _state(row: Generation) -> tuple[State, str]:
    row.refresh_from_db()
    return State(row.state), str(row.why)


def test_held_is_claimed_by_nobody(held):
    assert claims.claim_next(leases.WORKER) is None
    assert run.run_next() is None


def test_approve_lets_it_wait_for_a_worker_and_closes_its_case(held, mona):
    holds.approve(generation=held, moderator=mona)

    assert _state(held) == (State.QUEUED, "")
    assert (Case.objects.get().verdict, Case.objects.get().decided_by) == (Verdict.APPROVED, mona)
    assert AuditEntry.objects.get(action="generation.approved").actor == mona
    assert Notice.objects.get().kind == NoticeKind.APPROVED
    assert claims.claim_next(leases.WORKER) == held
    invariants.check()


def test_approve_wakes_a_worker(held, mona, monkeypatch):
    woken = []
    monkeypatch.setattr("studio.services.tickets.wake", lambda: woken.append(1))

    holds.approve(generation=held, moderator=mona)

    assert woken == [1]


def test_refuse_ends_it_with_a_reason_and_gives_the_money_back(held, mona):
    holds.refuse(generation=held, moderator=mona, reason="Ask the client first.")

    said = "A moderator refused this prompt. Nothing was charged. Ask the client first."
    assert _state(held) == (State.REFUSED, said)
    assert money_of(held) == (0, 0, 0)
    assert Case.objects.get().verdict == Verdict.REFUSED
    assert AuditEntry.objects.get(action="generation.refused").actor == mona
    assert (Notice.objects.get().kind, Notice.objects.get().person) == (NoticeKind.REFUSED, held.owner)
    invariants.check()


@pytest.mark.parametrize("second", [holds.approve, holds.refuse])
@pytest.mark.parametrize("first", [holds.approve, holds.refuse])
def test_decide_twice_tells_the_second(held, mona, alice, first, second):
    first(generation=held, moderator=mona)

    with pytest.raises(Conflict, match="no longer waits"):
        second(generation=held, moderator=alice)

    assert Case.objects.get().decided_by == mona


def test_cancel_takes_the_case_from_the_queue(held, bob, mona):
    generations.cancel(generation=held, person=bob)

    assert (_state(held)[0], money_of(held)) == (State.CANCELLED, (0, 0, 0))
    assert (Case.objects.get().verdict, Case.objects.get().decided_by) == (Verdict.WITHDRAWN, None)
    with pytest.raises(Conflict):
        holds.approve(generation=held, moderator=mona)
    invariants.check()


def test_submit_what_is_held_already_makes_no_second_case(held, bob, model):
    with pytest.raises(Conflict, match="waits for a moderator already"):
        submit(bob, model)

    assert (Generation.objects.get(), Case.objects.get().generation) == (held, held)
    assert money_of(held).reserved == 1
    invariants.check()


def test_retry_of_what_is_held_already_makes_no_second_case(held, bob, model):
    generations.cancel(generation=held, person=bob)
    second = submit(bob, model)

    with pytest.raises(Conflict, match="waits for a moderator already"):
        generations.retry(generation=held, person=bob)

    assert (_state(held)[0], Case.objects.open().get().generation) == (State.CANCELLED, second)
    invariants.check()


@pytest.mark.parametrize("other", [{"text": "Another northpeak"}, {"settings": {"size": "1792x1024"}}])
def test_submit_something_else_that_is_held_is_a_case_of_its_own(held, bob, model, other):
    submit(bob, model, **other)

    assert Case.objects.open().count() == 2


def test_submit_what_was_held_goes_on_once_it_is_decided(held, bob, charlie, mona, model):
    submit(charlie, model)
    holds.refuse(generation=held, moderator=mona)

    submit(bob, model)

    assert Case.objects.open().count() == 2


def test_end_overdue_refuses_what_waited_two_weeks(held, bob, model):
    young = submit(bob, model, "A second northpeak")
    two_weeks = timezone.now() - timedelta(days=14, minutes=1)
    Case.objects.filter(generation=held).update(opened_at=two_weeks)

    retention.clean_up()

    assert _state(held) == (
        State.REFUSED,
        "No moderator decided within 14 days, so this was refused. Nothing was charged.",
    )
    assert _state(young)[0] == State.HELD
    assert AuditEntry.objects.get(action="generation.refused").actor is None
    invariants.check()


@pytest.mark.parametrize("act", [Act.HOLD, Act.BLOCK])
def test_screen_waiting_holds_what_a_later_rule_stops(alice, bob, model, act):
    row, other = submit(bob, model), submit(bob, model, "A lake")
    make_rule(alice, act, sentence="Clients wait.")

    assert holds.screen_waiting() == 1

    assert _state(row) == (State.HELD, "A rule that was added since holds this. Clients wait.")
    assert (money_of(row).reserved, Case.objects.open().get().generation) == (1, row)
    assert _state(other)[0] == State.QUEUED
    assert holds.screen_waiting() == 0
    invariants.check()


def test_worker_holds_what_a_later_rule_stops_before_it_is_sent(alice, bob, model, settings):
    row = submit(bob, model)
    make_rule(alice, Act.HOLD)

    assert run.run_next() == row.pk

    assert _state(row)[0] == State.HELD
    assert (row.claimed_by, row.attempts, row.relay_requests.count()) == ("", 0, 0)
    assert Case.objects.open().get().generation == row
    assert Notice.objects.get().kind == NoticeKind.HELD
    invariants.check()


def test_worker_asks_nothing_more_while_the_rules_are_as_they_were(
    alice, bob, model, django_assert_num_queries
):
    make_rule(alice, Act.HOLD)
    row = submit(bob, model, "A lake")

    with django_assert_num_queries(0):
        assert not holding.is_held(row)


def test_later_rule_does_not_hold_again_what_was_approved_because_of_it(alice, hold, held, mona):
    holds.approve(generation=held, moderator=mona)
    rules.edit(rule=hold, administrator=alice, sentence="Changed.")
    assert holds.screen_waiting() == 0

    make_rule(alice, Act.BLOCK, "logo")

    assert holds.screen_waiting() == 1
    assert _state(held)[0] == State.HELD


def test_rule_that_was_widened_since_holds_again_what_was_approved(alice, hold, held, mona):
    holds.approve(generation=held, moderator=mona)

    rules.edit(rule=hold, administrator=alice, words=f"{hold.words}\nanother")

    assert holds.screen_waiting() == 1


def test_later_warning_holds_nothing(alice, bob, model):
    submit(bob, model)
    make_rule(alice, Act.WARN)

    assert holds.screen_waiting() == 0


@pytest.mark.django_db(transaction=True)
def test_approve_against_cancel_one_wins_and_the_other_is_told(held, bob, mona):
    with write_transaction():
        holds.approve(generation=held, moderator=mona)
        rival = Rival(lambda: settlement.refuse(generation=held, why=held.why, moderator=None))
    rival.join()
    assert (rival.error, _state(held)[0]) == (None, State.QUEUED)

    with write_transaction():
        generations.cancel(generation=held, person=bob)
        late = Rival(lambda: holds.approve(generation=held, moderator=mona))
    late.join()
    assert (type(late.error), _state(held)[0]) == (Conflict, State.CANCELLED)
    invariants.check()


@pytest.mark.django_db(transaction=True)
def test_two_moderators_one_decides_and_the_other_is_told(held, mona, alice):
    with write_transaction():
        holds.refuse(generation=held, moderator=mona)
        rival = Rival(lambda: holds.approve(generation=held, moderator=alice))
    rival.join()

    assert (type(rival.error), Case.objects.get().decided_by) == (Conflict, mona)
    invariants.check()


@pytest.mark.django_db(transaction=True)
def test_screen_waiting_against_a_claim_holds_nothing_that_runs(alice, bob, model):
    row = submit(bob, model)
    make_rule(alice, Act.HOLD)

    with write_transaction():
        assert claims.claim_next(leases.WORKER)
        rival = Rival(holds.screen_waiting)
    rival.join()

    assert (rival.error, _state(row)[0]) == (None, State.CLAIMED)
    invariants.check()
