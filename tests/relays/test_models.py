"""Model lists, in the shapes relays give them."""

from typing import Any

import pytest

from studio.relays import open_relay
from studio.relays.base import Kind, ModelInfo, RelayError
from tests.relays.chaos import Behaviour, Chaos, answers, answers_json, drips, hangs, reply
from tests.relays.conftest import KEY, near


def listed(rows: Any, dialect: str) -> list[ModelInfo]:
    with Chaos(answers_json(200, {"object": "list", "data": rows})) as chaos:
        found = near(chaos, dialect).models()
    assert chaos.requests[0].startswith(b"GET /v1/models HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}".encode() in chaos.requests[0]
    return found


def test_models_routeway_rows_tell_images_sizes_and_parameters() -> None:
    rows: list[Any] = [
        {
            "id": "flux-1-schnell",
            "name": "FLUX.1 schnell",
            "available": True,
            "endpoints": ["/v1/images/generations"],
            "supported_sizes": ["1024x1024", "1792x1024"],
            "supported_parameters": ["seed", "steps"],
            "pricing": {},
        },
        {"id": "gpt-5:free", "endpoints": ["/v1/chat/completions"], "supported_sizes": None},
        {"id": "gone", "available": False, "endpoints": ["/v1/images/generations"]},
        {"id": "mystery", "name": "  "},
    ]

    assert listed(rows, "routeway") == [
        ModelInfo(
            id="flux-1-schnell",
            label="FLUX.1 schnell",
            is_image=True,
            sizes=["1024x1024", "1792x1024"],
            parameters=["seed", "steps"],
        ),
        ModelInfo(id="gpt-5:free", label="gpt-5:free", is_image=False),
        ModelInfo(id="mystery", label="mystery", is_image=None),
    ]


def test_models_openai_rows_are_known_by_name_or_endpoint() -> None:
    rows: list[Any] = [
        {"id": "gpt-image-2", "object": "model", "created": 1, "owned_by": "openai"},
        {"id": "chatgpt-image-latest"},
        {"id": "dall-e-3"},
        {"id": "openai/gpt-image-1"},
        {"id": "flux", "supported_endpoint_types": ["image-generation"]},
        {"id": "gpt-5", "supported_endpoint_types": ["openai"]},
        {"id": "mystery"},
    ]

    found = listed(rows, "openai")

    assert [model.is_image for model in found] == [True, True, True, True, True, False, None]


def test_model_at_openai_itself_is_no_image_model_unless_its_name_says_so() -> None:
    relay = open_relay(dialect="openai", base_url="https://api.openai.com/v1", api_key=KEY)

    assert relay.model({"id": "gpt-5"}).is_image is False
    assert relay.model({"id": "gpt-image-1"}).is_image is True


def test_models_nonsense_rows_are_left_out() -> None:
    rows: list[Any] = [
        None,
        3,
        "x",
        [],
        {},
        {"id": None},
        {"id": 7},
        {"id": ""},
        {"id": "ok", "name": 3, "endpoints": {"a": 1}},
    ]

    assert listed(rows, "routeway") == [ModelInfo(id="ok", label="ok", is_image=False)]


BROKEN: dict[str, tuple[Behaviour, Kind]] = {
    "key": (answers_json(401, {"error": {"message": "bad key"}}), Kind.AUTH),
    "server": (answers(reply(500, b"<html>")), Kind.TRANSIENT),
    "html": (answers(reply(200, b"<html>")), Kind.BAD_ANSWER),
    "list": (answers(reply(200, b"[]")), Kind.BAD_ANSWER),
    "deep": (answers(reply(200, b"[" * 100_000)), Kind.BAD_ANSWER),
    "no_data": (answers(reply(200, b"{}")), Kind.BAD_ANSWER),
    "endless": (drips(reply(200, b"", length=10**9), b" " * 1_000_000, 0.0), Kind.BAD_ANSWER),
    "silent": (hangs, Kind.UNKNOWN),
}


@pytest.mark.parametrize("name", BROKEN)
def test_models_broken_answer_is_a_relay_error(name: str) -> None:
    behaviour, kind = BROKEN[name]

    with Chaos(behaviour) as chaos, pytest.raises(RelayError) as caught:
        near(chaos).models(deadline=0.4)

    assert caught.value.kind == kind
