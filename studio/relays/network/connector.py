"""The guarded way out: every byte to a relay or an image host passes this network backend (SAFETY.md §2).

ForbiddenAddress  our rules do not let us reach the address
NotConnected   the address may be reached, but DNS, TCP or TLS failed: not one byte of a request left
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import certifi
import httpcore
import httpx

from studio.relays.network.addresses import PUBLIC_PORTS, ForbiddenAddress, check_all, spot

CONNECT_LIMIT = 5.0
HEADER_LIMIT = 64 * 1024

Sockaddr = tuple[Any, ...]
Resolver = Callable[[str, int], list[tuple[int, Sockaddr]]]


class NotConnected(Exception):
    """No connection was made; `code` is one of dns, connect, timeout, tls, certificate."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class SharedContext(ssl.SSLContext):
    """One TLS context for all threads; httpcore sets its ALPN per connection, which threads cannot share."""

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Keep the list given when the context was made."""


@cache
def shared_tls() -> ssl.SSLContext:
    """Return the process's TLS context: building one costs 20 ms and most of a megabyte."""
    context = SharedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    ssl.SSLContext.set_alpn_protocols(context, ["http/1.1"])
    return context


def resolve(host: str, port: int) -> list[tuple[int, Sockaddr]]:
    """Return (family, socket address) pairs from the system's resolver."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(int(family), tuple(address)) for family, _, _, _, address in rows]


def dial(family: int, address: Sockaddr, timeout: float) -> socket.socket:
    """Return a socket connected to exactly this address."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Network:
    """The outside world as one relay may see it; tests replace `resolve`, `dial` and `tls`."""

    allow: frozenset[str] = frozenset()
    resolve: Resolver = resolve
    dial: Callable[[int, Sockaddr, float], socket.socket] = dial
    tls: Callable[[], ssl.SSLContext] = shared_tls
    connect_limit: float = CONNECT_LIMIT

    def vet(self, host: str, port: int, *, timeout: float = CONNECT_LIMIT) -> list[tuple[int, Sockaddr]]:
        """Resolve once and return the addresses, all of them checked."""
        opened = spot(host, port) in self.allow
        if port not in PUBLIC_PORTS and not opened:
            raise ForbiddenAddress("port", host)
        found = self._look_up(host, port, timeout)
        if any(len(address) > 3 and address[3] for _, address in found):
            raise ForbiddenAddress("scope_id", host)
        check_all([str(address[0]) for _, address in found], host=host, opened=opened)
        return found

    def connect(self, host: str, port: int, *, until: float) -> socket.socket:
        """Return a socket connected to a checked address of `host` before the monotonic time `until`."""
        until = min(until, time.monotonic() + self.connect_limit)
        found = self.vet(host, port, timeout=max(until - time.monotonic(), 0.0))
        failure: OSError | None = None
        for position, (family, address) in enumerate(found):
            try:
                sock = self.dial(family, address, _left(until) / (len(found) - position))
            except OSError as error:
                failure = error
                continue
            return self._same_peer(sock, address, host)
        code = "timeout" if isinstance(failure, TimeoutError) else "connect"
        raise NotConnected(code, str(failure)) from failure

    def _look_up(self, host: str, port: int, timeout: float) -> list[tuple[int, Sockaddr]]:
        """Ask the resolver, from a thread of its own for a name: getaddrinfo knows no deadline."""
        box: list[list[tuple[int, Sockaddr]]] = []

        def ask() -> None:
            try:
                box.append(self.resolve(host, port))
            except (OSError, ValueError):
                box.append([])

        if _is_address(host):
            ask()
        else:
            thread = threading.Thread(target=ask, name="resolve", daemon=True)
            thread.start()
            thread.join(timeout)
        if not box or not box[0]:
            raise NotConnected("dns", f"{host} has no address")
        return box[0]

    def _same_peer(self, sock: socket.socket, address: Sockaddr, host: str) -> socket.socket:
        """Make sure the other end is the address that was checked."""
        try:
            peer = sock.getpeername()[:2]
        except OSError as error:
            sock.close()
            raise NotConnected("connect", str(error)) from error
        if peer != address[:2]:
            sock.close()
            raise ForbiddenAddress("peer", host)
        return sock


@dataclass
class Clock:
    """One call's wall-clock deadline, and the bytes its answer's head may still take (None: head is done)."""

    until: float
    head: int | None = HEADER_LIMIT
    on_send: Callable[[], None] | None = None
    sent: bool = field(default=False, init=False)

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Follow httpcore: call `on_send` once before the first byte; lift the head's limit behind the head."""
        if event.endswith("send_request_headers.started") and not self.sent:
            if self.on_send:
                self.on_send()
            self.sent = True
        elif event.endswith("receive_response_headers.complete"):
            self.head = None


BODY_CHUNK = 256 * 1024
"""Bytes of a body that are read at once: each read waits for the interpreter's lock among hundreds of threads."""


class DeadlineStream(httpcore.NetworkStream):
    """A socket whose every read and write ends at the call's deadline, whatever the library passes."""

    def __init__(self, sock: socket.socket, clock: Clock, tls_limit: float = CONNECT_LIMIT) -> None:
        self.sock = sock
        self.clock = clock
        self.tls_limit = tls_limit

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return some bytes, or raise a timeout, a lost connection, or a head that grows too long."""
        if self.clock.head is not None:
            if self.clock.head <= 0:
                raise httpcore.RemoteProtocolError("the answer's head is too long")
            max_bytes = min(max_bytes, self.clock.head)
        else:
            max_bytes = max(max_bytes, BODY_CHUNK)
        try:
            self.sock.settimeout(_left(self.clock.until))
            data = self.sock.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("deadline") from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        if self.clock.head is not None:
            self.clock.head -= len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer` before the deadline."""
        view = memoryview(buffer)
        try:
            while view:
                self.sock.settimeout(_left(self.clock.until))
                view = view[self.sock.send(view) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout("deadline") from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        """Close the socket without waiting."""
        self.sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands under the host's own name, whatever address was dialled."""
        until = min(self.clock.until, time.monotonic() + self.tls_limit)
        try:
            self.sock.settimeout(_left(until))
            return DeadlineStream(
                ssl_context.wrap_socket(self.sock, server_hostname=server_hostname), self.clock
            )
        except ssl.SSLCertVerificationError as error:
            self.sock.close()
            raise NotConnected("certificate", error.verify_message) from error
        except TimeoutError as error:
            self.sock.close()
            raise NotConnected("timeout", "TLS handshake") from error
        except (OSError, ValueError) as error:
            self.sock.close()
            raise NotConnected("tls", str(error)) from error


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections only through a Network."""

    def __init__(self, network: Network, clock: Clock) -> None:
        self.network = network
        self.clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a checked address of `host`."""
        sock = self.network.connect(host, port, until=self.clock.until)
        return DeadlineStream(sock, self.clock, self.network.connect_limit)


class GuardedTransport(httpx.HTTPTransport):
    """An httpx transport for one request on a fresh connection: no proxy, redirect, cookie or retry below."""

    def __init__(self, network: Network, clock: Clock) -> None:
        # httpx 0.28 has no argument for a network backend, so the pool is set in place of its own.
        self._pool = httpcore.ConnectionPool(
            ssl_context=network.tls(),
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=GuardedBackend(network, clock),
        )
        self.clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request under the clock."""
        request.extensions["trace"] = self.clock.trace
        return super().handle_request(request)


def _left(until: float) -> float:
    """Return the seconds left, or raise TimeoutError when there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("deadline")
    return left
