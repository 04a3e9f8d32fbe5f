"""Public hosts that are really on this machine: a fake resolver, sockets that lie about their peer, a private CA."""

import socket
import ssl
from dataclasses import replace
from functools import cache

import trustme

from studio.relays.dialects.base import RelayClient
from studio.relays.network.connector import Network, Sockaddr, shared_tls
from tests.relays.chaos import Behaviour, Chaos


@cache
def authority() -> trustme.CA:
    return trustme.CA()


@cache
def server_tls(*hosts: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*hosts).configure_cert(context)
    return context


@cache
def client_tls() -> ssl.SSLContext:
    """The studio's own context, which trusts the made-up authority as well."""
    context = shared_tls.__wrapped__()
    authority().configure_trust(context)
    return context


class FarSocket(socket.socket):
    """Says it is connected to the address that was asked for."""

    peer: tuple[str, int]

    def getpeername(self) -> tuple[str, int]:
        return self.peer


class World:
    """A resolver and a dialler over names and servers made up by a test; it keeps what was asked and dialled."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.ports: dict[str, int] = {}
        self.asked: list[str] = []
        self.dialled: list[Sockaddr] = []

    def name(self, host: str, *answers: list[str]) -> None:
        """Let the resolver give these answers one after another; the last one stays."""
        self.names[host] = list(answers)

    def serve(self, host: str, address: str, chaos: Chaos) -> None:
        """Put a server behind a name and an address."""
        self.name(host, [address])
        self.ports[address] = chaos.port

    def resolve(self, host: str, port: int) -> list[tuple[int, Sockaddr]]:
        self.asked.append(host)
        answers = self.names.get(host)
        if answers is None:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            return [(int(row[0]), tuple(row[4])) for row in rows]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(_family(text), _sockaddr(text, port)) for text in found]

    def dial(self, family: int, address: Sockaddr, timeout: float) -> socket.socket:
        self.dialled.append(address)
        sock = FarSocket(socket.AF_INET, socket.SOCK_STREAM)
        sock.peer = (address[0], address[1])
        try:
            sock.settimeout(timeout)
            sock.connect(("127.0.0.1", self.ports[address[0]]))
        except BaseException:
            sock.close()
            raise
        return sock

    def network(self) -> Network:
        return Network(resolve=self.resolve, dial=self.dial, tls=client_tls)

    def surround(self, relay: RelayClient) -> RelayClient:
        """Let a relay live in this world."""
        relay.network = replace(relay.network, resolve=self.resolve, dial=self.dial, tls=client_tls)
        return relay


def secure(behaviour: Behaviour, *hosts: str) -> Chaos:
    """Return a server with a certificate for these hosts."""
    return Chaos(behaviour, tls=server_tls(*hosts))


def _family(text: str) -> int:
    return int(socket.AF_INET6 if ":" in text else socket.AF_INET)


def _sockaddr(text: str, port: int) -> Sockaddr:
    return (text, port, 0, 0) if ":" in text else (text, port)
