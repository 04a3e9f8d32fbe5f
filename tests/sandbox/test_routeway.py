"""The dialect routeway against its published schema."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.urls import reverse

from tests.sandbox.conftest import KEY

DOCUMENT = Path(__file__).parents[1] / "relays" / "data" / "routeway-openapi.yaml"


def schema(name: str) -> dict:
    """Return one schema of Routeway's OpenAPI document, complete in itself."""
    components = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))["components"]
    return {"$ref": f"#/components/schemas/{name}", "components": components}


BODIES = [
    {"model": "m"},
    {"prompt": "p"},
    {"model": "m", "prompt": "p", "user": "u"},
    {"model": "m", "prompt": "p", "style": "vivid"},
    {"model": "m", "prompt": "p", "stream": False},
    {"model": "m", "prompt": 5},
    {"model": None, "prompt": "p"},
    {"model": "m", "prompt": "p", "n": "2"},
    {"model": "m", "prompt": "p", "n": True},
    {"model": "m", "prompt": "p", "n": 1.5},
    {"model": "m", "prompt": "p", "n": 2.0},
    {"model": "m", "prompt": "p", "n": None},
    {"model": "m", "prompt": "p", "seed": 4, "steps": 20, "guidance": 3.5},
    {"model": "m", "prompt": "p", "guidance": "3"},
    {"model": "m", "prompt": "p", "size": 1024},
    {"model": "m", "prompt": "p", "response_format": None},
    {"model": "m", "prompt": "p", "response_format": "png"},
    {"model": "m", "prompt": "p", "response_format": "b64_json"},
    {"model": "m", "prompt": "p", "async": None},
    {"model": "m", "prompt": "p", "async": False},
    {"model": "m", "prompt": "p", "negative_prompt": None, "quality": None},
    ["model", "prompt"],
]


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_generations_body_is_422_exactly_when_the_schema_forbids_it(ask, body) -> None:
    allowed = jsonschema.Draft202012Validator(schema("ImageGenerationRequest")).is_valid(body)

    status = ask("routeway", raw=json.dumps(body).encode()).status

    assert (status != 422) == allowed


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 5000])
def test_generations_not_json_is_422(ask, raw) -> None:
    assert ask("routeway", raw=raw).status == 422


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"model": "gone"}, 404, "model"),
        ({"prompt": "  "}, 400, "prompt"),
        ({"n": 0}, 400, "n"),
        ({"n": 11}, 400, "n"),
        ({"size": "1x1"}, 400, "size"),
        ({"quality": "ultra"}, 400, "quality"),
        ({"negative_prompt": "sun"}, 400, "negative_prompt"),
        ({"async": True}, 400, "async"),
        ({"colour": "red"}, 422, "colour"),
    ],
)
def test_generations_bad_value_names_the_field(ask, fields, status, param) -> None:
    made = ask("routeway", **fields)

    assert (made.status, made.json["error"]["param"]) == (status, param)
    assert made.json["error"]["status_code"] == status
    jsonschema.validate(made.json, schema("ErrorResponse"))


def test_generations_wrong_key_is_401_with_a_trace_id(ask) -> None:
    made = ask("routeway", key="wrong")

    assert made.status == 401
    assert len(made.json["error"]["id"]) >= 12
    jsonschema.validate(made.json, schema("ErrorResponse"))


def test_generations_answers_links_as_the_schema_says(ask) -> None:
    made = ask("routeway", n=2)

    jsonschema.validate(made.json, schema("ImageGenerationResponse"))
    assert [row["url"].startswith("http://testserver/") for row in made.json["data"]] == [True, True]
    assert "no AI" in made.json["data"][0]["revised_prompt"]


def test_generations_b64_json_answers_png(ask) -> None:
    (row,) = ask("routeway", response_format="b64_json").json["data"]

    assert row["b64_json"].startswith("iVBORw0KGgo")
    assert "url" not in row


def test_generations_same_seed_paints_the_same(ask) -> None:
    fields = {"model": "sandbox-flux", "size": "1024x1024", "seed": 7, "response_format": "b64_json"}

    first, second = (ask("routeway", **fields).json["data"] for _ in range(2))

    assert first == second


def test_generations_n_pictures_are_variations(ask) -> None:
    fields = {"model": "sandbox-flux", "size": "1024x1024", "response_format": "b64_json"}

    both = ask("routeway", seed=7, n=2, **fields).json["data"]
    next_seed = ask("routeway", seed=8, **fields).json["data"]

    assert both[0] != both[1]
    assert both[1] == next_seed[0]


def test_models_rows_say_what_they_take(client) -> None:
    response = client.get(
        reverse("sandbox:models", args=["routeway"]), headers={"Authorization": f"Bearer {KEY}"}
    )

    rows = {row["id"]: row for row in response.json()["data"]}
    assert list(rows) == ["sandbox-flux", "sandbox-sketch:free", "sandbox-words", "sandbox-retired"]
    assert rows["sandbox-flux"]["endpoints"] == ["/v1/images/generations"]
    assert rows["sandbox-flux"]["supported_sizes"] == ["1024x1024", "1792x1024", "1024x1792"]
    assert {"negative_prompt", "seed", "quality"} <= set(rows["sandbox-flux"]["supported_parameters"])


def test_models_without_a_key_is_401(client) -> None:
    assert client.get(reverse("sandbox:models", args=["routeway"])).status_code == 401
