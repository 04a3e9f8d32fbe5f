"""The dialects routmy, relayrouter and generic: what their pages list, and not a field more."""

import io
from base64 import b64decode

import pytest
from django.urls import reverse
from PIL import Image

from tests.sandbox.conftest import KEY

SMALL = ("routmy", "relayrouter", "generic")


def rows(client, dialect: str) -> dict[str, dict]:
    response = client.get(
        reverse("sandbox:models", args=[dialect]), headers={"Authorization": f"Bearer {KEY}"}
    )
    return {row["id"]: row for row in response.json()["data"]}


@pytest.mark.parametrize(
    ("dialect", "fields", "status"),
    [
        ("routmy", {"response_format": "url"}, 400),
        ("routmy", {"seed": 7}, 400),
        ("routmy", {"aspect_ratio": "16:9"}, 400),
        ("routmy", {"image_config": "16:9"}, 400),
        ("routmy", {"image_config": {"seed": 7}}, 400),
        ("routmy", {"image_config": {"image_size": "3K"}}, 400),
        ("routmy", {"quality": "hd"}, 400),
        ("routmy", {"model": "sandbox/talking-brush"}, 404),
        ("routmy", {"model": "sandbox/retired"}, 404),
        ("relayrouter", {"quality": "hd"}, 400),
        ("relayrouter", {"response_format": "url"}, 400),
        ("relayrouter", {"image_config": {}}, 400),
        ("relayrouter", {"size": "9000x9000"}, 400),
        ("relayrouter", {"model": "sandbox-words"}, 404),
        ("generic", {"style": "vivid"}, 400),
        ("generic", {"model": "sandbox-lino", "seed": 7}, 400),
        *[(dialect, {"n": 0}, 400) for dialect in SMALL],
        *[(dialect, {"n": "2"}, 400) for dialect in SMALL],
        *[(dialect, {"prompt": " "}, 400) for dialect in SMALL],
        *[(dialect, {"prompt": None}, 400) for dialect in SMALL],
        *[(dialect, {"model": "gone"}, 404) for dialect in SMALL],
    ],
)
def test_generations_what_is_not_documented_is_refused(ask, dialect, fields, status) -> None:
    assert ask(dialect, **fields).status == status


@pytest.mark.parametrize("dialect", SMALL)
@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff"])
def test_generations_not_an_object_is_400(ask, dialect, raw) -> None:
    assert ask(dialect, raw=raw).status == 400


@pytest.mark.parametrize(
    ("config", "size"),
    [
        ({}, (1024, 1024)),
        ({"aspect_ratio": "16:9"}, (1360, 768)),
        ({"aspect_ratio": "4:5", "image_size": "1K"}, (912, 1152)),
        ({"image_size": "2K"}, (2048, 2048)),
    ],
)
def test_generations_routmy_image_config_decides_the_size(ask, client, config, size) -> None:
    made = ask("routmy", image_config=config, user="someone")

    (row,) = made.json["data"]
    assert (set(made.json), set(row)) == ({"created", "data"}, {"url", "revised_prompt"})
    assert Image.open(io.BytesIO(client.get(row["url"]).getvalue())).size == size


def test_generations_routmy_pro_takes_quality_and_style(ask) -> None:
    assert ask("routmy", model="sandbox/canvas-pro", quality="hd", style="vivid").status == 200
    assert ask("routmy", model="sandbox/canvas-pro", quality="best").status == 400


def test_generations_relayrouter_answers_links_and_nothing_else(ask) -> None:
    made = ask("relayrouter", n=2)

    assert [set(made.json), *(set(row) for row in made.json["data"])] == [{"data"}, {"url"}, {"url"}]


def test_generations_generic_fills_every_key(ask) -> None:
    linked, inline = ask("generic").json["data"][0], ask("generic", model="sandbox-lino").json["data"][0]

    assert (linked["b64_json"], inline["url"], inline["revised_prompt"]) == (None, None, None)
    assert linked["url"].startswith("http://")
    assert b64decode(inline["b64_json"])[:4] == b"\x89PNG"


def test_generations_generic_takes_what_its_model_does(ask) -> None:
    fields = {"seed": 7, "negative_prompt": "sun", "response_format": "b64_json"}

    first, second = (ask("generic", **fields).json["data"] for _ in range(2))

    assert first == second


@pytest.mark.parametrize(
    ("dialect", "error"),
    [
        (
            "routmy",
            {"message": "Insufficient balance.", "type": "insufficient_quota", "code": "Payment Required"},
        ),
        ("relayrouter", "Insufficient balance."),
        ("generic", {"message": "Insufficient balance.", "type": None, "param": None, "code": "402"}),
    ],
)
def test_generations_errors_have_the_shape_of_their_relay(ask, dialect, error) -> None:
    made = ask(dialect, prompt="[402]")

    assert (made.status, made.json["error"]) == (402, error)


@pytest.mark.parametrize("dialect", SMALL)
@pytest.mark.parametrize(
    ("word", "status"),
    [("401", 401), ("429", 429), ("500", 500), ("502", 502), ("503", 503), ("504", 504), ("refuse", 400)],
)
def test_generations_error_word_answers_its_status(ask, dialect, word, status) -> None:
    assert ask(dialect, prompt=f"[{word}]").status == status


def test_models_routmy_rows_mark_no_image_model(client) -> None:
    found = rows(client, "routmy")

    keys = {"id", "object", "created", "owned_by", "token_multiplier", "is_available"}
    assert [set(row) for row in found.values()] == [keys] * 5
    assert found["sandbox/canvas-pro"]["token_multiplier"] == 1.5
    assert [name for name, row in found.items() if not row["is_available"]] == ["sandbox/retired"]


def test_models_relayrouter_rows_are_new_apis(client) -> None:
    types = {name: row["supported_endpoint_types"] for name, row in rows(client, "relayrouter").items()}

    assert types == {
        "gpt-image-sandbox": ["image-generation"],
        "sandbox-poster": ["image-generation"],
        "sandbox-words": ["openai"],
    }


def test_models_generic_rows_tell_by_mode_by_type_or_not_at_all(client) -> None:
    marks = {name: (row.get("mode"), row.get("type")) for name, row in rows(client, "generic").items()}

    assert marks == {
        "sandbox-litho": ("image_generation", None),
        "sandbox-lino": (None, "image"),
        "sandbox-mystery": (None, None),
        "sandbox-words": ("chat", None),
    }
