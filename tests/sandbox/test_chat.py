"""Drawing in a conversation, as OpenRouter and rout.my's chat models do it."""

import io
from base64 import b64decode

import pytest
from django.urls import reverse
from PIL import Image

from studio.sandbox import ledger
from tests.sandbox.conftest import KEY


def test_completions_answers_a_data_url_text_and_cost(say) -> None:
    made = say("chat", image_config={"aspect_ratio": "16:9", "image_size": "1K"})

    message = made.json["choices"][0]["message"]
    (part,) = message["images"]
    head, _, data = part["image_url"]["url"].partition(",")
    assert (part["type"], head) == ("image_url", "data:image/png;base64")
    assert Image.open(io.BytesIO(b64decode(data))).size == (1360, 768)
    assert message["content"].endswith("(sandbox: no AI)")
    assert made.json["usage"]["cost"] == 0.0387
    assert int(made.headers["Content-Length"]) == len(made.content)


def test_completions_model_without_text_answers_a_part_with_a_link(say, client) -> None:
    made = say("chat", model="sandbox/plate", modalities=["image"])

    (part,) = made.json["choices"][0]["message"]["content"]
    assert "images" not in made.json["choices"][0]["message"]
    assert client.get(part["image_url"]["url"]).getvalue()[:4] == b"\x89PNG"


def test_completions_message_in_parts_is_read(say) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "a red rose"}]}]

    assert "rose" in say("chat", messages=messages).json["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"n": 2}, 400),
        ({"size": "1024x1024"}, 400),
        ({"modalities": ["text"]}, 400),
        ({"modalities": "image"}, 400),
        ({"messages": []}, 400),
        ({"messages": [{"role": "user"}]}, 400),
        ({"image_config": {"aspect_ratio": "wide"}}, 400),
        ({"image_config": {"aspect_ratio": "9:1"}}, 400),
        ({"image_config": {"image_size": "8K"}}, 400),
        ({"image_config": {"quality": "high"}}, 400),
        ({"model": "sandbox/words"}, 404),
        ({"model": "sandbox/plate"}, 404),
    ],
)
def test_completions_bad_field_is_refused(say, fields, status) -> None:
    made = say("chat", **fields)

    assert (made.status, made.json["error"]["code"]) == (status, status)


def test_completions_blocked_prompt_is_known_by_its_reasons(say) -> None:
    error = say("chat", "[refuse]").json["error"]

    assert (error["code"], error["metadata"]["reasons"]) == (403, ["sandbox"])


def test_completions_rate_limit_says_in_the_body_when_to_come_back(say) -> None:
    made = say("chat", "[429]")

    assert made.json["error"]["metadata"] == {"retry_after_seconds": 2}
    assert "Retry-After" not in made.headers


def test_completions_empty_answer_is_only_text(say) -> None:
    made = say("chat", "[empty]")

    assert made.json["choices"][0]["message"] == {
        "role": "assistant",
        "content": "I cannot draw this, but I can describe it.",
    }


def test_completions_error_in_disguise_is_a_200(say) -> None:
    made = say("chat", "[200 error]")

    assert (made.status, made.json["error"]["code"]) == (200, 500)


def test_completions_one_extra_answers_two(say) -> None:
    assert len(say("chat", "a lake [one extra]").json["choices"][0]["message"]["images"]) == 2


def test_completions_are_in_the_ledger_one_image_each(say) -> None:
    say("chat")

    (line,) = ledger.read()
    assert (line["dialect"], line["n"], len(line["pictures"])) == ("chat", 1, 1)


def test_completions_at_rout_my_have_its_errors(say) -> None:
    assert say("routmy").json["choices"][0]["message"]["images"]
    assert say("routmy", "[402]").json["error"]["code"] == "Payment Required"


@pytest.mark.parametrize("dialect", ["routeway", "openai", "relayrouter", "generic"])
def test_completions_where_nobody_draws_in_chats_is_404(say, dialect) -> None:
    assert say(dialect).status == 404


def test_generations_at_a_chat_relay_is_404(client) -> None:
    response = client.post(
        reverse("sandbox:generations", args=["chat"]),
        b"{}",
        "application/json",
        headers={"Authorization": f"Bearer {KEY}"},
    )

    assert response.status_code == 404


def test_models_rows_tell_what_comes_out(client) -> None:
    response = client.get(
        reverse("sandbox:models", args=["chat"]), headers={"Authorization": f"Bearer {KEY}"}
    )

    assert {row["id"]: row["architecture"]["output_modalities"] for row in response.json()["data"]} == {
        "sandbox/talking-brush": ["image", "text"],
        "sandbox/plate": ["image"],
        "sandbox/words": ["text"],
    }
