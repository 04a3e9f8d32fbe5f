"""The dialect openai as gpt-image models speak it."""

import io
from base64 import b64decode

import pytest
from django.urls import reverse
from PIL import Image

from tests.sandbox.conftest import KEY


@pytest.mark.parametrize(
    ("fields", "status", "param", "code"),
    [
        ({"response_format": "url"}, 400, "response_format", "unknown_parameter"),
        ({"style": "vivid"}, 400, "style", "unknown_parameter"),
        ({"model": "dall-e-9"}, 404, None, "model_not_found"),
        ({"prompt": None}, 400, "prompt", "missing_required_parameter"),
        ({"prompt": ["a"]}, 400, "prompt", "invalid_type"),
        ({"prompt": "x" * 32_001}, 400, "prompt", "string_above_max_length"),
        ({"n": "2"}, 400, "n", "invalid_type"),
        ({"n": 0}, 400, "n", "integer_below_min_value"),
        ({"n": 11}, 400, "n", "integer_above_max_value"),
        ({"size": "1792x1024"}, 400, "size", "invalid_value"),
        ({"size": 1024}, 400, "size", "invalid_type"),
        ({"quality": "hd"}, 400, "quality", "invalid_value"),
        ({"background": "transparent"}, 400, "background", "invalid_value"),
    ],
)
def test_generations_bad_field_is_refused_as_openai_does(ask, fields, status, param, code) -> None:
    made = ask("openai", **fields)

    error = made.json["error"]
    assert (made.status, error["param"], error["code"]) == (status, param, code)
    assert set(error) == {"message", "type", "param", "code"}
    assert made.headers["x-request-id"]


def test_generations_wrong_key_echoes_only_its_end(ask) -> None:
    made = ask("openai", key="sk-very-secret-key")

    assert (made.status, made.json["error"]["code"]) == (401, "invalid_api_key")
    assert "secret" not in made.json["error"]["message"]


def test_generations_answers_base64_and_usage(ask) -> None:
    made = ask("openai", n=2, quality="low", size="1536x1024")

    pictures = [Image.open(io.BytesIO(b64decode(row["b64_json"]))) for row in made.json["data"]]
    assert [(picture.format, picture.size) for picture in pictures] == [("PNG", (1536, 1024))] * 2
    assert made.json["usage"]["output_tokens"] == 2 * 400
    assert [set(row) for row in made.json["data"]] == [{"b64_json"}] * 2
    assert int(made.headers["Content-Length"]) == len(made.content)


@pytest.mark.parametrize("format", ["jpeg", "webp"])
def test_generations_output_format_is_obeyed(ask, format) -> None:
    made = ask("openai", output_format=format, quality="low")

    (row,) = made.json["data"]
    assert Image.open(io.BytesIO(b64decode(row["b64_json"]))).format == format.upper()


def test_generations_not_json_is_400(ask) -> None:
    assert ask("openai", raw=b"prompt=a+lake").status == 400


def test_models_rows_carry_no_modality(client) -> None:
    response = client.get(
        reverse("sandbox:models", args=["openai"]), headers={"Authorization": f"Bearer {KEY}"}
    )

    rows = response.json()["data"]
    assert [row["id"] for row in rows] == ["gpt-image-sandbox", "gpt-image-2-sandbox", "sandbox-words"]
    assert [set(row) for row in rows] == [{"id", "object", "created", "owned_by"}] * 3


@pytest.mark.parametrize(
    ("size", "status"),
    [("640x320", 200), ("640x321", 400), ("3840x16", 400), ("4096x1024", 400), ("big", 400), ("WxH", 400)],
)
def test_generations_free_size_is_taken_by_the_rules(ask, size, status) -> None:
    made = ask("openai", model="gpt-image-2-sandbox", quality="low", size=size)

    assert made.status == status
    if status == 200:
        assert Image.open(io.BytesIO(b64decode(made.json["data"][0]["b64_json"]))).size == (640, 320)
    else:
        assert (made.json["error"]["param"], made.json["error"]["code"]) == ("size", "invalid_value")
