"""The receipt: requested, sent, applied, revised, dropped, cost, who drew, and what a blind comparison keeps."""

import json
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from studio.models import Comparison, Generation, ImageModel, Relay, RelayRequest, State
from studio.services import receipts
from studio.services.relays import edit
from tests.factories import make_generation, make_image


@pytest.fixture
def stand_in(model) -> ImageModel:
    relay = Relay.objects.create(name="RelayRouter", dialect="relayrouter", base_url="http://127.0.0.1:2/v1")
    return edit.add_model(relay=relay, model_id="router-flux", label="Router Flux", accepts={"size": []})


@pytest.fixture
def drawn(bob, model, stand_in) -> Generation:
    """Two images that a stand-in drew after the relay's key was refused."""
    row = make_generation(
        bob,
        model,
        n=2,
        state=State.DONE,
        settings={"size": "1792x1024", "style": "vivid"},
        via=stand_in,
        trail=[
            {"relay": "Sandbox", "status": 401, "kind": "auth"},
            {"relay": "RelayRouter", "status": 200, "kind": ""},
        ],
    )
    requests = [
        (1, model, [0, 1], 401, {"model": "sandbox-flux", "n": 2}, None, ["style"]),
        (2, stand_in, [0], 200, {"model": "router-flux", "n": 1, "size": "1792x1024"}, "0.039", ["style"]),
        (3, stand_in, [1], 200, {"model": "router-flux", "n": 1, "size": "1792x1024"}, "0.001", []),
    ]
    for attempt, by, slots, status, sent, cost, dropped in requests:
        RelayRequest.objects.create(
            generation=row,
            model=by,
            attempt=attempt,
            slots=slots,
            status=status,
            sent=sent,
            cost=cost and Decimal(cost),
            dropped=dropped,
            trace_id=f"router-trace-{attempt}",
        )
    make_image(bob, model, generation=row, width=1536, height=1024, revised_prompt="A calm lake")
    make_image(bob, model, generation=row, width=1792)
    return row


@pytest.fixture
def blind(bob, drawn) -> Comparison:
    comparison = Comparison.objects.create(
        owner=bob, prompt=drawn.prompt, submission_id=uuid.uuid4(), blind=True
    )
    Generation.objects.filter(pk=drawn.pk).update(comparison=comparison)
    return comparison


def receipt(row: Generation) -> dict:
    return json.loads(json.dumps(receipts.of_generation(Generation.objects.get(pk=row.pk)), default=str))


def test_of_generation_names_who_drew_and_the_way_there(drawn):
    facts = receipt(drawn)

    assert (facts["relay"], facts["model"]) == ("Sandbox", "sandbox-flux")
    assert facts["drawn_by"] == {"relay": "RelayRouter", "model": "router-flux"}
    assert facts["trail"] == drawn.trail
    assert facts["settings"] == {"size": "1792x1024", "style": "vivid"}
    assert facts["cost_usd"] == "0.04"


def test_of_generation_has_each_request_with_what_was_sent(drawn):
    first, second, third = receipt(drawn)["requests"]

    assert (first["relay"], first["model"], first["status"], first["cost_usd"]) == (
        "Sandbox",
        "sandbox-flux",
        401,
        None,
    )
    assert (second["relay"], second["model"], second["cost_usd"]) == ("RelayRouter", "router-flux", "0.039")
    assert second["sent"] == {"model": "router-flux", "n": 1, "size": "1792x1024"}
    assert second["dropped"] == ["style"]
    assert (third["trace_id"], third["slots"]) == ("router-trace-3", [1])  # fmt: skip


def test_of_image_sets_requested_sent_and_applied_side_by_side(drawn):
    first, second = receipt(drawn)["images"]

    assert first["requested"] == {"size": "1792x1024", "style": "vivid"}
    assert first["sent"] == {"n": 1, "size": "1792x1024"}
    assert first["dropped"] == ["style"]
    assert first["applied"] == {"size": "1536x1024", "media_type": "image/png"}
    assert (first["revised_prompt"], second["revised_prompt"]) == ("A calm lake", "")
    assert (second["dropped"], second["applied"]["size"]) == ([], "1792x1024")


def test_of_generation_without_requests_knows_no_cost(bob, model):
    row = make_generation(bob, model, state=State.CANCELLED)

    facts = receipt(row)

    assert (facts["requests"], facts["cost_usd"], facts["drawn_by"]["model"]) == ([], None, "sandbox-flux")


def test_of_generation_in_a_blind_comparison_names_no_model_and_no_relay(drawn, blind, model, stand_in):
    text = json.dumps(receipt(drawn))

    names = [model.model_id, model.label, model.relay.name, stand_in.model_id, stand_in.label, "RelayRouter"]
    assert [name for name in [*names, "router-trace"] if name in text] == []
    told = {"generation", "state", "prompt", "person", "n", "asked_at", "relay", "model", "hidden", "images"}
    assert set(receipt(drawn)) == told
    assert [set(image) for image in receipt(drawn)["images"]] == [{"id", "index", "sha256", "shared"}] * 2


def test_of_generation_after_the_pick_names_them_again(drawn, blind):
    Comparison.objects.filter(pk=blind.pk).update(picked_at=timezone.now())

    assert receipt(drawn)["drawn_by"] == {"relay": "RelayRouter", "model": "router-flux"}


def test_of_generation_asks_the_same_number_of_queries(drawn, bob, model, django_assert_num_queries):
    # row, requests, prompt, person, both models with their relays, images: none for each image or request
    with django_assert_num_queries(9):
        receipts.of_generation(Generation.objects.get(pk=drawn.pk))


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        ("0.040000", "0.04"),
        ("0.039", "0.039"),
        ("1.2", "1.20"),
        ("3", "3.00"),
        ("0.000001", "0.000001"),
        ("0", "0.00"),
    ],
)
def test_dollars_keeps_cents_and_every_digit_that_counts(cost, text):
    assert receipts.dollars(Decimal(cost)) == text
