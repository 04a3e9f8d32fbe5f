"""Pictures through chat: where they stand in the answer, and what an answer without one means."""

import base64
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio.relays import open_relay
from studio.relays.dialects.base import Kind, RelayClient, RelayError
from tests.relays.chaos import Chaos, answers_json
from tests.relays.conftest import KEY, draw, hurried, near, peak_kib

Save = Callable[..., Path]


def data_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


PIXEL = data_url(b"\x89PNG picture")


@pytest.fixture
def chat() -> RelayClient:
    return hurried(open_relay(dialect="chat", base_url="https://openrouter.ai/api/v1", api_key=KEY))


def part(url: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def said(content: Any = None, **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content} | more
    return {"id": "gen-1", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}


def failure(relay: RelayClient, spool: Path) -> RelayError:
    with pytest.raises(RelayError) as caught:
        relay.read(draw(), spool=spool)
    return caught.value


def test_read_images_beside_the_text(chat: RelayClient, save: Save) -> None:
    spool = save(said("A lake\nat dawn \u0007.", images=[part(PIXEL), part("https://a.example/2.png")]))

    pictures = chat.read(draw(), spool=spool)

    assert [(one.index, one.url, bool(one.payload), one.revised_prompt) for one in pictures] == [
        (0, None, True, "A lake\nat dawn ."),
        (1, "https://a.example/2.png", False, "A lake\nat dawn ."),
    ]


def test_read_parts_of_the_content(chat: RelayClient, save: Save) -> None:
    content = [
        {"type": "text", "text": "One"},
        part("https://a.example/1.png"),
        {"type": "text", "text": "two"},
        part(PIXEL),
        "nonsense",
        {"type": "image_url"},
        {"type": "image_url", "image_url": 7},
    ]

    pictures = chat.read(draw(), spool=save(said(content)))

    assert [(one.url, bool(one.payload), one.revised_prompt) for one in pictures] == [
        ("https://a.example/1.png", False, "One\ntwo"),
        (None, True, "One\ntwo"),
    ]


@pytest.mark.parametrize("url", [PIXEL, "https://a.example/1.png"])
def test_read_address_without_an_object_around_it(chat: RelayClient, save: Save, url: str) -> None:
    (picture,) = chat.read(draw(), spool=save(said(images=[{"type": "image_url", "image_url": url}])))

    assert bool(picture.payload) is (url == PIXEL)
    assert picture.url == (None if url == PIXEL else url)


def test_read_same_picture_in_both_places_counts_once(chat: RelayClient, save: Save) -> None:
    assert len(chat.read(draw(), spool=save(said([part(PIXEL)], images=[part(PIXEL)])))) == 1


def test_read_every_choice_is_looked_at(chat: RelayClient, save: Save) -> None:
    body = {"choices": [*said("none")["choices"], *said("some", images=[part(PIXEL)])["choices"], None, 3]}

    (picture,) = chat.read(draw(), spool=save(body))

    assert picture.revised_prompt == "some"


def test_read_more_addresses_than_n_plus_two_are_left_out(chat: RelayClient, save: Save) -> None:
    images = [part(f"https://a.example/{number}") for number in range(9)] + [part(PIXEL)]

    pictures = chat.read(draw(n=1), spool=save(said(images=images)))

    assert [picture.index for picture in pictures] == [0, 1, 2, 9]


FAR = "https://a.example/1.png?x=1&y=(2)"
MARKDOWN = {
    "data": (f"Here it is:\n\n![image]({PIXEL})", [PIXEL], "Here it is:"),
    "https": (f'![A "cat"]({FAR}) done', [FAR], "done"),
    "title": (f'![a]({PIXEL} "A lake") ![b](<http://a.example/2> "B")', [PIXEL, "http://a.example/2"], ""),
    "both": (f"a ![]({PIXEL}) b ![]({FAR}) c ![]({PIXEL})", [PIXEL, FAR, PIXEL], "a  b  c"),
    "lines": (f"![image](\n{PIXEL[:40]}\n{PIXEL[40:]}\n)", [PIXEL], ""),
}


@pytest.mark.parametrize("escape", ["json", "slashes", "ascii"])
@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("name", MARKDOWN)
def test_read_markdown_in_the_text_is_a_picture(
    chat: RelayClient, save: Save, tmp_path: Path, name: str, in_parts: bool, escape: str
) -> None:
    content, wanted, words = MARKDOWN[name]
    raw = json.dumps(said([{"type": "text", "text": content}] if in_parts else content))
    raw = {"json": raw, "slashes": raw.replace("/", "\\/"), "ascii": raw.replace("&", "\\u0026")}[escape]

    spool = save(raw.encode())
    pictures = chat.read(draw(n=5), spool=spool)

    found = []
    for each in pictures:
        if each.payload:
            chat.collect(each, spool=spool, into=tmp_path / "picture")
        found.append(each.url or data_url((tmp_path / "picture").read_bytes()))
    assert found == wanted
    assert {each.revised_prompt for each in pictures} == {words}


@pytest.mark.parametrize(
    "content",
    [
        "![image](/files/1.png)",
        "![image](cat.png)",
        "[link](https://a.example/1)",
        "![](https://",
        "![](data:",
    ],
)
def test_read_markdown_that_shows_no_picture_is_an_answer_without_one(
    chat: RelayClient, save: Save, content: str
) -> None:
    error = failure(chat, save(said(content)))

    assert (error.kind, error.code, error.message) == (Kind.BLOCKED, "empty", content)


def test_read_markdown_beside_the_same_picture_counts_once(chat: RelayClient, save: Save) -> None:
    spool = save(said(f"![image]({PIXEL})", images=[part(PIXEL)]))

    [picture] = chat.read(draw(), spool=spool)

    assert picture.revised_prompt == ""


def test_collect_data_url_is_decoded(chat: RelayClient, save: Save, tmp_path: Path) -> None:
    spool = save(said(images=[part(PIXEL)]))
    (picture,) = chat.read(draw(), spool=spool)

    chat.collect(picture, spool=spool, into=tmp_path / "picture")

    assert (tmp_path / "picture").read_bytes() == b"\x89PNG picture"


@pytest.mark.parametrize(
    ("start", "end"),
    [(b'"images": [{"image_url": {"url": "', b'"}}]'), (b'"content": "![image](', b') A lake."')],
)
def test_read_large_data_url_needs_little_memory(
    chat: RelayClient, spool: Path, start: bytes, end: bytes
) -> None:
    start = b'{"status": 200, "headers": {}}\n{"choices": [{"message": {' + start
    with spool.open("wb") as file:
        file.write(start + b"data:image/png;base64,")
        for _ in range(50):
            file.write(b"A" * 1024 * 1024)
        file.write(end + b'}}], "usage": {"cost": 0.5}}')
    before = peak_kib(reset=True)

    (picture,) = chat.read(draw(), spool=spool)
    cost, text = chat.used(spool).cost, chat.raw(spool)

    assert picture.payload == (len(start), 50 * 1024 * 1024 + 22)
    assert (cost, "…52,428,736 more characters…" in text) == (Decimal("0.5"), True)
    assert peak_kib() - before < 24 * 1024


SILENT: dict[str, tuple[dict[str, Any], str]] = {
    "text": (said("I cannot draw people."), "I cannot draw people."),
    "parts": (said([{"type": "text", "text": "No."}]), "No."),
    "refusal": (said(None, refusal="I will not."), "I will not."),
    "nothing": (said(None), "returned no image"),
    "no_choices": ({"choices": []}, "returned no image"),
    "nonsense": ({"choices": [None, 3, {"message": "x"}]}, "returned no image"),
}


@pytest.mark.parametrize("name", SILENT)
def test_read_answer_without_pictures_is_blocked_with_what_was_said(
    chat: RelayClient, save: Save, name: str
) -> None:
    body, message = SILENT[name]

    error = failure(chat, save(body))

    assert (error.kind, error.code, error.message) == (Kind.BLOCKED, "empty", message)


ERRORS: dict[str, tuple[int, dict[str, Any], Kind]] = {
    "flagged": (
        403,
        {"code": 403, "message": "Flagged", "metadata": {"reasons": ["violence", "self-harm"]}},
        Kind.BLOCKED,
    ),
    "no_credit": (402, {"code": 402, "message": "Insufficient credits"}, Kind.OUT_OF_FUNDS),
    "forbidden": (403, {"code": 403, "message": "Not in your plan", "metadata": {}}, Kind.NOT_OPEN),
    "busy": (
        429,
        {"code": 429, "message": "Slow down", "metadata": {"retry_after_seconds": 7}},
        Kind.RATE_LIMITED,
    ),
    "down": (502, {"code": 502, "message": "Your chosen model is down"}, Kind.UNKNOWN),
    "inside_200": (200, {"code": 403, "message": "x", "metadata": {"reasons": ["nsfw"]}}, Kind.BLOCKED),
    "credit_inside_200": (200, {"code": 402, "message": "Insufficient credits"}, Kind.OUT_OF_FUNDS),
    "failed_inside_200": (200, {"code": 502, "message": "Provider disconnected"}, Kind.BAD_ANSWER),
}


@pytest.mark.parametrize("name", ERRORS)
def test_read_error_is_classified_by_what_it_says(chat: RelayClient, save: Save, name: str) -> None:
    status, error, kind = ERRORS[name]

    found = failure(chat, save({"error": error, "user_id": "u"}, status))

    assert (found.kind, found.code) == (kind, str(error["code"]))
    assert found.retry_after == (7 if name == "busy" else None)


def test_read_reasons_stand_behind_the_sentence(chat: RelayClient, save: Save) -> None:
    error = {"code": 403, "message": "Your input was flagged", "metadata": {"reasons": ["violence", "hate"]}}

    assert failure(chat, save({"error": error}, 403)).message == "Your input was flagged (violence, hate)"


def test_read_error_of_a_choice_is_an_error(chat: RelayClient, save: Save) -> None:
    error = {"code": 402, "message": "Out of credits", "metadata": {"provider_name": "x"}}

    found = failure(chat, save({"choices": [{"finish_reason": "error", "error": error, "message": {}}]}))

    assert (found.kind, found.message) == (Kind.OUT_OF_FUNDS, "Out of credits")


@pytest.mark.parametrize("body", [{"data": [{"url": "https://a.example/1"}]}, {"choices": "soon"}, {}])
def test_read_what_is_no_chat_completion_is_a_bad_answer(chat: RelayClient, save: Save, body: Any) -> None:
    assert failure(chat, save(body)).kind == Kind.BAD_ANSWER


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({"cost": 0.0387231}, Decimal("0.038723")),
        ({"cost": "0.04"}, Decimal("0.040000")),
        ({"cost": 1}, Decimal("1.000000")),
        ({"cost": 0}, Decimal("0.000000")),
        *[({"cost": cost}, None) for cost in (None, True, -1, "free", [], 1e300, "9" * 5000, "NaN")],
        ({}, None),
        (None, None),
        ("x", None),
    ],
)
def test_cost_is_what_usage_states(chat: RelayClient, save: Save, usage: Any, cost: Decimal | None) -> None:
    assert chat.used(save(said("x") | {"usage": usage})).cost == cost


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"usage": {"cost": 1}'])
def test_cost_of_what_cannot_be_read_is_none(chat: RelayClient, save: Save, body: bytes) -> None:
    assert chat.used(save(body)).cost is None


def test_send_goes_to_chat_completions(spool: Path) -> None:
    with Chaos(answers_json(200, said("x", images=[part(PIXEL)]))) as chaos:
        relay = near(chaos, "chat")
        relay.send(draw(), spool=spool, before_send=lambda: None)

    assert chaos.requests[0].startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert len(relay.read(draw(), spool=spool)) == 1
