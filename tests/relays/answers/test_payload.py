"""Base64 as relays really write it."""

import base64
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.relays.answers.payload import decode
from studio.relays.dialects.base import Picture, PictureError, RelayClient
from tests.relays.conftest import draw

Save = Callable[..., Path]
RAW = random.Random(7).randbytes(50_000) + b"\xfb\xff\xfe" * 100
TEXT = base64.b64encode(RAW).decode()


def wrapped(text: str, ending: str) -> str:
    return ending.join(text[at : at + 76] for at in range(0, len(text), 76)) + ending


VARIANTS: dict[str, str] = {
    "plain": TEXT,
    "prefix": f"data:image/png;base64,{TEXT}",
    "prefix_upper": f"DATA:image/png;charset=utf-8;BASE64,{TEXT}",
    "newlines": wrapped(TEXT, "\n"),
    "crlf": wrapped(TEXT, "\r\n"),
    "spaces": wrapped(TEXT, " \t"),
    "url_safe": base64.urlsafe_b64encode(RAW).decode(),
    "unpadded": TEXT.rstrip("="),
    "padding_apart": TEXT.rstrip("=") + "\n" + "=" * (len(TEXT) - len(TEXT.rstrip("="))),
    "everything": wrapped(base64.urlsafe_b64encode(RAW).decode().rstrip("="), "\r\n"),
}


def plain_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def escaped_slashes(value: Any) -> bytes:
    """As PHP writes it."""
    return json.dumps(value).replace("/", "\\/").encode()


def escaped_signs(value: Any) -> bytes:
    """As .NET writes it."""
    return json.dumps(value).replace("+", "\\u002B").replace("=", "\\u003d").replace("/", "\\u002f").encode()


def collected(relay: RelayClient, spool: Path) -> bytes:
    pictures = relay.read(draw(), spool=spool)
    assert [(picture.url, bool(picture.payload)) for picture in pictures] == [(None, True)]
    relay.collect(pictures[0], spool=spool, into=spool.with_suffix(".png"))
    return spool.with_suffix(".png").read_bytes()


@pytest.mark.parametrize("escape", [plain_json, escaped_slashes, escaped_signs])
@pytest.mark.parametrize("variant", VARIANTS)
def test_collect_variant_of_base64_gives_the_bytes(
    relay: RelayClient, save: Save, variant: str, escape: Callable[[Any], bytes]
) -> None:
    spool = save(escape({"data": [{"b64_json": VARIANTS[variant]}]}))

    assert collected(relay, spool) == RAW


@pytest.mark.parametrize("size", [1, 2, 3, 48, 191, 192, 193, 49_150, 49_152, 70_000])
def test_collect_payload_of_any_size_gives_the_bytes(relay: RelayClient, save: Save, size: int) -> None:
    raw = random.Random(size).randbytes(size)
    spool = save({"data": [{"b64_json": base64.b64encode(raw).decode()}]})

    assert collected(relay, spool) == raw


def test_collect_data_url_under_url_gives_the_bytes(relay: RelayClient, save: Save) -> None:
    spool = save(escaped_slashes({"data": [{"url": f"data:image/png;base64,{TEXT}", "b64_json": None}]}))

    assert collected(relay, spool) == RAW


def test_decode_cut_anywhere_in_escapes_and_padding_gives_the_bytes(tmp_path: Path) -> None:
    dice = random.Random(1)
    for step in range(520, 560):
        raw = dice.randbytes(dice.randrange(900, 4000))
        text = escaped_signs(wrapped(base64.b64encode(raw).decode(), "\n")).strip(b'"')
        (tmp_path / "spool").write_bytes(b"....." + text + b'"')

        decode(tmp_path / "spool", place=(5, len(text)), into=tmp_path / "png", step=step)

        assert (tmp_path / "png").read_bytes() == raw


@pytest.mark.parametrize(
    "text",
    [
        "AAAAA",
        "AAAA=AAA",
        "AA==AA==",
        "AAA===",
        "AA=A",
        "AAAA!!!!",
        "A*A*A*A*",
        "=",
        "====",
        "AAA*",
        "AAA\u00e9",
        "AAAA\\AAA",
        'AAAA"AAA',
        "AAAA\u0000AAA",
        "data:image/png,AAAA",
        "data:image/svg+xml;utf8,AAAA",
        "data:" + "x" * 300,
        "  \n ",
        "https://example.com/a.png",
    ],
)
def test_collect_unclean_base64_is_unusable_and_leaves_no_file(
    relay: RelayClient, save: Save, text: str
) -> None:
    spool = save({"data": [{"b64_json": text}]})
    (picture,) = relay.read(draw(), spool=spool)

    with pytest.raises(PictureError) as caught:
        relay.collect(picture, spool=spool, into=spool.with_suffix(".png"))

    assert caught.value.state == "unusable"
    assert not spool.with_suffix(".png").exists()


def test_collect_padding_then_more_in_a_later_chunk_is_unusable(tmp_path: Path) -> None:
    text = b"A" * 599 + b"=" + b"A" * 4000
    (tmp_path / "spool").write_bytes(text)

    with pytest.raises(PictureError):
        decode(tmp_path / "spool", place=(0, len(text)), into=tmp_path / "png", step=600)


def test_collect_payload_over_the_limit_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"A" * 8_000)

    with pytest.raises(PictureError) as caught:
        decode(tmp_path / "spool", place=(0, 8_000), into=tmp_path / "png", limit=5_999)

    assert caught.value.state == "too_large"
    assert not (tmp_path / "png").exists()


def test_decode_place_beyond_the_file_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"AAAA")

    with pytest.raises(PictureError):
        decode(tmp_path / "spool", place=(0, 5_000), into=tmp_path / "png")


def test_collect_picture_without_anything_is_unusable(relay: RelayClient, spool: Path) -> None:
    with pytest.raises(PictureError):
        relay.collect(Picture(index=0), spool=spool, into=spool)


def test_decode_two_megabytes_takes_milliseconds(tmp_path: Path) -> None:
    text = base64.b64encode(random.Random(2).randbytes(1_575_000))
    (tmp_path / "spool").write_bytes(text)
    times = []

    for _ in range(5):
        start = time.perf_counter()
        decode(tmp_path / "spool", place=(0, len(text)), into=tmp_path / "png")
        times.append(time.perf_counter() - start)

    assert min(times) < 0.05  # 5 ms on a quiet machine; the margin is for a busy one
