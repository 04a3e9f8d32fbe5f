"""The answers of a relay, each with its state, its money, its requests and the sentence on the page (SAFETY §6)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from config.settings import RELAY_DEADLINE
from studio import live
from studio.models import Generation, State
from studio.models.relay_requests import spool_name
from tests.faults.cases import BUSY, CASES, GOOD, LATE, LOST, Case
from tests.faults.scene import ASKED, Make, Scene, b64, drawn, error, html, send, wait
from tests.relays.chaos import reply
from tests.servers import free_ports
from tests.views.test_live import ask, looks_at

by_row = pytest.mark.parametrize("case", CASES, ids=lambda case: case.row)


def _check(case: Case, scene: Scene) -> None:
    row = scene.drawn(*case.plays, n=case.n)

    assert (row.state, str(row.why), row.error_kind) == (case.state, case.sentence, case.kind)
    assert scene.reads(row) == html(case.sentence)
    assert scene.money(row) == (0, case.spent, case.presumed)
    assert row.images.count() == case.spent
    assert (scene.requests(), row.relay_requests.count()) == (case.requests, case.requests)
    assert not row.relay_requests.filter(ended_at=None).exists()


@by_row
def test_answer_ends_as_its_row_says(case: Case, make_scene: Make):
    _check(case, make_scene(case.dialect))


@pytest.mark.parametrize("case", LATE, ids=lambda case: case.row)
def test_answer_that_takes_too_long_ends_as_its_row_says(case: Case, scene: Scene, settings):
    settings.RELAY_DEADLINE = 0.4

    _check(case, scene)


def test_row_9_card_leads_back_to_the_prompt(scene: Scene):
    row = scene.drawn(error(400, code="moderation_blocked"))

    assert f'<a class="btn" href="/?from={row.pk}">Edit prompt</a>' in scene.page(row)
    assert "Try again</button>" not in scene.page(row)


def test_row_12_card_leads_back_to_the_form_with_everything_that_was_asked(scene: Scene):
    row = scene.drawn(error(400, param="size"), n=3)

    text = scene.page(row)
    form = scene.client.get(f"/?from={row.pk}").context["form"]

    assert f'<a class="btn" href="/?from={row.pk}">Change settings</a>' in text
    assert "Try again</button>" not in text
    assert {name: form[name].value() for name in ASKED} == ASKED
    assert (form["prompt"].value(), str(form["n"].value())) == (row.prompt.text, "3")
    assert form.model == scene.model


def _seconds(row: Generation) -> float:
    return (row.not_before - timezone.now()).total_seconds()


def _pause(text: str) -> str:
    """What the page counts down, for eyes."""
    shown = re.search(r'<span aria-hidden="true">(.*?<count-down.*?)</strong>', text, re.DOTALL)[1]
    return re.sub(r"<.*?>", "", shown).strip()


def test_row_13_with_retry_after_waits_so_long(scene: Scene):
    scene.answers(error(429, {"Retry-After": "7"}))

    row = scene.step(scene.submit(n=2))

    sentence = "The relay is busy. Trying again in 7 s (1 of 3)."
    assert (row.state, str(row.why), row.tries, row.claimed_by) == (State.QUEUED, sentence, 1, "")
    assert scene.reads(row) == html(sentence)
    assert re.fullmatch(r"The relay is busy\. Trying again in [1-7] s \(1 of 3\)\.", _pause(scene.page(row)))
    assert 0 < _seconds(row) <= 7
    assert (scene.money(row), scene.requests()) == ((2, 0, 0), 1)


def test_row_13_without_retry_after_waits_5_20_and_60_seconds_and_gives_up(scene: Scene):
    scene.answers(error(429))
    row = scene.submit(n=2)

    seen = []
    for _ in range(3):
        row = scene.step(row)
        seen.append((scene.reads(row), round(_seconds(row) + 0.4)))
        scene.hurry(row)
    row = scene.step(row)

    says = "The relay is busy. Trying again in {} s ({} of 3)."
    assert seen == [(says.format(*each), each[0]) for each in ((5, 1), (20, 2), (60, 3))]
    assert (row.state, scene.reads(row)) == (State.FAILED, BUSY)
    assert (scene.money(row), scene.requests()) == ((0, 0, 0), 4)


def test_row_13_relay_that_asks_for_an_hour_is_not_asked_earlier(scene: Scene):
    scene.answers(error(429, {"Retry-After": "3600"}))

    row = scene.step(scene.submit())

    assert (row.state, row.tries) == (State.QUEUED, 1)
    assert 3500 < _seconds(row) <= 3600


def test_row_13_nothing_is_asked_before_the_pause_is_over(scene: Scene):
    scene.answers(error(429, {"Retry-After": "7"}))
    row = scene.step(scene.submit())

    scene.step(row)

    assert scene.requests() == 1


def test_row_14_pauses_at_most_two_and_eight_seconds_each_try_in_the_ledger(scene: Scene):
    scene.answers(error(500, {"x-request-id": "req-7"}))
    row = scene.submit()

    pauses = []
    for _ in range(2):
        row = scene.step(row)
        pauses.append(_seconds(row))
        scene.hurry(row)
    row = scene.draw(row)

    assert [0 < pause <= most for pause, most in zip(pauses, (2, 8), strict=True)] == [True, True]
    assert list(
        row.relay_requests.values_list("attempt", "status", "outcome", "trace_id").order_by("attempt")
    ) == [(attempt, 500, "transient", "req-7") for attempt in (1, 2, 3)]


def test_row_14_relay_whose_retries_are_off_is_asked_once_and_says_so(scene: Scene):
    scene.model.relay.retries = False
    scene.model.relay.save()

    row = scene.drawn(error(500))

    assert (scene.reads(row), scene.requests()) == ("The relay failed (500). Tried once.", 1)


def test_row_27_extra_pictures_are_dropped_and_written_down(scene: Scene, caplog):
    row = scene.drawn(drawn(*[b64()] * 5), n=2)

    assert (row.images.count(), scene.money(row)) == (2, (0, 2, 0))
    assert [record.message for record in caplog.records if "relay." in record.message] == [
        f"relay.extra_images generation={row.pk} got=5"
    ]


def test_row_28_finished_generation_handed_to_a_worker_again_is_left_alone(scene: Scene):
    row = scene.drawn(GOOD, n=2)

    again = scene.step(row)

    assert (again.version, scene.requests(), scene.money(row)) == (row.version, 1, (0, 2, 0))


def test_row_29_page_says_how_long_it_works_and_waits_for_nothing(scene: Scene, settings):
    settings.RELAY_DEADLINE = 660
    scene.answers([wait(1.5), *GOOD])
    row = scene.submit(n=2)
    worker = scene.in_background(row)

    said = {}
    for minutes in (0, 1, 4, 10):
        then = timezone.now() - timedelta(minutes=minutes, seconds=5)
        Generation.objects.filter(pk=row.pk).update(sent_at=then)
        said[minutes] = scene.reads(row)
    answered = worker.is_alive()
    worker.join()

    assert answered, "the page waited for the relay"
    assert said == {
        0: "Asking the relay",
        1: "Working: 1 min. This model can take 10 minutes.",
        4: "Working: 4 min. This model can take 10 minutes.",
        10: "Working: 10 min.",
    }
    assert (scene.look(row).state, scene.requests()) == (State.DONE, 1)


def test_row_29_card_is_sent_again_when_a_minute_is_over(scene: Scene, monkeypatch):
    scene.answers([wait(1.5), *GOOD])
    row = scene.submit(n=2)
    worker = scene.in_background(row)
    looked = looks_at(scene.client, f"/generations/{row.pk}/")

    before = ask(scene.client, looked).status_code
    Generation.objects.filter(pk=row.pk).update(sent_at=timezone.now() - timedelta(minutes=4))
    monkeypatch.setattr(live.time, "time", lambda now=live.time.time: now() + 61)
    after = ask(scene.client, looked)
    worker.join()

    assert (before, after.status_code) == (204, 200)
    assert "Working: 4 min." in after.text


def test_row_29_deadline_of_a_call_is_longer_than_ten_minutes():
    assert RELAY_DEADLINE == 660


def test_row_30_before_any_byte_left_is_tried_again_and_costs_nothing(scene: Scene, settings):
    [port] = free_ports(1)
    settings.RELAY_PRIVATE_ALLOW |= {f"127.0.0.1:{port}"}
    scene.model.relay.base_url = f"http://127.0.0.1:{port}/v1"
    scene.model.relay.save()
    row = scene.step(scene.submit(n=2))

    first = (row.state, scene.reads(row), scene.money(row), row.relay_requests.count())
    last = scene.draw(row)

    says = "The relay could not be reached. Trying again in 1 s (1 of 3)."
    assert first == (State.QUEUED, says, (2, 0, 0), 0)
    gone = "The relay could not be reached. Tried 4 times. Nothing was sent, nothing was charged."
    assert (last.state, scene.reads(last), scene.money(last)) == (State.FAILED, gone, (0, 0, 0))
    assert (scene.requests(), last.relay_requests.count(), last.error_raw) == (
        0,
        0,
        "[Errno 111] Connection refused",
    )


def test_row_30_mid_body_keeps_the_part_that_came(scene: Scene, settings):
    row = scene.drawn([send(reply(200, b'{"data": [', length=5000))])

    part = (settings.SPOOL_DIR / spool_name(row.pk, 1)).with_suffix(".part")
    relay_request = row.relay_requests.get()
    assert (relay_request.status, relay_request.raw) == (200, '{"data": [')
    assert (row.state, scene.reads(row)) == (State.UNKNOWN, LOST)
    assert part.read_bytes().endswith(b'{"data": [')
    assert "Try again (may cost again)</button>" in scene.page(row)
    assert scene.step(row).attempts == scene.requests() == 1
