"""Sends one message to an address that a person has named: through the guarded way out, following nothing."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from studio.relays.answers.retry_after import retry_after
from studio.relays.dialects.base import own_spot
from studio.relays.network.addresses import ForbiddenAddress, parse_url
from studio.relays.network.call import clock, exchange, kept
from studio.relays.network.connector import Network
from studio.relays.shapes import RelayError, plain

ANSWER = 1024
"""Bytes of an answer that are kept: enough to see what a receiver says."""

SECONDS = 20.0
"""How long a receiver may take in all (API §5)."""

BODY_SECONDS = 2.0
"""How long the beginning of a body is waited for: the status has come, and a hand is kept that others wait for."""


class Undelivered(Exception):
    """Nothing was answered; `code` is why, `rule` the one of ours that forbids the address."""

    def __init__(self, code: str, *, rule: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.rule = rule


@dataclass(frozen=True)
class Reply:
    """What a receiver answered."""

    status: int
    text: str = ""
    retry_after: float | None = None


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], allow: frozenset[str], seconds: float = SECONDS
) -> Reply:
    """Post a JSON body and return the answer, a redirect like any other; raises Undelivered where there is none."""
    network = Network(allow=own_spot(url, allow))
    try:
        request = httpx.Request(
            "POST", parse_url(url, allow=network.allow), headers=_all(headers), content=body
        )
        until = clock(seconds)
        with exchange(request, network=network, clock=until, secret="") as response:
            until.until = min(until.until, time.monotonic() + BODY_SECONDS)
            wait = retry_after(kept(response.headers), {})
            return Reply(response.status_code, _beginning(response), wait)
    except ForbiddenAddress as error:
        raise Undelivered("forbidden_address", rule=error.rule) from error
    except RelayError as error:
        rule = error.message if error.code == "forbidden_address" else ""
        raise Undelivered(error.code, rule=rule) from error


def _all(headers: Mapping[str, str]) -> dict[str, str]:
    ours = {"Content-Type": "application/json", "User-Agent": "Lightfast", "Connection": "close"}
    return ours | {"Accept-Encoding": "identity"} | dict(headers)


def _beginning(response: httpx.Response) -> str:
    """Return the first words of the body; one that breaks off is worth no failure, the status has come."""
    raw = bytearray()
    try:
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) >= ANSWER:
                break
    except httpx.TransportError:
        pass
    return plain(raw[:ANSWER].decode("utf-8", "replace"), ANSWER)
