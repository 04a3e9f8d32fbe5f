"""Fetch one picture a relay points to: guarded, and without the relay's key (SAFETY.md §2)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from studio.relays.addresses import Refused, parse_url
from studio.relays.connector import Clock, GuardedTransport, Network, NotConnected
from studio.relays.shapes import PICTURE_LIMIT, PictureError

HEADERS = {
    "Accept": "image/png, image/jpeg, image/webp",
    "Accept-Encoding": "identity",
    "User-Agent": "Lightfast",
    "Connection": "close",
}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
GONE = frozenset({403, 404, 410})


@dataclass(frozen=True)
class Pace:
    """How long and how often one picture is tried, in seconds; how large it may be, in bytes."""

    whole: float = 60.0
    pause: float = 0.5
    tries: int = 3
    tries_gone: int = 2
    redirects: int = 2
    limit: int = PICTURE_LIMIT


class Again(Exception):
    """A try that failed in a way that may pass; `error` is what to raise when there are no more tries."""

    def __init__(self, error: PictureError, tries: int) -> None:
        super().__init__(str(error))
        self.error = error
        self.tries = tries


def fetch(url: str, *, into: Path, network: Network, pace: Pace) -> None:
    """Put the picture into `into`, or raise PictureError; all tries together end at one deadline."""
    until = time.monotonic() + pace.whole
    tried = 0
    while True:
        tried += 1
        try:
            return _attempt(url, into=into, network=network, pace=pace, until=until)
        except Again as again:
            into.unlink(missing_ok=True)
            if tried >= again.tries:
                raise again.error from again
            time.sleep(min(pace.pause * tried, max(until - time.monotonic(), 0)))
        except BaseException:
            into.unlink(missing_ok=True)
            raise


def _attempt(url: str, *, into: Path, network: Network, pace: Pace, until: float) -> None:
    """Follow at most two redirects, each hop checked from the start."""
    here: httpx.URL | None = None
    for hop in range(pace.redirects + 1):
        target = _checked(url, here=here, network=network)
        with _get(target, network=network, pace=pace, until=until, is_redirect=hop > 0) as response:
            if response.status_code not in REDIRECTS:
                return _save(response, into=into, pace=pace, host=target.host)
            url = _location(response, target)
            here = target
    raise PictureError("blocked_address", rule="too_many", host=target.host)


def _location(response: httpx.Response, target: httpx.URL) -> str:
    """Return where the redirect points to, as an absolute address."""
    try:
        return str(target.join(response.headers.get("location", "")))
    except (httpx.InvalidURL, ValueError):
        raise PictureError("blocked_address", rule="redirect_target", host=target.host) from None


def _checked(text: str, *, here: httpx.URL | None, network: Network) -> httpx.URL:
    """Return the address if its shape may be fetched; `here` is the hop that pointed to it."""
    try:
        if here is not None and here.scheme == "https" and text.lower().startswith("http:"):
            raise Refused("downgrade", here.host)
        return parse_url(text, allow=network.allow)
    except Refused as error:
        raise PictureError("blocked_address", rule=error.rule, host=error.host) from error


@contextmanager
def _get(
    url: httpx.URL, *, network: Network, pace: Pace, until: float, is_redirect: bool
) -> Iterator[httpx.Response]:
    """Yield the answer's head; every failure becomes a PictureError or a reason to try again."""
    host = url.host
    clock = Clock(until=until)
    try:
        with GuardedTransport(network, clock) as transport:
            response = transport.handle_request(httpx.Request("GET", url, headers=HEADERS))
            try:
                yield response
            finally:
                response.close()
    except Refused as error:
        rule = "redirect_target" if is_redirect else error.rule
        raise PictureError("blocked_address", rule=rule, host=host) from error
    except (NotConnected, httpx.TransportError) as error:
        if time.monotonic() >= until:
            raise PictureError("too_slow", rule="deadline", host=host) from error
        rule = error.code if isinstance(error, NotConnected) else "damaged"
        raise Again(PictureError("unusable", rule=rule, host=host), pace.tries) from error


def _save(response: httpx.Response, *, into: Path, pace: Pace, host: str) -> None:
    """Stream the body into the file, counting the bytes that come over the wire."""
    status = response.status_code
    if status in GONE:
        raise Again(PictureError("expired", rule=f"status_{status}", host=host), pace.tries_gone)
    if status != 200:
        error = PictureError("unusable", rule=f"status_{status}", host=host)
        raise Again(error, pace.tries if status == 429 or status >= 500 else 1)
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:20]) > pace.limit:
        raise PictureError("too_large", rule="content_length", host=host)
    size = 0
    with into.open("wb") as file:
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > pace.limit:
                raise PictureError("too_large", rule="bytes", host=host)
            file.write(chunk)
    if not size:
        raise Again(PictureError("unusable", rule="empty", host=host), pace.tries)
