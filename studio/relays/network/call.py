"""One exchange with a relay: who failed, and whether anything was sent."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO

import httpx

from studio import failpoints
from studio.relays.network.addresses import ForbiddenAddress, parse_url
from studio.relays.network.connector import Clock, GuardedTransport, Network, NotConnected
from studio.relays.shapes import Encoding, Kind, Outgoing, RelayError, mask, plain

KEPT = ("content-type", "retry-after", "retry-after-ms", "x-request-id", "x-litellm-call-id")
KEPT_STARTS = ("x-ratelimit",)
KEPT_LIMIT = 40


def prepare(
    method: str,
    url: str,
    *,
    key: str,
    allow: frozenset[str],
    body: Outgoing | None = None,
    files: ExitStack | None = None,
) -> httpx.Request:
    """Return a request to the relay itself; the only place where its key is put on one.

    Pictures that go along are read while the request is sent; `files` closes them.
    """
    if not key or not key.isascii() or not key.isprintable():
        raise RelayError(
            Kind.AUTH,
            code="unusable_key",
            message="The key is empty or holds characters that cannot be sent.",
        )
    try:
        target = parse_url(url, allow=allow)
    except ForbiddenAddress as error:
        raise RelayError(Kind.NOT_SENT, code="forbidden_address", message=error.rule) from error
    headers = {
        "Authorization": f"Bearer {key}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Lightfast",
        "Connection": "close",
    }
    if body is None:
        return httpx.Request(method, target, headers=headers)
    if body.encoding is Encoding.FORM:
        fields = {name: str(value) for name, value in body.fields.items()}
        parts = list(_parts(body, files or ExitStack()))
        return httpx.Request(method, target, headers=headers, data=fields, files=parts)
    headers["Content-Type"] = "application/json"
    content = json.dumps(body.fields, allow_nan=False).encode()
    return httpx.Request(method, target, headers=headers, content=content)


def _parts(body: Outgoing, files: ExitStack) -> Iterator[tuple[str, tuple[str, BinaryIO, str]]]:
    """Yield the pictures of a form; what a file is called on our disk is nobody's business outside."""
    for each in body.files:
        yield each.role, (each.role, files.enter_context(each.path.open("rb")), each.media_type)


@contextmanager
def exchange(
    request: httpx.Request, *, network: Network, clock: Clock, secret: str
) -> Iterator[httpx.Response]:
    """Send the request and yield the answer's head; a failure before the first byte is NOT_SENT, else UNKNOWN."""
    try:
        with GuardedTransport(network, clock) as transport:
            response = transport.handle_request(request)
            failpoints.hit("answering")
            try:
                yield response
            finally:
                response.close()
    except ForbiddenAddress as error:
        raise RelayError(Kind.NOT_SENT, code="forbidden_address", message=error.rule) from error
    except NotConnected as error:
        raise RelayError(Kind.NOT_SENT, code=error.code, message=plain(str(error))) from error
    except httpx.TransportError as error:
        raise lost(error, secret=secret, kind=Kind.UNKNOWN if clock.sent else Kind.NOT_SENT) from error


def clock(seconds: float) -> Clock:
    """Return a clock that stops a call this many seconds from now."""
    return Clock(until=time.monotonic() + seconds)


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers an answer is judged by, in lower case and cut short."""
    rows = ((name.lower(), value[:500]) for name, value in headers.items())
    return dict([row for row in rows if row[0] in KEPT or row[0].startswith(KEPT_STARTS)][:KEPT_LIMIT])


def lost(
    error: httpx.TransportError,
    *,
    secret: str,
    kind: Kind = Kind.UNKNOWN,
    status: int | None = None,
    trace_id: str = "",
) -> RelayError:
    """Return what a connection that broke means; `status` is that of an answer which had begun."""
    message = plain(mask(str(error), secret))
    return RelayError(kind, status=status, code=_code(error), message=message, trace_id=trace_id)


def _code(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    return "disconnected" if isinstance(error, httpx.RemoteProtocolError) else "reset"


def whole(response: httpx.Response, limit: int) -> bytes:
    """Return the body; one that was cut off is taken if nothing of its JSON is missing."""
    raw = bytearray()
    try:
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > limit:
                raise RelayError(Kind.BAD_ANSWER, status=response.status_code, code="too_large")
    except httpx.TransportError:
        if parsed(raw.decode("utf-8-sig", "replace")) is None:
            raise
    return bytes(raw)


def parsed(text: str) -> Any:
    """Return the JSON value, or None for what is none."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
