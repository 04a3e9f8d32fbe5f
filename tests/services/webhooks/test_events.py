"""Whoever may know of something is told of it, whatever way it happens, and nobody else ever is."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.models import (
    Allowance,
    Case,
    CaseKind,
    Delivery,
    DeliveryState,
    Generation,
    Period,
    Purse,
    State,
    Unit,
    Webhook,
    WebhookKind,
)
from studio.services import budgets, running_low, sharing
from studio.services.drawing import settlement
from studio.services.drawing.settlement import AnswerFacts
from studio.services.moderation import reports
from studio.services.relays import edit as relays
from studio.services.relays import health
from studio.services.webhooks import bodies, edit, events
from studio.signing import lasting_address
from studio.words import Reason
from tests.factories import make_budget, make_comparison, make_generation, make_image

pytestmark = pytest.mark.django_db

SECRET_WORDS = "a lake that nobody may know of"
OWN, TEAM = "own", "team"


@pytest.fixture
def hooks(hook, team_hook) -> dict[str, Webhook]:
    return {OWN: hook, TEAM: team_hook}


@pytest.fixture
def told(hooks):
    """Return what each webhook was told since it was asked last: (whose, kind) → data."""

    def look() -> dict[tuple[str, str], Any]:
        names = {row.pk: whose for whose, row in hooks.items()}
        found = {}
        for row in Delivery.objects.waiting().select_related("webhook").order_by("pk"):
            body = bodies.body_of(row)
            assert body is None or len(body) < 20_000
            found[names[row.webhook_id], row.kind] = body and json.loads(body)["data"]
        Delivery.objects.all().delete()
        return found

    return look


def ended(person, model, *, to=State.DONE, shared=True, **fields: Any) -> Generation:
    """A generation that is settled now, as the worker does it."""
    row = make_generation(person, model, text=SECRET_WORDS, shared=shared, state=State.RECEIVED, **fields)
    if to == State.DONE:
        make_image(person, model, generation=row)
        row.slots.update(round=1)
        settlement.complete(generation=row)
    else:
        settlement.fail(generation=row, to=to, why=Reason("refused"), facts=AnswerFacts(kind="blocked"))
    return row


def test_ended_with_pictures_tells_its_person_everything_and_the_team_no_words_and_no_key(
    told, bob, model, settings
):
    settings.API_URL = "https://api.studio.example"
    row = ended(bob, model)

    found = told()

    assert {(OWN, "generation.completed"), (TEAM, "generation.completed")} <= set(found)
    own, team = found[OWN, "generation.completed"], found[TEAM, "generation.completed"]
    image = row.images.get()
    assert (own["id"], own["status"], own["count"], own["prompt"]) == (
        str(row.pk),
        "completed",
        1,
        SECRET_WORDS,
    )
    assert own["url"] == f"https://api.studio.example/v1/images/generations/{row.pk}"
    assert own["images"][0]["id"] == str(image.pk)
    assert own["images"][0]["url"] == lasting_address(image.pk)
    assert [each["id"] for each in found[TEAM, "image.shared"]["images"]] == [str(image.pk)]
    assert own["model"] == model.model_id
    assert "prompt" not in team
    assert team["person"] == {"id": str(bob.pk), "name": "Bob"}
    assert [set(each) for each in team["images"]] == [{"id", "generation_id", "index", "page"}]


@pytest.mark.parametrize("to", [State.DONE, State.REFUSED])
def test_ended_privately_tells_nobody_but_its_person(told, bob, model, to):
    ended(bob, model, shared=False, to=to)

    assert {whose for whose, _ in told()} == {OWN}


def test_ended_of_somebody_else_is_told_nobody_but_the_team(told, charlie, model):
    ended(charlie, model)

    assert {whose for whose, _ in told()} == {TEAM}


def test_ended_without_pictures_says_why(told, bob, model):
    ended(bob, model, to=State.REFUSED)

    found = told()[OWN, "generation.failed"]

    assert (found["status"], found["error"]["code"]) == ("failed", "refused")
    assert "refused" in found["error"]["message"]


def test_ended_by_a_cancellation_is_an_end_too(told, bob, model):
    row = make_generation(bob, model)

    settlement.cancel(generation=row, person=bob)

    assert told()[OWN, "generation.failed"]["status"] == "cancelled"


def test_ended_tells_nothing_that_has_become_private_meanwhile(told, hooks, send, bob, model):
    row = ended(bob, model)
    sharing.share_generation(generation=row, person=bob, shared=False)

    found = told()

    assert found[TEAM, "generation.completed"] is None
    assert found[OWN, "generation.completed"]["prompt"] == SECRET_WORDS


def test_ended_and_shared_name_no_picture_that_was_taken_out_meanwhile(told, bob, model):
    row = ended(bob, model)
    kept, taken = row.images.get(), make_image(bob, model, generation=row, shared=False)
    sharing.share_image(image=taken, person=bob, shared=True)
    sharing.share_image(image=taken, person=bob, shared=False)

    found = told()

    assert [each["id"] for each in found[TEAM, "generation.completed"]["images"]] == [str(kept.pk)]
    assert str(taken.pk) not in str(found[TEAM, "image.shared"])


def test_deliver_next_drops_what_has_become_private(hooks, send, bob, model):
    row = ended(bob, model)
    sharing.share_generation(generation=row, person=bob, shared=False)

    bodies_sent = send()

    assert [body["data"].get("person") for body in bodies_sent if body["type"] == "generation.completed"] == [
        None
    ]
    dropped = Delivery.objects.get(webhook=hooks[TEAM], kind="generation.completed")
    assert dropped.state == DeliveryState.DROPPED


def test_ended_of_a_blind_comparison_names_no_model(told, bob, model, other_model):
    comparison = make_comparison(bob, [model, other_model], blind=True, state=State.RECEIVED)
    for row in comparison.generations.all():
        settlement.fail(generation=row, to=State.FAILED, why=Reason("busy", tried=3), facts=AnswerFacts())
        Generation.objects.filter(pk=row.pk).update(cost=7, cost_unit="USD")
        data = told()[OWN, "generation.failed"]

        assert (data["model"], data["cost"]) == (None, None)
        assert model.relay.name not in json.dumps(data)


def test_ended_with_nobody_listening_costs_no_statement(bob, model):
    row = make_generation(bob, model)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        events.ended(generation=row, to=State.DONE, why=Reason("refused"), count=1)

    assert len(asked) == 0


def test_ended_puts_the_kinds_that_were_chosen_and_no_others(told, hooks, bob, model):
    edit.change(webhook=hooks[OWN], person=bob, url=hooks[OWN].url, kinds=[WebhookKind.FAILED])

    ended(bob, model)

    assert {whose for whose, _ in told()} == {TEAM}


def test_held_tells_the_team_which_card_it_is_and_nothing_of_the_run(told, bob, model):
    row = make_generation(bob, model, text=SECRET_WORDS, shared=False)
    case = Case.objects.open_for(CaseKind.HELD, row)

    events.held(generation=row, case=case)

    found = told()
    assert found[OWN, "generation.held"]["id"] == str(row.pk)
    assert set(found[TEAM, "generation.held"]) == {"case", "page"}
    assert str(row.pk) not in json.dumps(found[TEAM, "generation.held"])


def test_share_generation_tells_of_the_pictures_that_the_team_sees_now(told, bob, model):
    image = make_image(bob, model, shared=False)

    sharing.share_generation(generation=image.generation, person=bob, shared=True)
    found = told()
    sharing.share_generation(generation=image.generation, person=bob, shared=False)

    assert [each["id"] for each in found[TEAM, "image.shared"]["images"]] == [str(image.pk)]
    assert "url" not in found[TEAM, "image.shared"]["images"][0]
    assert "url" in found[OWN, "image.shared"]["images"][0]
    assert told() == {}


def test_share_images_tells_of_many_in_few_events(told, bob, model):
    images = [make_image(bob, model, shared=False, content=None) for _ in range(27)]

    sharing.share_images(images=[image.pk for image in images], person=bob, shared=True)

    counts = [len(row.values["images"]) for row in Delivery.objects.filter(webhook__owner=bob)]
    assert sorted(counts) == [2, 25]
    told()


def test_share_image_that_waits_for_its_review_tells_nobody(told, settings, bob, model):
    settings.REVIEW_PICTURES = "everybody"
    image = make_image(bob, model, shared=False)

    sharing.share_image(image=image, person=bob, shared=True)

    assert told() == {}


def test_report_tells_the_team_without_the_words_of_whoever_reports(told, bob, charlie, model):
    image = make_image(bob, model)

    reports.report(
        generation=image.generation, image=image, person=charlie, reason="logo", note="my own words"
    )

    found = told()
    assert list(found) == [(TEAM, "image.reported")]
    assert found[TEAM, "image.reported"]["subject"] == "image"
    assert "my own words" not in json.dumps(list(found.values()))
    assert charlie.name not in json.dumps(list(found.values()))


def test_pause_and_resume_tell_the_team_alone(told, alice, model):
    health.pause(model.relay, why=Reason("key_refused"))
    paused = told()
    relays.resume(relay=model.relay, administrator=alice)
    back = told()

    assert list(paused) == [(TEAM, "relay.paused")]
    assert paused[TEAM, "relay.paused"] == {"relay": model.relay.name, "reason": "key_refused"}
    assert back == {(TEAM, "relay.recovered"): {"relay": model.relay.name}}


def test_warn_tells_a_person_of_their_month_once_at_four_fifths_and_once_at_its_end(told, bob):
    month = budgets.allowance(person=bob)
    Allowance.objects.filter(pk=month.pk).update(cap=10, spent=8)
    running_low.warn()
    running_low.warn()
    low = told()
    Allowance.objects.filter(pk=month.pk).update(spent=10)
    running_low.warn()
    running_low.warn()

    gone = told()

    facts = {"whose": "person", "unit": "images", "period": "month", "cap": 10}
    assert low == {(OWN, "budget.threshold"): facts | {"used": 8}}
    assert gone == {(OWN, "budget.exhausted"): facts | {"used": 10}}


def test_warn_tells_the_team_of_the_budget_of_all(told, alice, bob):
    budget = make_budget(alice, unit=Unit.IMAGES, cap=10, period=Period.DAY)
    Purse.objects.create(budget=budget, start=timezone.localdate(), cap=10, spent=10)

    running_low.warn()

    assert set(told()) == {(TEAM, "budget.threshold"), (TEAM, "budget.exhausted")}
