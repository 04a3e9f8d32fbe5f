"""What is sent: Routeway's schema is closed, so every body is held against its own OpenAPI file."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from studio.relays import DIALECTS, open_relay
from studio.relays.base import Relay
from studio.relays.routeway import RoutewayRelay
from tests.relays.conftest import KEY, draw

OPENAPI = yaml.safe_load((Path(__file__).parent / "data" / "routeway-openapi.yaml").read_text())
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
def openai() -> Relay:
    return open_relay(dialect="openai", base_url="https://api.openai.com/v1", api_key=KEY)


def subsets(names: list[str]) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]


def test_body_every_combination_of_settings_fits_the_schema(relay: Relay) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)

    for asked in subsets(list(VALUES)):
        request = draw(
            n=4, settings={name: VALUES[name] for name in asked} | FOREIGN, accepts=frozenset(VALUES)
        )
        body = relay.body(request)
        validator.validate(body)
        assert body.keys() == asked | {"model", "prompt", "n"}


def test_body_every_set_of_accepted_fields_narrows_the_body(relay: Relay) -> None:
    everything = VALUES | FOREIGN

    for accepts in subsets(list(VALUES)):
        request = draw(settings=everything, accepts=accepts | FOREIGN.keys())
        assert relay.body(request).keys() == accepts | {"model", "prompt", "n"}


def test_body_routeway_knows_every_field_of_the_schema_but_async() -> None:
    assert RoutewayRelay.fields == SCHEMA["properties"].keys() - {"async"}


@pytest.mark.parametrize("value", [None, "", False, True])
def test_body_unset_value_is_left_out(relay: Relay, value: Any) -> None:
    request = draw(settings={"size": value, "seed": 0}, accepts=frozenset(VALUES))

    assert relay.body(request) == {"model": "flux-1-schnell", "prompt": "A garden", "n": 1, "seed": 0}
    assert relay.dropped(request) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_body_response_format_url_is_the_default_and_left_out(dialect: str) -> None:
    relay = open_relay(dialect=dialect, base_url="https://example.com/v1", api_key=KEY)
    request = draw(settings={"response_format": "url"}, accepts=frozenset({"response_format"}))

    assert "response_format" not in relay.body(request)
    assert relay.dropped(request) == []


@pytest.mark.parametrize(
    "model", ["gpt-image-1", "gpt-image-2", "chatgpt-image-latest", "openai/gpt-image-1"]
)
def test_body_gpt_image_never_gets_a_response_format(openai: Relay, model: str) -> None:
    request = draw(
        model=model, settings={"response_format": "b64_json"}, accepts=frozenset({"response_format"})
    )

    assert openai.body(request) == {"model": model, "prompt": "A garden", "n": 1}
    assert openai.dropped(request) == ["response_format"]


def test_body_dall_e_gets_the_response_format_that_was_asked(openai: Relay) -> None:
    settings = {"response_format": "b64_json", "style": "vivid"}
    request = draw(model="dall-e-3", settings=settings, accepts=frozenset(settings))

    assert openai.body(request) == {"model": "dall-e-3", "prompt": "A garden", "n": 1, **settings}


def test_body_settings_never_replace_model_prompt_or_n(relay: Relay) -> None:
    request = draw(settings={"model": "other", "n": 9}, accepts=frozenset({"model", "n"}))

    assert relay.body(request) == {"model": "flux-1-schnell", "prompt": "A garden", "n": 1}


def test_dropped_names_what_dialect_or_model_does_not_take(openai: Relay) -> None:
    settings = {"size": "1024x1024", "seed": 7, "quality": "low", "background": "auto"}
    request = draw(settings=settings, accepts=frozenset({"size", "seed", "quality"}))

    assert openai.dropped(request) == ["seed", "background"]


def test_body_is_json_without_surprises(relay: Relay) -> None:
    body = relay.body(draw(prompt='Ein Garten "früh" 🌸\n'))

    assert json.loads(json.dumps(body))["prompt"] == 'Ein Garten "früh" 🌸\n'
