"""The facts beside an image: who drew it, what was asked, sent and got, what it cost."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from studio.cards import receipts
from studio.models import Comparison, Generation, Image, Relay, RelayRequest, State
from studio.services.relays import edit
from tests.factories import make_generation, make_image


def told(image: Image, person) -> dict[str, str]:
    whole = Image.objects.with_receipt_data(person).get(pk=image.pk)
    return {fact["label"]: fact["value"] for fact in receipts.of_image(whole)}


@pytest.fixture
def image(bob, model) -> Image:
    """Drawn by a stand-in, two images in one request."""
    other = Relay.objects.create(name="RelayRouter", dialect="relayrouter", base_url="http://127.0.0.1:2/v1")
    stand_in = edit.add_model(relay=other, model_id="router-flux", label="Router Flux", accepts={"size": []})
    row = make_generation(
        bob,
        model,
        n=2,
        state=State.DONE,
        settings={"aspect_ratio": "16:9", "image_size": "2K", "style": "vivid", "output_format": "webp"},
        via=stand_in,
        trail=[
            {"relay": "Sandbox", "status": None, "kind": "not_sent"},
            {"relay": "RelayRouter", "status": 200, "kind": ""},
        ],
    )
    RelayRequest.objects.create(
        generation=row,
        model=stand_in,
        attempt=1,
        slots=[0, 1],
        sent={
            "model": "router-flux",
            "n": 2,
            "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
            "modalities": ["image", "text"],
            "negative_prompt": "x" * 100,
        },
        dropped=["style", "output_format"],
        cost=Decimal("0.16"),
        trace_id="trace-9",
    )
    return make_image(bob, model, generation=row, width=1792, height=1024, media_type="image/webp")


def test_of_image_tells_who_drew_what_was_sent_and_what_it_cost(image, bob):
    found = told(image, bob)

    assert found["Model"] == "Router Flux, RelayRouter"
    assert found["In place of"] == "Sandbox Flux, Sandbox"
    assert found["Trail"] == "Sandbox not reached → RelayRouter 200"
    assert found["Asked"] == "16:9, 2K, vivid"
    assert found["Sent"] == (
        f"aspect_ratio 16:9, image_size 2K, negative_prompt {'x' * 60}…, modalities image and text, n 2"
    )
    assert found["Got"].startswith("1792×1024 WebP")
    assert found["Format"] == "webp"
    assert found["Left out"] == "style, output_format"
    assert found["Cost"] == "$0.16 for 2 images"
    assert found["Trace"] == "trace-9"


def test_of_image_without_a_stand_in_names_one_model(bob, model):
    found = told(make_image(bob, model), bob)

    assert found["Model"] == "Sandbox Flux, Sandbox"
    assert {"In place of", "Trail", "Sent", "Cost", "Left out", "Trace"} & set(found) == set()


def _asked(image: Image, at: datetime, *, seconds: int) -> None:
    """The first request for the image, which ended after some seconds."""
    times = {"sent_at": at, "ended_at": at + timedelta(seconds=seconds)}
    model = image.generation.model
    RelayRequest.objects.create(generation=image.generation, model=model, attempt=1, slots=[0], **times)


def test_of_image_that_came_before_a_retry_tells_its_own_time(bob, model):
    image = make_image(bob, model)
    then = timezone.now() - timedelta(days=1)
    _asked(image, then, seconds=5)
    Image.objects.update(saved_at=then + timedelta(seconds=6))
    Generation.objects.update(received_at=timezone.now(), attempts=2)

    assert told(image, bob)["Time"] == "5.0 s, kept after 1.0 s"


def test_of_image_of_the_last_request_tells_when_its_answer_came(bob, model):
    image = make_image(bob, model)
    then = timezone.now() - timedelta(days=1)
    _asked(image, then, seconds=9)
    Image.objects.update(saved_at=then + timedelta(seconds=7))
    Generation.objects.update(received_at=then + timedelta(seconds=5), attempts=1)

    assert told(image, bob)["Time"] == "5.0 s, kept after 2.0 s"


def test_of_image_in_a_blind_comparison_names_no_model_and_no_relay(image, bob):
    blind = Comparison.objects.create(
        owner=bob, prompt=image.generation.prompt, submission_id=uuid.uuid4(), blind=True
    )
    Generation.objects.filter(pk=image.generation_id).update(comparison=blind)

    found = told(image, bob)

    sha256 = f"{image.sha256[:4]}…{image.sha256[-4:]}"
    assert found == {"Model": "hidden until one is picked", "SHA-256": sha256}


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"model": "m", "n": 1, "size": "1024x1024", "quality": "hd", "response_format": "b64_json"}, None),
        ({"model": "m", "n": 1, "image_config": {"size": "1024x1024"}, "quality": "hd"}, None),
        ({"model": "m", "n": 1, "size": "1024x1024"}, "size 1024×1024, n 1"),
        ({"model": "m", "size": "1536x1024", "quality": "hd"}, "size 1536×1024, quality hd"),
    ],
)
def test_sent_is_told_only_where_it_is_not_what_was_asked(bob, model, sent, says):
    settings = {"size": "1024x1024", "quality": "hd"}
    row = make_generation(bob, model, state=State.DONE, settings=settings)
    RelayRequest.objects.create(generation=row, model=model, attempt=1, slots=[0], sent=sent)

    found = told(make_image(bob, model, generation=row), bob)

    assert (found["Asked"], found.get("Sent")) == ("1024×1024, hd", says)


@pytest.mark.parametrize(
    ("trail", "words"),
    [
        ([], ""),
        (
            [{"relay": "Routeway", "status": 401, "kind": "auth"}, {"relay": "RelayRouter", "status": 200}],
            "Routeway 401 → RelayRouter 200",
        ),
        ([{"relay": "Routeway", "status": None, "kind": "out_of_funds"}], "Routeway balance used up"),
    ],
)
def test_trail_words_say_the_way(trail, words):
    assert receipts.trail_words(trail) == words
