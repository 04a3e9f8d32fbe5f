"""One paid call: what is on the wire, and what is known when it breaks."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme

from studio.relays import open_relay
from studio.relays.dialects.base import Kind, RelayClient, RelayError
from tests.relays.chaos import (
    Behaviour,
    Chaos,
    answers,
    answers_json,
    drips,
    hangs,
    reply,
    resets,
)
from tests.relays.conftest import KEY, draw, hurried, near, peak_kib
from tests.relays.faraway import World, authority, secure, server_tls

GOOD = {"created": 1, "data": [{"b64_json": "AAAA"}]}


class Calls:
    """Counts how often it was called, and does something else the first time."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.count = 0
        self.then = then

    def __call__(self) -> None:
        self.count += 1
        self.then()


def failure(
    relay: RelayClient, spool: Path, deadline: float = 5.0, then: Callable[[], None] = lambda: None
) -> tuple[RelayError, int]:
    calls = Calls(then)
    with pytest.raises(RelayError) as caught:
        relay.send(draw(), spool=spool, before_send=calls, deadline=deadline)
    assert not spool.exists()
    return caught.value, calls.count


def test_send_writes_one_plain_request(spool: Path) -> None:
    with Chaos(answers_json(200, GOOD)) as chaos:
        request = draw(n=2, settings={"seed": 7}, accepts=frozenset({"seed"}))
        near(chaos).send(request, spool=spool, before_send=Calls())

    head, _, body = chaos.requests[0].partition(b"\r\n\r\n")
    assert (chaos.connections, len(chaos.requests)) == (1, 1)
    assert head.decode().split("\r\n") == [
        "POST /v1/images/generations HTTP/1.1",
        f"Host: {chaos.spot}",
        f"Authorization: Bearer {KEY}",
        "Accept: application/json",
        "Accept-Encoding: identity",
        "User-Agent: Lightfast",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    assert json.loads(body) == {"model": "flux-1-schnell", "prompt": "A garden", "n": 2, "seed": 7}


def test_send_stores_head_and_raw_body(spool: Path) -> None:
    headers = {
        "Content-Type": "application/json",
        "X-Request-Id": "r-1",
        "Retry-After": "3",
        "X-RateLimit-Remaining-Day": "9",
        "Set-Cookie": "secret",
    }
    with Chaos(answers(reply(200, b'{"data":\n []}', headers))) as chaos:
        answer = near(chaos).send(draw(), spool=spool, before_send=Calls())

    head, _, body = spool.read_bytes().partition(b"\n")
    kept = {"content-type": "application/json", "x-request-id": "r-1", "retry-after": "3"}
    assert json.loads(head) == {"status": 200, "headers": kept | {"x-ratelimit-remaining-day": "9"}}
    assert body == b'{"data":\n []}'
    assert (answer.status, answer.trace_id) == (200, "r-1")
    assert not spool.with_suffix(".part").exists()


@pytest.mark.parametrize("status", [200, 202, 301, 400, 401, 429, 500, 502, 504, 524])
def test_send_any_complete_answer_returns(spool: Path, status: int) -> None:
    headers = {"Location": "https://elsewhere.example/"}
    with Chaos(answers(reply(status, b"x", headers))) as chaos:
        answer = near(chaos).send(draw(), spool=spool, before_send=Calls())

    assert (answer.status, chaos.connections) == (status, 1)


def test_send_calls_before_send_once_when_connected_and_nothing_is_written(spool: Path) -> None:
    first_byte = threading.Event()
    seen: list[tuple[int, bool]] = []

    def behave(sock: socket.socket, chaos: Chaos) -> None:
        sock.recv(1, socket.MSG_PEEK)
        first_byte.set()
        chaos.read(sock)
        sock.sendall(reply(200, b"{}"))

    with Chaos(behave) as chaos:

        def before_send() -> None:
            time.sleep(0.1)
            seen.append((chaos.connections, first_byte.is_set()))

        near(chaos).send(draw(), spool=spool, before_send=before_send)

    assert seen == [(1, False)]
    assert first_byte.is_set()


def test_send_failing_before_send_propagates_and_sends_nothing(spool: Path) -> None:
    class Stop(Exception):
        pass

    def before_send() -> None:
        raise Stop

    with Chaos(answers_json(200, GOOD)) as chaos:
        with pytest.raises(Stop):
            near(chaos).send(draw(), spool=spool, before_send=before_send)
        time.sleep(0.05)

    assert (chaos.connections, chaos.requests) == (1, [])


def test_row_30_send_refused_connection_is_not_sent(spool: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    relay = open_relay(
        dialect="openai",
        base_url=f"http://127.0.0.1:{port}",
        api_key=KEY,
        allow=frozenset({f"127.0.0.1:{port}"}),
    )

    error, calls = failure(relay, spool)

    assert (error.kind, error.code, calls) == (Kind.NOT_SENT, "connect", 0)


def test_send_name_without_address_is_not_sent(relay: RelayClient, world: World, spool: Path) -> None:
    world.name("api.routeway.ai", [])

    error, calls = failure(world.surround(relay), spool)

    assert (error.kind, error.code, calls, world.dialled) == (Kind.NOT_SENT, "dns", 0, [])


def test_send_slow_resolver_is_not_sent_in_time(relay: RelayClient, spool: Path) -> None:
    def resolve(host: str, port: int) -> list[Any]:
        time.sleep(3)
        return []

    relay.network = replace(relay.network, resolve=resolve, connect_limit=0.2)
    start = time.monotonic()

    error, calls = failure(relay, spool)

    assert (error.kind, error.code, calls) == (Kind.NOT_SENT, "dns", 0)
    assert time.monotonic() - start < 2.5  # sooner than the resolver


def test_row_31_send_wrong_strange_or_expired_certificate_is_not_sent(
    relay: RelayClient, world: World, spool: Path
) -> None:
    host, yesterday = "api.routeway.ai", datetime.now(UTC) - timedelta(days=1)
    for tls in (
        server_tls("other.example"),
        issued(trustme.CA(), host),
        issued(authority(), host, not_after=yesterday),
    ):
        with Chaos(answers_json(200, GOOD), tls=tls) as chaos:
            world.serve("api.routeway.ai", "93.184.216.34", chaos)
            error, calls = failure(world.surround(relay), spool)
        assert (error.kind, error.code, calls, chaos.requests) == (Kind.NOT_SENT, "certificate", 0, [])


def issued(ca: trustme.CA, host: str, **more: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(host, **more).configure_cert(context)
    return context


def test_row_31_send_stalled_or_broken_handshake_is_not_sent(
    relay: RelayClient, world: World, spool: Path
) -> None:
    def stalls(sock: socket.socket, chaos: Chaos) -> None:
        chaos.stopped.wait(2)

    def talks_http(sock: socket.socket, chaos: Chaos) -> None:
        sock.sendall(reply(400, b"this is a plain port"))
        chaos.stopped.wait(0.2)

    for behaviour, code in ((stalls, "timeout"), (talks_http, "tls")):
        with Chaos(behaviour) as chaos:
            world.serve("api.routeway.ai", "93.184.216.34", chaos)
            error, calls = failure(world.surround(relay), spool)
        assert (error.kind, error.code, calls) == (Kind.NOT_SENT, code, 0)


def test_send_over_tls_uses_the_checked_address_and_the_hosts_name(
    relay: RelayClient, world: World, spool: Path
) -> None:
    with secure(answers_json(200, GOOD), "api.routeway.ai") as chaos:
        world.serve("api.routeway.ai", "93.184.216.34", chaos)
        world.surround(relay).send(draw(), spool=spool, before_send=Calls())

    assert (world.asked, world.dialled) == (["api.routeway.ai"], [("93.184.216.34", 443)])
    assert b"Host: api.routeway.ai\r\n" in chaos.requests[0]


def closes(sock: socket.socket, chaos: Chaos) -> None:
    chaos.read(sock)


BROKEN: dict[str, tuple[Behaviour, str]] = {
    "closed_without_answer": (closes, "disconnected"),
    "reset_before_head": (resets(), "reset"),
    "reset_in_head": (resets(b"HTTP/1.1 200 OK\r\nContent-"), "reset"),
    "reset_in_body": (resets(reply(200, b'{"data"', length=1000)), "reset"),
    "length_too_big": (answers(reply(200, b'{"data": [', length=1000)), "disconnected"),
    "length_too_big_list": (answers(reply(200, b"[1]", length=1000)), "disconnected"),
    "chunk_cut": (answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc"), "disconnected"),
    "not_http": (answers(b"SSH-2.0-OpenSSH\r\n\r\n"), "disconnected"),
    "long_head": (answers(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n{}"), "disconnected"),
    "no_answer": (hangs, "timeout"),
    "dripping_head": (drips(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.02), "timeout"),
    "dripping_body": (drips(reply(200, b"{", length=100_000), b" ", 0.02), "timeout"),
    "early_hints": (drips(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.02), "timeout"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_row_30_send_broken_after_the_first_byte_is_unknown(spool: Path, name: str) -> None:
    behaviour, code = BROKEN[name]
    start = time.monotonic()

    with Chaos(behaviour) as chaos:
        error, calls = failure(near(chaos), spool, deadline=0.4)

    assert (error.kind, error.code, calls, chaos.connections) == (Kind.UNKNOWN, code, 1, 1)
    assert time.monotonic() - start < 10  # no hang


CHUNKED = b"HTTP/1.1 %d OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE: dict[str, tuple[Behaviour, int]] = {
    "length_too_big": (answers(reply(200, b'{"data": [{"b64_json": "QUJD"}]}', length=1000)), 200),
    "length_too_big_and_reset": (resets(reply(200, b'{"data": [{"b64_json": "QUJD"}]}', length=1000)), 200),
    "last_chunk_missing": (answers(CHUNKED % 200 + b'20\r\n{"data": [{"b64_json": "QUJD"}]}\r\n'), 200),
    "held_open": (drips(reply(200, b'{"data": [{"b64_json": "QUJD"}]}', length=10**6), b" ", 0.02), 200),
    "refusal": (answers(reply(400, b'{"error": {"code": "moderation_blocked"}}', length=1000)), 400),
}


@pytest.mark.parametrize("name", WHOLE)
def test_send_cut_answer_that_is_whole_json_is_an_answer(spool: Path, name: str) -> None:
    behaviour, status = WHOLE[name]

    with Chaos(behaviour) as chaos:
        answer = near(chaos).send(draw(), spool=spool, before_send=Calls(), deadline=0.4)

    assert (answer.status, spool.exists(), spool.with_suffix(".part").exists()) == (status, True, False)


def test_send_cut_answer_keeps_its_status_trace_and_text(spool: Path) -> None:
    head = {"x-request-id": "req-7"}
    with Chaos(answers(reply(500, b'{"error": {"message": "Out of', head, length=1000))) as chaos:
        error, _ = failure(near(chaos), spool)

    assert (error.kind, error.status, error.trace_id) == (Kind.UNKNOWN, 500, "req-7")
    assert near(chaos).raw(spool.with_suffix(".part")) == '{"error": {"message": "Out of'


def test_send_reset_in_body_keeps_the_part(spool: Path) -> None:
    with Chaos(resets(reply(200, b'{"data": [', length=1000))) as chaos:
        failure(near(chaos), spool)

    assert spool.with_suffix(".part").read_bytes().endswith(b'\n{"data": [')


def test_send_reset_on_accept_is_unknown_only_if_before_send_was_called(spool: Path) -> None:
    def behave(sock: socket.socket, chaos: Chaos) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with Chaos(behave) as chaos:
        error, calls = failure(near(chaos), spool)

    assert error.kind == (Kind.UNKNOWN if calls else Kind.NOT_SENT)


def test_send_flood_of_early_hints_is_stopped(spool: Path) -> None:
    with Chaos(drips(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, 0.0)) as chaos:
        error, _ = failure(near(chaos), spool)

    assert (error.kind, error.code) == (Kind.UNKNOWN, "disconnected")


def test_send_endless_body_is_cut_at_the_cap_in_little_memory(spool: Path) -> None:
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"
    before = peak_kib(reset=True)

    with Chaos(drips(endless, chunk, 0.0)) as chaos:
        error, calls = failure(near(chaos), spool)

    assert (error.kind, error.code, calls) == (Kind.BAD_ANSWER, "too_large", 1)
    assert peak_kib() - before < 40 * 1024
    assert spool.with_suffix(".part").stat().st_size <= 40 * 1024 * 1024 * 4 // 3 + 2 * 1024 * 1024


def test_send_gzip_is_not_unpacked(spool: Path) -> None:
    with Chaos(answers(reply(200, b"\x1f\x8b nonsense", {"Content-Encoding": "gzip"}))) as chaos:
        near(chaos).send(draw(), spool=spool, before_send=Calls())

    assert spool.read_bytes().endswith(b"\n\x1f\x8b nonsense")


def test_send_without_a_place_for_the_answer_sends_nothing(tmp_path: Path) -> None:
    with Chaos(answers_json(200, GOOD)) as chaos, pytest.raises(OSError, match="No such file"):
        near(chaos).send(draw(), spool=tmp_path / "missing" / "spool", before_send=Calls())

    assert chaos.connections == 0


def test_row_33_send_with_a_full_disk_sends_nothing(spool: Path) -> None:
    with Chaos(answers_json(200, GOOD)) as chaos, pytest.raises(RelayError) as caught:
        near(chaos).send(draw(n=10**9), spool=spool, before_send=Calls())

    assert (caught.value.kind, caught.value.code) == (Kind.NOT_SENT, "storage_full")
    assert chaos.connections == 0


def _fill(part: Path) -> None:
    """Let the disk be full for this file."""
    part.unlink()
    part.symlink_to("/dev/full")


def test_send_answer_that_cannot_be_stored_is_unknown(spool: Path) -> None:
    with Chaos(answers(reply(200, b" " * 100_000))) as chaos:
        error, calls = failure(near(chaos), spool, then=partial(_fill, spool.with_suffix(".part")))

    assert (error.kind, error.code, calls) == (Kind.UNKNOWN, "storage", 1)


@pytest.mark.parametrize("key", ["", " ", "sk-ü", "sk-a\r\nX-Evil: 1", "sk-a\x00"])
def test_send_key_that_cannot_be_sent_is_an_auth_error(spool: Path, key: str) -> None:
    relay = hurried(open_relay(dialect="openai", base_url="https://api.openai.com/v1", api_key=key))

    error, calls = failure(relay, spool)

    assert (error.kind, error.code, calls) == (Kind.AUTH, "unusable_key", 0)


@pytest.mark.parametrize(
    ("base_url", "rule"),
    [
        ("http://api.openai.com/v1", "scheme"),
        ("ftp://api.openai.com/v1", "scheme"),
        ("https://user:pw@api.openai.com/v1", "userinfo"),
        ("https://api.openai.com:8443/v1", "port"),
        ("https://127.0.0.1/v1", "private_address"),
        ("https://169.254.169.254/v1", "metadata"),
        ("https://[::1]/v1", "private_address"),
        ("https:///v1", "url"),
        ("nonsense", "url"),
    ],
)
def test_send_forbidden_base_url_is_not_sent(world: World, spool: Path, base_url: str, rule: str) -> None:
    relay = world.surround(open_relay(dialect="openai", base_url=base_url, api_key=KEY))

    error, calls = failure(relay, spool)

    assert (error.kind, error.code, error.message, calls) == (Kind.NOT_SENT, "forbidden_address", rule, 0)
    assert world.dialled == []


def test_send_many_at_once_keeps_every_answer_apart(tmp_path: Path) -> None:
    def behave(sock: socket.socket, chaos: Chaos) -> None:
        body = chaos.read(sock).partition(b"\r\n\r\n")[2]
        time.sleep(0.1)
        sock.sendall(reply(200, body))

    def one(relay: RelayClient, number: int) -> None:
        relay.send(draw(prompt=str(number)), spool=tmp_path / f"{number}.spool", before_send=Calls())

    with Chaos(behave) as chaos:
        relay = near(chaos)
        threads = [threading.Thread(target=one, args=(relay, number)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert chaos.connections == 50
    for number in range(50):
        body = (tmp_path / f"{number}.spool").read_bytes().partition(b"\n")[2]
        assert json.loads(body)["prompt"] == str(number)


def test_send_read_collect_the_whole_way(spool: Path) -> None:
    with Chaos(answers_json(200, GOOD)) as chaos:
        relay: RelayClient = near(chaos)
        relay.send(draw(), spool=spool, before_send=Calls())
        (picture,) = relay.read(draw(), spool=spool)
        relay.collect(picture, spool=spool, into=spool.with_suffix(".png"))

    assert spool.with_suffix(".png").read_bytes() == b"\0\0\0"


def test_send_proxies_of_the_environment_are_not_used(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with Chaos(answers_json(200, GOOD)) as chaos:
        answer = near(chaos).send(draw(), spool=spool, before_send=Calls())

    assert answer.status == 200
