"""Sends a part of a large file, so that a download that broke off goes on where it was."""

import re
from collections.abc import Iterator
from typing import IO

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from studio.http import StudioRequest
from studio.storages import BytesFile

BLOCK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def send(
    request: StudioRequest, file: IO[bytes] | BytesFile, *, size: int, etag: str, name: str
) -> HttpResponseBase:
    """Send a file for download, or the one part of it that is asked for; `etag` is quoted."""
    wanted = _wanted(request, size, etag)
    response: HttpResponseBase
    if wanted is None:
        response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    elif wanted.start >= wanted.stop:
        file.close()
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        response = StreamingHttpResponse(_part(file, wanted), status=206, content_type="application/zip")
        response["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
        response["Content-Length"] = str(len(wanted))
    response["Accept-Ranges"], response["ETag"] = "bytes", etag
    return response


def _wanted(request: StudioRequest, size: int, etag: str) -> range | None:
    """Return the bytes that are asked for; None for all of them, also when the file is another one by now."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or request.headers.get("If-Range", etag) != etag or asked[0] == "bytes=-":
        return None
    first, last = asked[1], asked[2]
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(int(last) + 1, size) if last else size)


def _part(file: IO[bytes] | BytesFile, wanted: range) -> Iterator[bytes]:
    with file:
        file.seek(wanted.start)
        left = len(wanted)
        while left and (piece := file.read(min(BLOCK, left))):
            left -= len(piece)
            yield piece
