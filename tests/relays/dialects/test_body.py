"""What is sent: Routeway's schema is closed, so every body is held against its own OpenAPI file."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from studio.relays import open_relay
from studio.relays.dialects.base import RelayClient
from studio.relays.dialects.routeway import RoutewayClient
from tests.relays.chaos import Chaos, answers_json
from tests.relays.conftest import KEY, draw, near

OPENAPI = yaml.safe_load((Path(__file__).parents[1] / "data" / "routeway-openapi.yaml").read_text())
SCHEMA = OPENAPI["components"]["schemas"]["ImageGenerationRequest"]
VALUES: dict[str, Any] = {
    "size": "1792x1024",
    "quality": "hd",
    "response_format": "b64_json",
    "steps": 4,
    "seed": 0,
    "negative_prompt": "text",
    "guidance": 3.5,
}
FOREIGN: dict[str, Any] = {
    "user": "bob",
    "style": "vivid",
    "background": "transparent",
    "stream": False,
    "async": True,
    "image_config": "16:9",
}


@pytest.fixture
def openai() -> RelayClient:
    return open_relay(dialect="openai", base_url="https://api.openai.com/v1", api_key=KEY)


def subsets(names: list[str]) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]


def test_body_every_combination_of_settings_fits_the_schema(relay: RelayClient) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)

    for asked in subsets(list(VALUES)):
        request = draw(
            n=4, settings={name: VALUES[name] for name in asked} | FOREIGN, accepts=frozenset(VALUES)
        )
        body = relay.body(request)
        validator.validate(body)
        assert body.keys() == asked | {"model", "prompt", "n"}


def test_body_every_set_of_accepted_fields_narrows_the_body(relay: RelayClient) -> None:
    everything = VALUES | FOREIGN

    for accepts in subsets(list(VALUES)):
        request = draw(settings=everything, accepts=accepts | FOREIGN.keys())
        assert relay.body(request).keys() == accepts | {"model", "prompt", "n"}


def test_body_routeway_knows_every_field_of_the_schema_but_async() -> None:
    assert RoutewayClient.fields == SCHEMA["properties"].keys() - {"async"}


@pytest.mark.parametrize("value", [None, "", False, True])
def test_body_unset_value_is_left_out(relay: RelayClient, value: Any) -> None:
    request = draw(settings={"size": value, "seed": 0}, accepts=frozenset(VALUES))

    assert relay.body(request) == {"model": "flux-1-schnell", "prompt": "A garden", "n": 1, "seed": 0}
    assert relay.dropped(request) == []


@pytest.mark.parametrize("dialect", ["routeway", "openai", "generic"])
def test_body_response_format_url_is_the_default_and_left_out(dialect: str) -> None:
    relay = open_relay(dialect=dialect, base_url="https://example.com/v1", api_key=KEY)
    request = draw(settings={"response_format": "url"}, accepts=frozenset({"response_format"}))

    assert "response_format" not in relay.body(request)
    assert relay.dropped(request) == []


@pytest.mark.parametrize(
    "model", ["gpt-image-1", "gpt-image-2", "chatgpt-image-latest", "openai/gpt-image-1"]
)
def test_body_gpt_image_never_gets_a_response_format(openai: RelayClient, model: str) -> None:
    request = draw(
        model=model, settings={"response_format": "b64_json"}, accepts=frozenset({"response_format"})
    )

    assert openai.body(request) == {"model": model, "prompt": "A garden", "n": 1}
    assert openai.dropped(request) == ["response_format"]


def test_body_dall_e_gets_the_response_format_that_was_asked(openai: RelayClient) -> None:
    settings = {"response_format": "b64_json", "style": "vivid"}
    request = draw(model="dall-e-3", settings=settings, accepts=frozenset(settings))

    assert openai.body(request) == {"model": "dall-e-3", "prompt": "A garden", "n": 1, **settings}


def test_body_settings_never_replace_model_prompt_or_n(relay: RelayClient) -> None:
    request = draw(settings={"model": "other", "n": 9}, accepts=frozenset({"model", "n"}))

    assert relay.body(request) == {"model": "flux-1-schnell", "prompt": "A garden", "n": 1}


def test_dropped_names_what_dialect_or_model_does_not_take(openai: RelayClient) -> None:
    settings = {"size": "1024x1024", "seed": 7, "quality": "low", "background": "auto"}
    request = draw(settings=settings, accepts=frozenset({"size", "seed", "quality"}))

    assert openai.dropped(request) == ["seed", "background"]


ON_THE_WIRE: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a FLUX model at Routeway": (
        "routeway",
        {
            "model": "flux-1-schnell",
            "n": 4,
            "settings": {
                "size": "1792x1024",
                "negative_prompt": "text",
                "seed": 0,
                "steps": 4,
                "guidance": 3.5,
            },
        },
        {
            "model": "flux-1-schnell",
            "prompt": "A garden",
            "n": 4,
            "size": "1792x1024",
            "negative_prompt": "text",
            "seed": 0,
            "steps": 4,
            "guidance": 3.5,
        },
    ),
    "a gpt-image model at OpenAI": (
        "openai",
        {
            "model": "gpt-image-2",
            "n": 2,
            "settings": {
                "size": "1280x720",
                "quality": "high",
                "background": "opaque",
                "output_format": "webp",
                "output_compression": 80,
                "moderation": "low",
                "response_format": "b64_json",
            },
        },
        {
            "model": "gpt-image-2",
            "prompt": "A garden",
            "n": 2,
            "size": "1280x720",
            "quality": "high",
            "background": "opaque",
            "output_format": "webp",
            "output_compression": 80,
            "moderation": "low",
        },
    ),
    "a model at rout.my": (
        "routmy",
        {
            "model": "provider/image-model-id",
            "n": 3,
            "settings": {"aspect_ratio": "16:9", "image_size": "2K", "style": "vivid"},
        },
        {
            "model": "provider/image-model-id",
            "prompt": "A garden",
            "n": 3,
            "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
            "style": "vivid",
        },
    ),
    "a model at rout.my without settings": (
        "routmy",
        {"model": "provider/image-model-id", "settings": {"aspect_ratio": "", "image_size": None}},
        {"model": "provider/image-model-id", "prompt": "A garden", "n": 1},
    ),
    "a model at RelayRouter": (
        "relayrouter",
        {"model": "gpt-image-1", "settings": {"size": "1024x1024", "quality": "high", "seed": 7}},
        {"model": "gpt-image-1", "prompt": "A garden", "n": 1, "size": "1024x1024"},
    ),
    "a model behind LiteLLM": (
        "generic",
        {"model": "sd", "settings": {"size": "512x512", "quality": "hd", "seed": 7}},
        {"model": "sd", "prompt": "A garden", "n": 1, "size": "512x512", "quality": "hd", "seed": 7},
    ),
    "a chat model": (
        "chat",
        {
            "model": "google/nano",
            "settings": {"aspect_ratio": "16:9", "image_size": "2K", "size": "1024x1024", "seed": 7},
        },
        {
            "model": "google/nano",
            "messages": [{"role": "user", "content": "A garden"}],
            "modalities": ["image", "text"],
            "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
        },
    ),
    "a chat model that only draws": (
        "chat",
        {"model": "bfl/flux", "settings": {}, "accepts": frozenset({"aspect_ratio", "image_only"})},
        {
            "model": "bfl/flux",
            "messages": [{"role": "user", "content": "A garden"}],
            "modalities": ["image"],
        },
    ),
}


@pytest.mark.parametrize("case", ON_THE_WIRE)
def test_body_on_the_wire_is_literally_this(spool: Path, case: str) -> None:
    dialect, asked, body = ON_THE_WIRE[case]
    request = draw(**{"accepts": frozenset(asked["settings"]), **asked})

    with Chaos(answers_json(200, {})) as chaos:
        relay = near(chaos, dialect)
        relay.send(request, spool=spool, before_send=lambda: None)

    head, _, sent = chaos.requests[0].partition(b"\r\n\r\n")
    path = "chat/completions" if dialect == "chat" else "images/generations"
    assert head.startswith(f"POST /v1/{path} HTTP/1.1\r\n".encode())
    assert json.loads(sent) == body
    assert relay.sent(request) == {k: v for k, v in body.items() if k not in ("prompt", "messages")}
    if dialect == "routeway":
        jsonschema.Draft202012Validator(SCHEMA).validate(body)


@pytest.mark.parametrize(
    ("dialect", "dropped"),
    [
        ("routeway", ["aspect_ratio", "style", "user"]),
        ("routmy", ["seed", "negative_prompt", "response_format", "user"]),
        ("relayrouter", ["aspect_ratio", "style", "seed", "negative_prompt", "response_format", "user"]),
        ("openai", ["aspect_ratio", "seed", "negative_prompt", "user"]),
        ("chat", ["size", "style", "seed", "negative_prompt", "response_format", "user"]),
        ("generic", ["user"]),
    ],
)
def test_dropped_says_what_a_dialect_has_no_field_for(dialect: str, dropped: list[str]) -> None:
    asked = {
        "size": "1024x1024",
        "aspect_ratio": "1:1",
        "style": "vivid",
        "seed": 7,
        "negative_prompt": "text",
        "response_format": "b64_json",
        "user": "bob",
    }
    relay = open_relay(dialect=dialect, base_url="https://example.com/v1", api_key=KEY)

    assert relay.dropped(draw(settings=asked, accepts=frozenset(asked))) == dropped


def test_body_generic_sends_only_what_was_ticked() -> None:
    relay = open_relay(dialect="generic", base_url="https://example.com/v1", api_key=KEY)
    request = draw(settings={"seed": 7, "style": "vivid"}, accepts=frozenset({"seed"}))

    assert relay.sent(request) == {"model": "flux-1-schnell", "n": 1, "seed": 7}
    assert relay.dropped(request) == ["style"]


def test_body_is_json_without_surprises(relay: RelayClient) -> None:
    body = relay.body(draw(prompt='Ein Garten "früh" 🌸\n'))

    assert json.loads(json.dumps(body))["prompt"] == 'Ein Garten "früh" 🌸\n'
