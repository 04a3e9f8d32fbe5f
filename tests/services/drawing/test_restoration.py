"""A restored copy asks before it sends (SAFETY §6, row 48)."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from studio.models import AuditEntry, Generation, SlotState, State
from studio.models.relay_requests import spool_name
from studio.services import generations
from studio.services.drawing import claims, restoration, run
from tests.factories import make_generation, make_image
from tests.said import LOST_CONTACT
from tests.views.test_generations import act

pytestmark = pytest.mark.django_db
LONG_AGO = "2026-01-01T00:00Z"
QUESTION = "This waited when the copy was made. It may have been drawn since. Draw it?"


def _see(row: Generation) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.why.said()


@pytest.mark.parametrize("state", [State.HELD, State.QUEUED, State.CLAIMED])
def test_row_48_what_would_be_sent_becomes_a_question_and_counts_nothing(bob, model, money, state: State):
    row = make_generation(bob, model, n=2, state=state, claimed_by="dead", lease_at=LONG_AGO)

    ended = restoration.after_restore()

    assert (ended, _see(row), money(row)) == ({State.QUEUED: 1}, (State.CANCELLED, QUESTION), (0, 0, 0))
    assert run.run_next() is None
    assert AuditEntry.objects.get(action="studio.restored").detail == {"queued": 1}


def test_row_48_what_was_sent_lost_contact_unless_its_answer_is_here(bob, model, money, settings):
    lost, came = (
        make_generation(bob, model, state=State.SENT, claimed_by="dead", lease_at=LONG_AGO) for _ in "ab"
    )
    (settings.SPOOL_DIR / spool_name(came.pk, 1)).write_text("{}")
    saving = make_generation(bob, model, state=State.RECEIVED, claimed_by="dead", lease_at=LONG_AGO)

    ended = restoration.after_restore()

    assert ended == {State.UNKNOWN: 1, State.RECEIVED: 2}
    assert (_see(lost), money(lost)) == ((State.UNKNOWN, LOST_CONTACT), (0, 0, 1))
    assert {_see(row) for row in (came, saving)} == {(State.RECEIVED, "")}
    assert Generation.objects.ready().count() == 2


def test_row_48_answer_that_is_saved_asks_before_the_relay_is_asked_for_the_rest(bob, model, money):
    row = make_generation(bob, model, n=2, state=State.RECEIVED, claimed_by="dead", lease_at=LONG_AGO)
    restoration.after_restore()
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=1)
    Generation.objects.filter(pk=row.pk).update(state=State.QUEUED)  # as when its first part is saved

    run.run_next()

    assert _see(row) == (State.CANCELLED, f"1 of 2 images saved. {QUESTION}")
    assert money(row) == (0, 1, 0)


def test_row_48_what_has_ended_stays(bob, model):
    row = make_generation(bob, model, state=State.DONE)
    make_image(bob, model, generation=row)

    assert restoration.after_restore() == {}
    assert _see(row) == (State.DONE, "")


def test_row_48_question_is_on_the_card_and_draws_or_closes(as_bob, bob, model, money):
    drawn, closed = make_generation(bob, model), make_generation(bob, model)
    restoration.after_restore()

    page = as_bob.get(reverse("generations.index")).text
    act(as_bob, "retry", drawn)
    act(as_bob, "closure", closed)

    assert page.count(QUESTION) >= 2
    assert (
        re.findall(r"<button class=\"btn[^>]*>(Draw it|Dismiss)</button>", page) == ["Draw it", "Dismiss"] * 2
    )
    drawn.refresh_from_db()
    closed.refresh_from_db()
    assert (drawn.state, drawn.restored, money(drawn)) == (State.QUEUED, False, (1, 0, 0))
    assert (closed.state, closed.closed) == (State.CANCELLED, True)


def test_after_restore_while_a_worker_draws_is_refused(bob, model):
    row = make_generation(bob, model)
    claims.claim_next("somebody")

    with pytest.raises(
        CommandError, match=r"^A worker is drawing\. Stop it, wait 30 s, and run this again\.$"
    ):
        call_command("after_restore")

    assert not Generation.objects.get(pk=row.pk).restored


def test_after_restore_says_what_it_did_and_may_run_again(bob, model, capsys):
    make_generation(bob, model)

    call_command("after_restore")
    first = capsys.readouterr().out
    call_command("after_restore")

    assert first.splitlines() == [
        "Waited when the copy was made, and now ask their person: 1",
        "Were at a relay, so contact is lost: 0",
        "Answers that are here and will be saved: 0",
    ]
    assert "person: 0" in capsys.readouterr().out


def test_row_48_retried_row_of_a_restored_copy_is_drawn(bob, model):
    row = make_generation(bob, model)
    restoration.after_restore()
    row.refresh_from_db()
    generations.retry(generation=row, person=bob)

    assert run.run_next() == row.pk
    assert row.relay_requests.exists() or _see(row)[0] != State.CANCELLED


def test_row_48_waiting_row_that_has_an_earlier_answer_here_asks_too(bob, model, settings):
    row = make_generation(bob, model, attempts=1)
    (settings.SPOOL_DIR / spool_name(row.pk, 1)).write_text("{}")

    assert restoration.after_restore() == {State.QUEUED: 1}
    assert _see(row) == (State.CANCELLED, QUESTION)
