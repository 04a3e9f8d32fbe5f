"""Base64 text inside a spool, as a file of bytes (RELAYS.md §2.6)."""

import binascii
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pybase64

from studio.relays.shapes import PICTURE_LIMIT, PictureError

CHUNK = 256 * 1024  # as fast as a megabyte, and 200 threads decode at once
PREFIX_LIMIT = 256
_SPACE = b" \r\n\t"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_ESCAPES = [
    (rb"\/", b"/"),
    (rb"\n", b""),
    (rb"\r", b""),
    (rb"\t", b""),
    (rb"\u002b", b"+"),
    (rb"\u002B", b"+"),
    (rb"\u002f", b"/"),
    (rb"\u002F", b"/"),
    (rb"\u003d", b"="),
    (rb"\u003D", b"="),
]


def decode(
    spool: Path, *, place: tuple[int, int], into: Path, limit: int = PICTURE_LIMIT, step: int = CHUNK
) -> None:
    """Write what the base64 text at (offset, length) stands for, a chunk at a time; PictureError if unclean."""
    try:
        with spool.open("rb") as source, into.open("wb") as target:
            size = 0
            for data in _decoded(_chunks(source, place, step)):
                size += len(data)
                if size > limit:
                    raise PictureError("too_large", rule="bytes")
                target.write(data)
            if not size:
                raise PictureError("unusable", rule="empty")
    except BaseException:
        into.unlink(missing_ok=True)
        raise


def _chunks(source: BinaryIO, place: tuple[int, int], step: int) -> Iterator[bytes]:
    """Yield the text behind its data: prefix; no escape sequence is cut in two."""
    offset, length = place
    source.seek(offset)
    head = source.read(min(length, PREFIX_LIMIT))
    left = length - len(head)
    if head[:5].lower() == b"data:":
        prefix, comma, head = head.partition(b",")
        if not comma or not prefix.lower().endswith(b";base64"):
            raise PictureError("unusable", rule="data_url")
    carry = head
    while left > 0:
        more = source.read(min(left, step - len(carry)))
        if not more:
            raise PictureError("unusable", rule="base64")
        left -= len(more)
        chunk = carry + more
        cut = chunk.rfind(b"\\", -6) if left > 0 else -1
        chunk, carry = (chunk[:cut], chunk[cut:]) if cut >= 0 else (chunk, b"")
        yield chunk
    if carry:
        yield carry


def _decoded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decode in whole groups of four characters; only padding may follow padding."""
    rest, padding = b"", 0
    for chunk in chunks:
        text = _clean(chunk)
        if padding or b"=" in text:
            text, equals, more = (b"", b"", text) if padding else text.partition(b"=")
            padding += len(equals) + len(more)
            if more.strip(b"=") or padding > 2:
                raise PictureError("unusable", rule="base64")
        text = rest + text
        whole = len(text) & ~3
        rest = text[whole:]
        yield _bytes(text[:whole])
    yield _bytes(rest + b"=" * (-len(rest) % 4))


def _clean(chunk: bytes) -> bytes:
    """Undo JSON escapes, white space and the url-safe alphabet, where they occur."""
    if b"\\" in chunk:
        for escape, character in _ESCAPES:
            chunk = chunk.replace(escape, character)
    if any(space in chunk for space in (b"\n", b"\r", b" ", b"\t")):
        chunk = chunk.translate(None, _SPACE)
    if b"-" in chunk or b"_" in chunk:
        chunk = chunk.translate(_URL_SAFE)
    return chunk


def _bytes(text: bytes) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except binascii.Error:
        raise PictureError("unusable", rule="base64") from None
