"""Fetch one picture a relay points to: guarded, and without the relay's key (SAFETY.md §2)."""

import math
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from studio.relays.answers.retry_after import retry_after
from studio.relays.network.addresses import URL_LIMIT, ForbiddenAddress, parse_url
from studio.relays.network.call import kept
from studio.relays.network.connector import Clock, GuardedTransport, Network, NotConnected
from studio.relays.shapes import PICTURE_LIMIT, PictureError

HEADERS = {
    "Accept": "image/png, image/jpeg, image/webp",
    "Accept-Encoding": "identity",
    "User-Agent": "Lightfast",
    "Connection": "close",
}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LATE = frozenset({403, 404})
BUSY = frozenset({408, 425, 429})
YOUNG = 300.0
"""Seconds in which storage behind a relay may still say no to a link that works later (RELAYS.md §2.10)."""
ALWAYS = math.inf

_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Pace:
    """How long and how often one picture is tried at once, in seconds; how large it may be, in bytes."""

    whole: float = 60.0
    pause: float = 0.5
    tries: int = 3
    tries_late: int = 2
    redirects: int = 2
    limit: int = PICTURE_LIMIT

    def goes_on(self, error: PictureError, tried: int) -> bool:
        """Say whether a failure is tried again at once; whoever asks for more time gets it from our caller."""
        most = self.tries if error.passes_within == ALWAYS else self.tries_late
        return bool(error.passes_within) and error.retry_after is None and tried < most


def fetch(
    url: str, *, into: Path, network: Network, pace: Pace, is_whole: Callable[[Path], bool] = lambda _: False
) -> None:
    """Put the picture into `into`, or raise PictureError; all tries together end at one deadline.

    A body that broke off is taken all the same if `is_whole` says so: its host announced more than there is.
    """
    until = time.monotonic() + pace.whole
    tried = 0
    while True:
        tried += 1
        try:
            return _attempt(url, into=into, network=network, pace=pace, until=until, is_whole=is_whole)
        except PictureError as error:
            into.unlink(missing_ok=True)
            if not pace.goes_on(error, tried) or time.monotonic() >= until:
                raise
        except BaseException:
            into.unlink(missing_ok=True)
            raise
        time.sleep(min(pace.pause * tried, max(until - time.monotonic(), 0)))


def _attempt(
    url: str, *, into: Path, network: Network, pace: Pace, until: float, is_whole: Callable[[Path], bool]
) -> None:
    """Follow at most two redirects, each hop checked from the start."""
    here: httpx.URL | None = None
    for hop in range(pace.redirects + 1):
        target = _checked(url, here=here, network=network)
        with _get(target, network=network, until=until, is_redirect=hop > 0) as response:
            if response.status_code not in REDIRECTS:
                return _save(response, into=into, pace=pace, host=target.host, is_whole=is_whole)
            url = _location(response, target)
            here = target
    raise PictureError("unfetchable", rule="too_many", host=target.host)


def _location(response: httpx.Response, target: httpx.URL) -> str:
    """Return where the redirect points to, as an absolute address."""
    try:
        return str(target.join(response.headers.get("location", "")))
    except (httpx.InvalidURL, ValueError):
        raise PictureError("unfetchable", rule="redirect_target", host=target.host) from None


def _checked(text: str, *, here: httpx.URL | None, network: Network) -> httpx.URL:
    """Return the address if its shape may be fetched; `here` is the hop that pointed to it."""
    try:
        if here is not None and here.scheme == "https" and text.lower().startswith("http:"):
            raise ForbiddenAddress("downgrade", here.host)
        return parse_url(text, allow=network.allow)
    except ForbiddenAddress as error:
        state = "blocked_address" if _leads_inside(text, error, network) else "unfetchable"
        raise PictureError(state, rule=error.rule, host=error.host) from error


def host_of(text: str) -> str:
    """Return the host that an address names, however it is written; "" when it names none."""
    found = _HOST.match(unicodedata.normalize("NFKC", text[:URL_LIMIT]))
    return found[1].strip("[]") if found else ""


def _leads_inside(text: str, error: ForbiddenAddress, network: Network) -> bool:
    """Tell an address that is forbidden from one that is merely no use: only the first is held against the relay."""
    host = host_of(text)
    if error.rule == "scope_id" or not host:
        return error.rule == "scope_id"
    try:
        network.vet(host, 443)
    except ForbiddenAddress:
        return True
    except NotConnected:
        return False
    return False


@contextmanager
def _get(url: httpx.URL, *, network: Network, until: float, is_redirect: bool) -> Iterator[httpx.Response]:
    """Yield the answer's head; every failure becomes a PictureError."""
    host = url.host
    clock = Clock(until=until)
    try:
        with GuardedTransport(network, clock) as transport:
            response = transport.handle_request(httpx.Request("GET", url, headers=HEADERS))
            try:
                yield response
            finally:
                response.close()
    except ForbiddenAddress as error:
        rule = "redirect_target" if is_redirect else error.rule
        raise PictureError("blocked_address", rule=rule, host=host) from error
    except (NotConnected, httpx.TransportError) as error:
        if time.monotonic() >= until:
            raise PictureError("too_slow", rule="deadline", host=host, passes_within=ALWAYS) from error
        rule = error.code if isinstance(error, NotConnected) else "broken_off"
        raise PictureError("expired", rule=rule, host=host, passes_within=ALWAYS) from error


def _save(
    response: httpx.Response, *, into: Path, pace: Pace, host: str, is_whole: Callable[[Path], bool]
) -> None:
    """Stream the body into the file, counting the bytes that come over the wire."""
    if response.status_code != 200:
        raise _refusal(response, host)
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:20]) > pace.limit:
        raise PictureError("too_large", rule="content_length", host=host)
    try:
        size = _write(response, into=into, limit=pace.limit, host=host)
    except httpx.TransportError:
        if not is_whole(into):
            raise
        return
    if not size:
        raise PictureError("unusable", rule="empty", host=host, passes_within=YOUNG)


def _write(response: httpx.Response, *, into: Path, limit: int, host: str) -> int:
    size = 0
    with into.open("wb") as file:
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > limit:
                raise PictureError("too_large", rule="bytes", host=host)
            file.write(chunk)
    return size


def _refusal(response: httpx.Response, host: str) -> PictureError:
    """Return what a status means: busy or late passes by itself, everything else is the host's last word."""
    status, rule = response.status_code, f"status_{response.status_code}"
    wait = retry_after(kept(response.headers), {})
    if status in BUSY or status >= 500:
        return PictureError("expired", rule=rule, host=host, passes_within=ALWAYS, retry_after=wait)
    if status in LATE:
        return PictureError("expired", rule=rule, host=host, passes_within=YOUNG)
    return PictureError("expired" if status == 410 else "unfetchable", rule=rule, host=host)
