"""Answers as they come: 200 is not success, and no body may break the reader."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.relays.dialects.base import Kind, RelayClient, RelayError
from tests.relays.conftest import KEY, draw, peak_kib

Save = Callable[..., Path]
SMALL = base64.b64encode(b"picture").decode()


def failure(relay: RelayClient, spool: Path, **changes: Any) -> RelayError:
    with pytest.raises(RelayError) as caught:
        relay.read(draw(**changes), spool=spool)
    return caught.value


def test_read_mixed_answer_keeps_positions_and_prefers_base64(relay: RelayClient, save: Save) -> None:
    spool = save(
        {
            "created": 1,
            "data": [
                {"url": "https://a.example/1.png", "b64_json": None, "revised_prompt": "One\nline \u0007two"},
                {"url": None, "b64_json": None},
                {"url": "https://a.example/3.png", "b64_json": SMALL, "revised_prompt": None},
                "nonsense",
                {"b64_json": "", "url": ""},
                {"url": " https://a.example/6.png "},
            ],
        }
    )

    pictures = relay.read(draw(n=4), spool=spool)

    assert [(one.index, one.url, bool(one.payload), one.revised_prompt) for one in pictures] == [
        (0, "https://a.example/1.png", False, "One\nline two"),
        (2, None, True, ""),
        (5, "https://a.example/6.png", False, ""),
    ]


def test_read_payload_place_holds_the_text(relay: RelayClient, save: Save) -> None:
    spool = save({"data": [{"b64_json": SMALL}]})

    ((offset, length),) = [picture.payload for picture in relay.read(draw(), spool=spool) if picture.payload]

    assert spool.read_bytes()[offset : offset + length].decode() == SMALL


def test_read_more_pictures_than_asked_gives_all_payloads_but_n_plus_two_urls(
    relay: RelayClient, save: Save
) -> None:
    items: list[Any] = [{"url": f"https://a.example/{number}"} for number in range(10)] + [
        {"b64_json": SMALL}
    ] * 3

    pictures = relay.read(draw(n=2), spool=save({"data": items}))

    assert [picture.index for picture in pictures] == [0, 1, 2, 3, 10, 11, 12]


def test_read_fewer_pictures_than_asked_gives_what_came(relay: RelayClient, save: Save) -> None:
    assert len(relay.read(draw(n=4), spool=save({"data": [{"b64_json": SMALL}] * 2}))) == 2


@pytest.mark.parametrize("data", [[], [{}], [{"url": None, "b64_json": None}], ["x", 3, None], None, [[]]])
def test_row_10_read_answer_without_pictures_is_blocked_as_empty(
    relay: RelayClient, save: Save, data: Any
) -> None:
    error = failure(relay, save({"created": 1, "data": data}, headers={"x-request-id": "r-1"}))

    assert (error.kind, error.code, error.message) == (Kind.BLOCKED, "empty", "returned no image")
    assert (error.status, error.trace_id) == (200, "r-1")


def test_read_pictures_beside_an_error_are_kept(relay: RelayClient, save: Save) -> None:
    spool = save({"error": {"message": "one of two failed"}, "data": [{"b64_json": SMALL}]})

    assert len(relay.read(draw(n=2), spool=spool)) == 1


NASTY: dict[str, bytes] = {
    "html": b"<!DOCTYPE html><title>Bad gateway</title>",
    "text": b"OK",
    "empty": b"",
    "truncated": b'{"data": [{"b64_json": "AAAA',
    "truncated_after_payload": b'{"data": [{"b64_json": "AAAA"}',
    "list": b'[{"b64_json": "AAAA"}]',
    "string": b'"hello"',
    "number": b"7",
    "nan": b'{"created": NaN, "data": [{"b64_json": "AAAA"}]}',
    "infinity": b'{"created": -Infinity, "data": [{"b64_json": "AAAA"}]}',
    "deep_lists": b"[" * 100_000 + b"]" * 100_000,
    "deep_objects": b'{"data":' * 100_000 + b"1" + b"}" * 100_000,
    "deep_in_data": b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "long_number": b'{"created": ' + b"9" * 5_000 + b', "data": [{"b64_json": "AAAA"}]}',
    "duplicate_keys": b'{"data": [], "data": [{"b64_json": "AAAA"}]}',
    "many_strings": b'{"data": [' + b'"",' * 400_000 + b'""]}',
    "much_space": b'{"data": ' + b" " * 2_000_000 + b"[]}",
    "many_escaped_quotes": b'{"data": "' + b'\\"' * 300_000 + b'"}',
    "sse": b'event: error\ndata: {"type": "response.completed"}\n\n',
    "sse_cut": b'event: response.failed\ndata: {"type": "response.failed", "resp',
    "utf16": '{"data": [{"b64_json": "AAAA"}]}'.encode("utf-16"),
    "no_data": b'{"created": 1}',
    "data_is_text": b'{"data": "soon"}',
    "data_is_object": b'{"data": {"task_id": "1"}}',
    "nul": b"\x00" * 1000,
}


@pytest.mark.parametrize("name", NASTY)
def test_row_15_read_unusable_200_is_a_bad_answer(relay: RelayClient, save: Save, name: str) -> None:
    error = failure(relay, save(NASTY[name]))

    assert (error.kind, error.status) == (Kind.BAD_ANSWER, 200)
    assert error.code
    assert len(error.message.encode()) <= 2048


@pytest.mark.parametrize(
    ("event", "kind", "code", "message"),
    [
        (
            {
                "type": "response.failed",
                "response": {"error": {"code": "moderation_blocked", "message": "No."}},
            },
            Kind.BLOCKED,
            "moderation_blocked",
            "No.",
        ),
        ({"type": "error", "error": {"message": "Rejected by our content policy"}}, Kind.BLOCKED, "", None),
        ({"type": "error", "error": {"status": 401, "message": "Who?"}}, Kind.AUTH, "", "Who?"),
        (
            {"type": "response.failed", "response": {"error": {"code": "server_error"}}},
            Kind.BLOCKED,
            "empty",
            "",
        ),
        ({"type": "response.failed", "response": None}, Kind.BLOCKED, "empty", ""),
        ({"type": "error", "error": "\ud800"}, Kind.BLOCKED, "empty", ""),
    ],
)
def test_row_19_read_stream_that_failed_is_judged_by_its_last_event(
    relay: RelayClient, save: Save, event: dict[str, Any], kind: Kind, code: str, message: str | None
) -> None:
    first = {"type": "response.created", "response": {"instructions": "moderation_blocked? " * 9000}}
    text = "".join(f"event: x\ndata: {json.dumps(each)}\n\n" for each in (first, event)) + "data: [DONE]\n\n"

    error = failure(relay, save(text.encode()))

    assert (error.kind, error.code) == (kind, code)
    assert message is None or error.message == message


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize(("status", "kind"), [(400, Kind.INVALID), (401, Kind.AUTH), (504, Kind.UNKNOWN)])
def test_read_unusable_error_body_is_judged_by_its_status(
    relay: RelayClient, save: Save, name: str, status: int, kind: Kind
) -> None:
    assert failure(relay, save(NASTY[name], status)).kind == kind


def test_read_bad_spool_is_a_bad_answer(relay: RelayClient, spool: Path) -> None:
    for content in (b"", b"\n", b"{}", b"nonsense\n{}", b"[]\n{}", b"x" * 300_000):
        spool.write_bytes(content)
        assert failure(relay, spool).kind == Kind.BAD_ANSWER


def test_read_lenient_json_is_still_read(relay: RelayClient, save: Save) -> None:
    for body in (
        b'\xef\xbb\xbf{"data": [{"b64_json": "AAAA"}]}',
        b'{"data": [{"b64_json" \n : \t "AAAA", "revised_prompt": "caf\xe9 \x01 \\ud800"}]}',
        b'\r\n\r\n{"data": [{"b64_json": "AAAA"}]}\n\n',
        b'{"data": [{"\\u0062": "\\\\", "b64_json": "AAAA", "x": "\\\\\\""}]}',
    ):
        assert len(relay.read(draw(), spool=save(body))) == 1


def test_read_long_strings_anywhere_are_not_loaded(relay: RelayClient, save: Save) -> None:
    long = "é" * 100_000
    spool = save({"note": long, long: 1, "data": [{"b64_json": SMALL, "revised_prompt": long}]})

    (picture,) = relay.read(draw(), spool=spool)

    assert set(picture.revised_prompt) == {"é"}
    assert 1_000 < len(picture.revised_prompt) <= 32_000


def test_read_forged_stand_in_is_only_text(relay: RelayClient, save: Save) -> None:
    spool = save({"data": [{"b64_json": SMALL, "revised_prompt": "0" * 24 + ":0"}]})

    assert relay.read(draw(), spool=spool)[0].revised_prompt == "0" * 24 + ":0"


def test_read_backslashes_before_a_quote_are_counted(relay: RelayClient, save: Save) -> None:
    for count in (1, 2, 63, 64, 65, 300, 5_000, 70_000):
        item = {"revised_prompt": "\\" * count + '"', "b64_json": SMALL}
        (picture,) = relay.read(draw(), spool=save({"data": [item]}))
        assert picture.payload


def test_read_hundred_megabytes_needs_little_memory(relay: RelayClient, spool: Path) -> None:
    head = b'{"status": 200, "headers": {}}\n{"data": [{"b64_json": "'
    with spool.open("wb") as file:
        file.write(head)
        for _ in range(100):
            file.write(b"A" * 1024 * 1024)
        file.write(b'"}]}')
    before = peak_kib(reset=True)

    (picture,) = relay.read(draw(), spool=spool)

    assert picture.payload == (len(head), 100 * 1024 * 1024)
    assert peak_kib() - before < 24 * 1024


def test_read_error_message_is_masked_cleaned_and_cut(relay: RelayClient, save: Save) -> None:
    message = f"\x1b[31mBad key {KEY} or sk-proj-abcdefghijklmnop\x00\r\n" + "é" * 1_000_000

    error = failure(relay, save({"error": {"message": message, "type": "x", "code": 401}}, 401))

    assert error.message.startswith("[31mBad key sk-…wxyz or sk-…mnop é")
    assert KEY not in repr(error) + str(error) + error.message
    assert 2000 < len(error.message.encode()) <= 2048


def test_read_error_html_is_kept_as_text_without_the_key(relay: RelayClient, save: Save) -> None:
    error = failure(relay, save(f"<h1>401</h1>\n<p>{KEY}</p>".encode(), 401))

    assert (error.kind, error.message) == (Kind.AUTH, "<h1>401</h1> <p>sk-…wxyz</p>")


def test_read_bad_answer_tells_the_reason_and_the_beginning(relay: RelayClient, save: Save) -> None:
    error = failure(relay, save(f"<p>{KEY}".encode()))

    assert error.code == "unreadable"
    assert error.message.startswith("Expecting value")
    assert error.message.endswith(": <p>sk-…wxyz")


def test_read_json_without_headers_or_ids_still_has_a_class(relay: RelayClient, save: Save) -> None:
    error = failure(relay, save(json.dumps({"error": "nope"}).encode(), 500))

    assert (error.kind, error.message, error.trace_id, error.retry_after) == (
        Kind.TRANSIENT,
        "nope",
        "",
        None,
    )
