"""Answers that are longer than memory likes, and answers that end badly."""

import time
from base64 import b64encode
from collections.abc import Iterable, Iterator
from socket import SHUT_RDWR, socket

from django.http import HttpRequest, StreamingHttpResponse

from studio.sandbox.store import StoredPicture

PIECE = 3 * 64 * 1024  # a multiple of three: pieces of base64 can be joined
MISSING = 4096


def filled(text: str, marks: list[str], kept: list[StoredPicture]) -> tuple[Iterator[bytes], int]:
    """Return the JSON text, each mark replaced by its picture in base64, in pieces, and its length in bytes."""
    length = len(text) + sum(
        -(-picture.byte_size // 3) * 4 - len(mark) for mark, picture in zip(marks, kept, strict=True)
    )
    return _filled(text, marks, kept), length


def _filled(text: str, marks: list[str], kept: list[StoredPicture]) -> Iterator[bytes]:
    for mark, picture in zip(marks, kept, strict=True):
        before, _, text = text.partition(mark)
        yield before.encode("ascii")
        with picture.path.open("rb") as file:
            while piece := file.read(PIECE):
                yield b64encode(piece)
    yield text.encode("ascii")


def drip(seconds: float) -> Iterator[bytes]:
    """Yield one blank per second: legal at the start of JSON, and never a reason for a read timeout."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield b" "
        time.sleep(1)


def cut_short(
    request: HttpRequest, chunks: Iterable[bytes], *, announced: int = MISSING
) -> StreamingHttpResponse:
    """Return an answer that promises more bytes than it sends, so that the server has to cut the connection."""
    headers = {"Content-Length": str(announced)}
    body = _then_hang_up(request, chunks)
    return StreamingHttpResponse(body, content_type="application/json", headers=headers)


def _then_hang_up(request: HttpRequest, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks, then close the socket if it can be reached: Django's own server would keep it open."""
    yield from chunks
    reader = getattr(getattr(request.META.get("wsgi.input"), "_read", None), "__self__", None)
    connection = getattr(getattr(reader, "raw", None), "_sock", None)
    if isinstance(connection, socket):
        connection.shutdown(SHUT_RDWR)
