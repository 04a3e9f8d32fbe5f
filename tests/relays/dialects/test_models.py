"""Model lists, in the shapes relays give them."""

from decimal import Decimal
from typing import Any

import pytest

from studio.relays import open_relay
from studio.relays.dialects.base import Kind, ModelInfo, RelayError
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


def test_models_routmy_rows_mark_nothing_and_state_a_multiplier() -> None:
    row = {"object": "model", "created": 1, "owned_by": "x"}
    rows: list[Any] = [
        {"id": "google/nano", **row, "token_multiplier": 1.5, "is_available": True},
        {"id": "openai/gpt-image-1", **row, "token_multiplier": "2", "type": "image"},
        {"id": "x/gone", **row, "token_multiplier": 1, "is_available": False},
        {"id": "x/odd", **row, "token_multiplier": {"a": 1}},
    ]

    assert listed(rows, "routmy") == [
        ModelInfo(id="google/nano", label="google/nano", is_image=None, multiplier=Decimal("1.5000")),
        ModelInfo(
            id="openai/gpt-image-1", label="openai/gpt-image-1", is_image=None, multiplier=Decimal("2.0000")
        ),
        ModelInfo(id="x/odd", label="x/odd", is_image=None),
    ]


def test_models_chat_rows_are_asked_for_and_known_by_what_comes_out() -> None:
    rows = [
        {"id": "google/nano", "name": "Nano", "architecture": {"output_modalities": ["image", "text"]}},
        {"id": "bfl/flux", "name": "Flux", "architecture": {"output_modalities": ["image"]}},
        {"id": "top/level", "output_modalities": ["text", "image"]},
        {"id": "x/words", "architecture": {"output_modalities": ["text"], "modality": "text->image"}},
        {"id": "x/mystery", "architecture": "unknown"},
    ]
    with Chaos(answers_json(200, {"data": rows})) as chaos:
        found = near(chaos, "chat").models()

    assert chaos.requests[0].startswith(b"GET /v1/models?output_modalities=image HTTP/1.1\r\n")
    assert [(model.id, model.is_image, model.image_only) for model in found] == [
        ("google/nano", True, False),
        ("bfl/flux", True, True),
        ("top/level", True, False),
        ("x/words", False, False),
        ("x/mystery", None, False),
    ]


ROWS: list[tuple[dict[str, Any], bool | None, bool]] = [
    ({"mode": "image_generation"}, True, False),
    ({"mode": "chat"}, False, False),
    ({"model_info": {"mode": "image_generation"}}, True, False),
    ({"mode": 3}, None, False),
    ({"type": "image"}, True, False),
    ({"type": "language"}, False, False),
    ({"type": "model"}, None, False),
    ({"type": ["image"]}, None, False),
    ({"supported_endpoint_types": ["image-generation", "openai"]}, True, False),
    ({"supported_endpoint_types": ["openai"]}, False, False),
    ({"supported_endpoint_types": []}, None, False),
    ({"endpoints": ["/v1/images/generations"]}, True, False),
    ({"output_modalities": ["image"]}, True, False),
    ({"output_modalities": ["image", "text"]}, True, True),
    ({"output_modalities": ["image"], "endpoints": ["/v1/chat/completions"]}, True, True),
    ({"output_modalities": ["image", "text"], "endpoints": ["/v1/images/generations"]}, True, False),
    ({"output_modalities": ["text"], "mode": "image_generation"}, True, False),
    ({"architecture": {"output_modalities": ["text"]}}, False, False),
    ({}, None, False),
]


@pytest.mark.parametrize("dialect", ["relayrouter", "generic"])
@pytest.mark.parametrize(("row", "is_image", "by_chat"), ROWS, ids=str)
def test_models_every_known_mark_is_read(
    dialect: str, row: dict[str, Any], is_image: bool | None, by_chat: bool
) -> None:
    (found,) = listed([{"id": "m", **row}], dialect)

    assert (found.is_image, found.by_chat) == (is_image, by_chat)


@pytest.mark.parametrize("dialect", ["relayrouter", "generic", "routeway"])
def test_models_row_without_marks_is_known_by_its_name(dialect: str) -> None:
    found = listed([{"id": "openai/gpt-image-1"}, {"id": "dall-e-3"}, {"id": "gpt-5"}], dialect)

    assert [model.is_image for model in found] == [True, True, None]


@pytest.mark.parametrize(
    ("stated", "multiplier"),
    [
        (1, Decimal("1.0000")),
        (0.33333, Decimal("0.3333")),
        *[(odd, None) for odd in (None, True, -1, "x", [], 10**7, 1e400, "1" * 50, "Infinity")],
    ],
)
def test_multiplier_is_a_sane_number_or_nothing(stated: Any, multiplier: Decimal | None) -> None:
    relay = open_relay(dialect="routmy", base_url="https://api.rout.my/v1", api_key=KEY)

    assert relay.model({"id": "m", "token_multiplier": stated}).multiplier == multiplier


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
