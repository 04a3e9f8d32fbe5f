"""The raw answer as administrators see it: readable, without payloads, keys or control characters."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.relays.dialects.base import RelayClient
from tests.relays.conftest import KEY, peak_kib

Save = Callable[..., Path]


def test_raw_payloads_keep_their_beginning_and_tell_their_length(relay: RelayClient, save: Save) -> None:
    long = base64.b64encode(bytes(range(256)) * 400).decode()
    spool = save({"created": 1, "data": [{"b64_json": long}, {"url": f"data:image/png;base64,{long}"}]})

    note = f"{long[:64]}…{len(long) - 64:,} more characters…"
    assert relay.raw(spool) == (
        f'{{"created": 1, "data": [{{"b64_json": "{note}"}}, {{"url": "data:image/png;base64,{note}"}}]}}'
    )


def test_raw_escaped_base64_is_elided_too(relay: RelayClient, save: Save) -> None:
    assert relay.raw(save(b'{"b64_json": "' + rb"AAAA\/BBBB\n" * 100 + b'"}')) == (
        '{"b64_json": "' + (rb"AAAA\/BBBB\n" * 6)[:64].decode() + '…1,136 more characters…"}'
    )


@pytest.mark.parametrize("key", [KEY, "Zq9opaque/opaque/77", "sk-someone-elses-key-1234"])
def test_raw_keys_are_masked_wherever_they_stand(relay: RelayClient, save: Save, key: str) -> None:
    relay.api_key = key if "else" not in key else KEY
    body = {"a": f"Bad key {key}.", "b": f"https://x.example/{key}/p", "c": "Bearer abcdefghijkl"}

    for raw in (json.dumps(body), json.dumps(body).replace("/", r"\/")):
        text = relay.raw(save(raw.encode()))
        assert key not in text.replace("\\", "")
        assert "abcdefghijkl" not in text


def test_raw_key_at_the_cut_is_masked_before_it_is_cut(relay: RelayClient, save: Save) -> None:
    for start in range(960, 1030):
        text = relay.raw(save(b" ." * (start // 2) + KEY.encode() + b" ." * 9000), limit=1024)
        assert KEY[:8] not in text
        assert len(text.encode()) <= 1024


def test_raw_control_characters_go_and_lines_stay(relay: RelayClient, save: Save) -> None:
    body = "<p>\x1b[31mred\x00\u202e\r\n\tnext\x7f</p>".encode() + b"\xff"

    assert relay.raw(save(body)) == "<p>[31mred\n\tnext</p>�"


def test_raw_addresses_lose_their_queries(relay: RelayClient, save: Save) -> None:
    spool = save(b'{"url": "https://cdn.example/a.png?X-Sig=abc&e=1", "u": "https:\\/\\/b.example\\/c?k=v"}')

    assert relay.raw(spool) == r'{"url": "https://cdn.example/a.png?…", "u": "https:\/\/b.example\/c?…"}'


@pytest.mark.parametrize("word", [b"http://a", rb"http:\/\/a"])
def test_raw_addresses_without_an_end_are_cleaned_in_no_time(
    relay: RelayClient, save: Save, word: bytes
) -> None:
    spool = save(word * (70_000 // len(word)), status=400)
    start = time.thread_time()

    relay.raw(spool)

    assert time.thread_time() - start < 0.5


def test_raw_long_text_is_cut_at_the_limit(relay: RelayClient, save: Save) -> None:
    assert len(relay.raw(save("é .".encode() * 100_000)).encode()) in range(65_530, 65_537)


def test_raw_many_payloads_are_cut_at_the_limit(relay: RelayClient, save: Save) -> None:
    assert len(relay.raw(save((b"A" * 300 + b'", "') * 10_000)).encode()) <= 65_536


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]\n{}"])
def test_raw_bad_spool_is_empty(relay: RelayClient, spool: Path, content: bytes) -> None:
    spool.write_bytes(content)

    assert relay.raw(spool) == ""


def test_raw_words_just_too_short_to_be_base64_cost_little(relay: RelayClient, save: Save) -> None:
    spool = save((b"A" * 255 + b" ") * 200_000)
    before = peak_kib(reset=True)

    text = relay.raw(spool)

    assert text.startswith("A" * 255 + " A")
    assert peak_kib() - before < 24 * 1024
