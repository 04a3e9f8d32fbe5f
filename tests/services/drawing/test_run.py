"""One step of the worker at a time, from rows and spools made by hand; whole runs are in tests/faults."""

import base64
import json
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from PIL import Image as Picture

from studio.models import Generation, ImageModel, Relay, RelayRequest, State
from studio.models.relay_requests import spool_name
from studio.relays.dialects.base import Answer
from studio.services import generations
from studio.services.drawing import claims, failures, leases, run, settlement
from tests.factories import make_generation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reachable(settings) -> None:
    """The relay's address is allowed, and nothing listens there."""
    settings.RELAY_PRIVATE_ALLOW = frozenset({"127.0.0.1:1"})


def _png() -> str:
    file = BytesIO()
    Picture.new("RGB", (64, 48), "teal").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _received(person, model, settings, *pictures: str, n: int = 1, status: int = 200, **fields) -> Generation:
    """A generation whose answer lies in the spool."""
    row = make_generation(person, model, n=n, state=State.RECEIVED, **fields)
    head = {"status": status, "headers": {"x-request-id": "abc"}}
    body = {"data": [{"b64_json": picture} for picture in pictures]}
    spool = settings.SPOOL_DIR / spool_name(row.pk, 1)
    spool.write_text(json.dumps(head) + "\n" + json.dumps(body))
    return row


def _see(row: Generation) -> tuple[str, str]:
    found = Generation.objects.get(pk=row.pk)
    return found.state, found.why.said()


def test_run_next_without_anything_ready_returns_none(bob, model):
    make_generation(bob, model, state=State.SENT)
    make_generation(bob, model, not_before="2100-01-01T00:00Z")

    assert run.run_next() is None


def test_row_40_run_next_on_a_newer_database_takes_nothing(bob, model):
    row = make_generation(bob, model)
    MigrationRecorder.Migration.objects.create(app="studio", name="9999_from_the_future")

    assert run.run_next() is None
    assert _see(row) == (State.QUEUED, "")


def test_run_next_goes_on_with_a_received_answer_and_removes_its_spool(bob, model, settings, money):
    row = _received(bob, model, settings, _png(), _png(), n=2)

    assert run.run_next() == row.pk

    assert (_see(row), money(row)) == ((State.DONE, ""), (0, 2, 0))
    image = row.images.first()
    assert (image.width, image.height, image.media_type) == (64, 48, "image/png")
    assert (row.relay_requests.get().status, row.relay_requests.get().trace_id) == (200, "abc")
    assert list(settings.SPOOL_DIR.iterdir()) == []


def test_run_next_same_bytes_twice_are_kept_in_two_slots(bob, model, settings):
    row = _received(bob, model, settings, _png(), _png(), n=2)

    run.run_next()

    assert row.images.values("sha256").distinct().count() == 1
    assert row.images.values("key").distinct().count() == 2


def test_run_next_finished_row_is_not_taken(bob, model, settings):
    row = _received(bob, model, settings, _png())
    run.run_next()

    assert run.run_next(rows=Generation.objects.filter(pk=row.pk)) is None


def test_run_next_storage_that_fails_keeps_the_answer_and_says_so(bob, model, settings, money, tmp_path):
    row = _received(bob, model, settings, _png(), n=1)
    (tmp_path / "media").write_text("in the way")

    run.run_next()

    assert _see(row) == (State.RECEIVED, "0 of 1 images ready. The rest is still being saved.")
    assert (row.slots.get().state, money(row)) == ("pending_storage", (1, 0, 0))

    (tmp_path / "media").unlink()
    Generation.objects.update(not_before=None)
    run.run_next()

    assert (_see(row), money(row)) == ((State.DONE, ""), (0, 1, 0))


def test_run_next_relay_out_of_reach_waits_and_tries_again(bob, model, money):
    row = make_generation(bob, model)

    run.run_next()

    assert _see(row) == (State.QUEUED, "The relay could not be reached. Trying again in 1 s (1 of 3).")
    row.refresh_from_db()
    assert (row.tries, row.claimed_by, row.attempts, money(row)) == (1, "", 0, (1, 0, 0))


def test_run_next_key_that_cannot_be_read_fails_at_once_and_tells_an_administrator(bob, model, money):
    model.relay.sealed_key = "not sealed with our key"
    model.relay.save()
    row = make_generation(bob, model)

    run.run_next()

    sentence = "The relay's key cannot be read. Nothing was sent. An administrator was told."
    assert (_see(row), money(row)) == ((State.FAILED, sentence), (0, 0, 0))
    model.relay.refresh_from_db()
    assert model.relay.what_is_wrong.said() == "The key of Sandbox cannot be read. Enter it again."


def test_run_next_answer_that_has_come_needs_no_key(bob, model, settings):
    row = _received(bob, model, settings, _png())
    model.relay.sealed_key = "not sealed with our key"
    model.relay.save()

    run.run_next()

    assert _see(row) == (State.DONE, "")


def test_run_next_picture_is_seen_though_its_settlement_fails(bob, model, settings, money, monkeypatch):
    row = _received(bob, model, settings, _png(), _png(), n=2)

    def fail(**facts: Any) -> None:
        raise AssertionError("is settled already")

    with monkeypatch.context() as patched:
        patched.setattr(settlement.budgets, "settle", fail)
        run.run_next()

    assert (row.images.count(), _see(row)[0], money(row)) == (2, State.RECEIVED, (2, 0, 0))
    Generation.objects.update(not_before=None)
    run.run_next()
    assert (row.images.count(), _see(row), money(row)) == (2, (State.DONE, ""), (0, 2, 0))


def test_stumble_after_the_answer_was_spooled_goes_on_with_it(bob, model, settings, money):
    row = _received(bob, model, settings, _png(), claimed_by=leases.WORKER)
    Generation.objects.update(state=State.SENT, received_at=None)
    row.refresh_from_db()

    failures.stumble(row)

    assert _see(row) == (State.RECEIVED, "Saving takes longer than usual.")
    assert money(row) == (1, 0, 0)
    Generation.objects.update(not_before=None)
    run.run_next()
    assert _see(row) == (State.DONE, "")


def test_stumble_while_the_relay_draws_loses_contact(bob, model, money):
    row = make_generation(bob, model, state=State.SENT, claimed_by=leases.WORKER)

    failures.stumble(row)

    assert (_see(row)[0], money(row)) == (State.UNKNOWN, (0, 0, 1))


def test_commit_sent_of_a_cancelled_row_is_overtaken(bob, model):
    row = make_generation(bob, model, state=State.CANCELLED)

    with pytest.raises(run.Overtaken):
        run._commit_sent(row, RelayRequest(generation=row, attempt=1, slots=[0]))

    assert row.relay_requests.count() == 0


def test_commit_sent_notes_slots_and_dropped_settings(bob, model):
    row = make_generation(bob, model, n=2, state=State.CLAIMED, claimed_by=leases.WORKER)

    run._commit_sent(row, RelayRequest(generation=row, attempt=1, slots=[0, 1], dropped=["style"]))

    request = row.relay_requests.get()
    assert (request.attempt, request.slots, request.dropped) == (1, [0, 1], ["style"])
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.SENT, 1)


def test_draw_request_says_what_was_asked(bob, model):
    row = make_generation(bob, model, text="A lake", settings={"size": "1024x1024", "seed": 7})

    request = run.draw_request(row, n=2)

    assert (request.model, request.prompt, request.n) == ("sandbox-flux", "A lake", 2)
    assert dict(request.settings) == {"size": "1024x1024", "seed": 7}
    assert request.accepts == set(model.accepts)


def test_run_next_while_another_row_is_ready_wakes_a_worker_for_it(
    bob, model, settings, django_capture_on_commit_callbacks
):
    for _ in range(2):
        _received(bob, model, settings, _png())

    with django_capture_on_commit_callbacks() as woken:
        run.run_next()
    with django_capture_on_commit_callbacks() as woken_again:
        run.run_next()

    assert (len(woken), len(woken_again)) == (1, 0)


def test_run_next_one_link_that_leads_nowhere_does_not_hold_up_the_other_picture(bob, model, settings, money):
    row = _received(bob, model, settings, n=2)
    answer = {"data": [{"url": "https://xn--0.example/x.png"}, {"b64_json": _png()}]}
    spool = settings.SPOOL_DIR / spool_name(row.pk, 1)
    spool.write_text('{"status": 200, "headers": {}}\n' + json.dumps(answer))

    run.run_next()

    assert list(row.slots.values_list("state", flat=True)) == ["unfetchable", "saved"]
    assert (_see(row)[0], money(row)) == (State.DONE, (0, 1, 0))


def test_run_next_model_that_takes_more_at_a_time_meanwhile_is_asked_for_the_rest(bob, model, settings):
    row = _received(bob, model, settings, _png(), n=3)
    row.relay_requests.update(slots=[0])  # asked one at a time; now the model takes ten

    run.run_next()

    assert _see(row) == (State.QUEUED, "1 of 3 drawn, asking for the next")


def test_keep_of_a_row_that_was_taken_over_leaves_the_spool_to_its_new_worker(bob, model, settings):
    row = _received(bob, model, settings, _png(), claimed_by=leases.WORKER)
    Generation.objects.update(claimed_by="another")

    with pytest.raises(run.Overtaken):
        run._keep(row, run._open(row), row.relay_requests.get())

    assert row.slots.get().state == "waiting"
    assert (settings.SPOOL_DIR / spool_name(row.pk, 1)).exists()
    assert _see(row)[0] == State.RECEIVED


def test_commit_received_answer_to_an_earlier_attempt_does_not_move_the_next_one(bob, model):
    row = make_generation(bob, model, state=State.SENT, claimed_by=leases.WORKER)
    first = row.relay_requests.get()
    settlement.lose_contact(generation=row)
    generations.retry(generation=row, person=bob)
    again = claims.claim_next(leases.WORKER)
    run._commit_sent(again, RelayRequest(generation=again, model=model, attempt=2, slots=[0]))

    with pytest.raises(run.Overtaken):
        run._commit_received(row, first, Answer(status=200, headers={}, trace_id=""))

    assert _see(row)[0] == State.SENT
    assert row.relay_requests.get(attempt=2).ended_at is None


@pytest.mark.parametrize(
    ("kind", "changes", "why"),
    [
        (ImageModel, {"enabled": False}, "it is not offered any more"),
        (ImageModel, {"gone_at": "2026-01-01T00:00Z"}, "it is not offered any more"),
        (ImageModel, {"least_role": "administrator"}, "for administrators only"),
        (Relay, {"enabled": False}, "it is not offered any more"),
        (Relay, {"enabled": False, "paused_at": "2026-01-01T00:00Z"}, "it is not offered any more"),
    ],
)
def test_run_next_ends_what_waits_for_a_closed_model_and_releases_its_hold(
    bob, model, money, kind, changes: dict[str, Any], why: str
):
    row = make_generation(bob, model, n=2)
    kind.objects.update(**changes)

    assert run.run_next() == row.pk

    said = f"{model.label} cannot be used any more: {why}. Nothing was charged. Choose another model."
    assert (_see(row), money(row)) == ((State.FAILED, said), (0, 0, 0))
    assert not row.relay_requests.exists()


def test_run_next_ends_what_a_closed_stand_in_would_draw(bob, model, other_model, money):
    row = make_generation(bob, model, via=other_model)
    ImageModel.objects.filter(pk=other_model.pk).update(enabled=False)

    run.run_next()

    assert (_see(row)[0], money(row)) == (State.FAILED, (0, 0, 0))


def test_run_next_saves_an_answer_of_a_closed_model(bob, model, settings, money):
    row = _received(bob, model, settings, _png())
    Relay.objects.update(enabled=False)

    run.run_next()

    assert (_see(row), money(row)) == ((State.DONE, ""), (0, 1, 0))


def test_row_46_worker_that_wakes_after_another_settled_changes_nothing(bob, model, settings, money):
    _received(bob, model, settings, _png(), n=2)
    stale = claims.claim_next(leases.WORKER)
    spool = settings.SPOOL_DIR / spool_name(stale.pk, 1)
    answer = spool.read_bytes()
    Generation.objects.update(claimed_by="")  # its lease ran out
    run.run_next()
    generations.retry(generation=stale, person=bob)
    spool.write_bytes(answer)  # it had it open
    before = Generation.objects.values().get(), list(stale.slots.values_list("state", "round"))

    run._keep(stale, run._open(stale), stale.relay_requests.get())
    failures.stumble(stale)
    settlement.complete(generation=stale)

    assert (Generation.objects.values().get(), list(stale.slots.values_list("state", "round"))) == before
    assert (money(stale), stale.images.count()) == ((1, 1, 0), 1)


def test_row_46_row_with_nothing_left_to_ask_sends_nothing_and_is_settled(bob, model, money):
    row = make_generation(bob, model, n=2)
    row.slots.update(state="saved", round=1)

    run.run_next()

    assert (_see(row), money(row), row.relay_requests.count()) == ((State.DONE, ""), (0, 2, 0), 0)


def test_run_next_late_link_waits_and_says_until_when(bob, model, settings, money):
    settings.TIME_ZONE = "UTC"
    row = _received(bob, model, settings, n=2)
    answer = {"data": [{"url": "https://127.0.0.1:1/x.png"}, {"b64_json": _png()}]}
    (settings.SPOOL_DIR / spool_name(row.pk, 1)).write_text(
        '{"status": 200, "headers": {}}\n' + json.dumps(answer)
    )
    came = timezone.now() - timedelta(minutes=3)
    Generation.objects.update(received_at=came)

    run.run_next()

    until = timezone.localtime(came + timedelta(minutes=60))
    said = rf"1 of 2 images saved\. Fetching the last one again in 6[0-9] s; the relay keeps it until {until:%H:%M}.*"
    assert _see(row)[0] == State.RECEIVED
    assert re.fullmatch(said, _see(row)[1])
    assert (row.slots.get(index=0).state, money(row)) == ("pending_fetch", (2, 0, 0))
    assert (settings.SPOOL_DIR / spool_name(row.pk, 1)).exists()
