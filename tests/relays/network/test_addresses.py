"""T01 and T02: whatever shape a forbidden address takes, nothing is dialled."""

import socket
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from studio.relays.dialects.base import Picture, PictureError, RelayClient, check_base_url, own_spot
from studio.relays.network.addresses import DENIED, NEVER, ForbiddenAddress, denial, parse_url, spot
from studio.relays.network.connector import NotConnected, Sockaddr
from tests.relays.faraway import World

BAD_IPV4 = [
    "127.0.0.1",
    "169.254.169.254",
    "10.0.0.1",
    "192.168.1.1",
    "172.31.255.255",
    "100.100.100.200",
    "0.0.0.0",
]


def shapes(address: str) -> list[str]:
    """Return one IPv4 address in the ways resolvers and URL parsers have been fooled with."""
    a, b, c, d = (int(part) for part in address.split("."))
    number = (a << 24) + (b << 16) + (c << 8) + d
    dotted = f"{a:02x}{b:02x}:{c:02x}{d:02x}"
    return [
        address,
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{(b << 16) + (c << 8) + d}",
        f"{a}.{b}.{(c << 8) + d}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:#x}.{b}.{(c << 8) + d:#x}",
        f"[::ffff:{address}]",
        f"[::ffff:{dotted}]",
        f"[0:0:0:0:0:ffff:{dotted}]",
        f"[::{dotted}]",
        f"[64:ff9b::{dotted}]",
        f"[2002:{dotted}::1]",
        address.translate(str.maketrans("0123456789", "0123456789")),
        address.replace(".", "。"),
        "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in address),
    ]


IPV6 = [
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[2001::1]",
    "[100::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[64:ff9b:1::1]",
    "[::ffff:0:127.0.0.1]",
]
SHAPES = sorted({shape for address in BAD_IPV4 for shape in shapes(address)} | set(IPV6))


@pytest.mark.parametrize("host", SHAPES)
def test_t01_collect_forbidden_address_in_any_shape_is_never_dialled(
    relay: RelayClient, world: World, tmp_path: Path, host: str
) -> None:
    with pytest.raises(PictureError) as caught:
        world.surround(relay).collect(
            Picture(index=0, url=f"https://{host}/a.png?secret=1"), spool=tmp_path, into=tmp_path / "a"
        )

    assert caught.value.state == "blocked_address"
    assert caught.value.rule in {"private_address", "metadata", "url", "scope_id"}
    assert "secret" not in f"{caught.value} {caught.value.host}"
    assert world.dialled == []


def test_t01_there_are_at_least_eighty_shapes() -> None:
    assert len(SHAPES) >= 80


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://images.example/a.png", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://images.example/", "scheme"),
        ("ftp://images.example/a.png", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("https://user@images.example/a.png", "userinfo"),
        ("https://user:pw@images.example/a.png", "userinfo"),
        ("https://images.example:22/a.png", "port"),
        ("https://images.example:8443/a.png", "port"),
        ("//images.example/a.png", "url"),
        ("/a.png", "url"),
        ("a.png", "url"),
        ("https://", "url"),
        ("https:///a.png", "url"),
        ("https://images.example:99999/a.png", "port"),
        ("https://images.example:x/a.png", "url"),
        ("https://[::1/a.png", "url"),
        ("https://images.example/\r\nHost: evil", "url"),
        ("https://images.example/\x00", "url"),
        ("https://" + "a" * 9000, "url"),
        ("https://xn--\u0661.example/", "url"),
        ("https://xn--0.example/a.png", "url"),
        ("https://xn--a/a.png", "url"),
    ],
)
def test_parse_url_forbidden_shape_is_refused(url: str, rule: str) -> None:
    with pytest.raises(ForbiddenAddress) as caught:
        parse_url(url)

    assert caught.value.rule == rule


def test_parse_url_opened_spot_may_use_http_and_its_own_port() -> None:
    allow = frozenset({"127.0.0.1:8000", "[::1]:8000", "relay.internal:443"})

    assert str(parse_url("http://127.0.0.1:8000/a", allow=allow)) == "http://127.0.0.1:8000/a"
    assert str(parse_url("https://[::1]:8000/a", allow=allow)) == "https://[::1]:8000/a"
    for url in ("http://127.0.0.1:8001/a", "http://localhost:8000/a", "http://relay.internal/a"):
        with pytest.raises(ForbiddenAddress):
            parse_url(url, allow=allow)


@pytest.mark.parametrize("network", sorted({str(network) for network in DENIED + NEVER}))
def test_denial_first_and_last_address_of_every_listed_network_is_denied(network: str) -> None:
    block = ip_network(network)

    assert denial(str(block[0]))
    assert denial(str(block[-1]))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "8.8.8.8", "2606:2800:220:1::1", "2a00:1450::1"]
)
def test_denial_public_address_is_free(address: str) -> None:
    assert denial(address) is None


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "100.100.100.200", "fe80::1"]
)
def test_denial_metadata_stays_denied_when_opened(address: str) -> None:
    assert denial(address, opened=True) == "metadata"
    assert denial("::ffff:169.254.169.254", opened=True) == "metadata"
    assert denial("10.0.0.1", opened=True) is None


def test_t02_vet_mixed_answer_is_refused_as_a_whole(world: World) -> None:
    for answer in (["93.184.216.34", "127.0.0.1"], ["::1", "93.184.216.34"]):
        world.name("images.example", answer)
        with pytest.raises(ForbiddenAddress) as caught:
            world.network().connect("images.example", 443, until=float("inf"))
        assert (caught.value.rule, caught.value.host) == ("mixed_answer", "images.example")
    assert world.dialled == []


def test_row_22_connect_resolves_once_and_dials_what_was_checked(world: World) -> None:
    world.name("images.example", ["93.184.216.34"], ["127.0.0.1"])
    with socket.create_server(("127.0.0.1", 0)) as server:
        world.ports["93.184.216.34"] = server.getsockname()[1]
        world.network().connect("images.example", 443, until=float("inf")).close()

    assert (world.asked, world.dialled) == (["images.example"], [("93.184.216.34", 443)])


def test_connect_other_peer_than_checked_is_refused(world: World) -> None:
    def dial(family: int, address: Sockaddr, timeout: float) -> socket.socket:
        return socket.create_connection(server.getsockname())

    world.name("images.example", ["93.184.216.34"])
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ForbiddenAddress) as caught:
        replace(world.network(), dial=dial).connect("images.example", 443, until=float("inf"))

    assert caught.value.rule == "peer"


def test_connect_first_address_dead_takes_the_next(world: World) -> None:
    world.name("images.example", ["93.184.216.33", "93.184.216.34"])
    with socket.create_server(("127.0.0.1", 0)) as dead:
        world.ports["93.184.216.33"] = dead.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as server:
        world.ports["93.184.216.34"] = server.getsockname()[1]
        world.network().connect("images.example", 443, until=float("inf")).close()

    assert [address[0] for address in world.dialled] == ["93.184.216.33", "93.184.216.34"]


def test_vet_port_that_is_not_public_is_refused(world: World) -> None:
    with pytest.raises(ForbiddenAddress) as caught:
        world.network().vet("images.example", 22)

    assert (caught.value.rule, world.asked) == ("port", [])


def test_vet_scope_id_is_refused(world: World) -> None:
    def resolve(host: str, port: int) -> list[tuple[int, Sockaddr]]:
        return [(int(socket.AF_INET6), ("2606:2800:220:1::1", port, 0, 3))]

    with pytest.raises(ForbiddenAddress) as caught:
        replace(world.network(), resolve=resolve).vet("images.example", 443)

    assert caught.value.rule == "scope_id"


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "images..example", "\x00"])
def test_vet_name_the_resolver_chokes_on_is_not_connected(host: str, relay: RelayClient) -> None:
    with pytest.raises(NotConnected):
        relay.network.vet(host, 443)


def test_own_spot_keeps_only_the_relays_own_opening() -> None:
    allow = frozenset({"127.0.0.1:8000", "10.0.0.5:9000", "[::1]:8000", "Relay.Internal:443"})

    assert own_spot("http://127.0.0.1:8000/v1", allow) == {"127.0.0.1:8000"}
    assert own_spot("http://[::1]:8000/v1", allow) == {"[::1]:8000"}
    assert own_spot("https://relay.internal/v1", allow) == {"relay.internal:443"}
    assert own_spot("https://api.routeway.ai/v1", allow) == frozenset()
    assert own_spot("https://[", allow) == frozenset()


def test_check_base_url_private_address_is_refused_unless_opened() -> None:
    with pytest.raises(ForbiddenAddress):
        check_base_url("https://127.0.0.1/v1")
    with pytest.raises(ForbiddenAddress):
        check_base_url("http://169.254.169.254:80/v1", allow=frozenset({"169.254.169.254:80"}))

    check_base_url("http://127.0.0.1:8000/v1", allow=frozenset({"127.0.0.1:8000"}))


def test_spot_writes_host_and_port_one_way() -> None:
    assert [spot("Relay.Internal", 80), spot("::1", 80), spot("[::1]", 80)] == [
        "relay.internal:80",
        "[::1]:80",
        "[::1]:80",
    ]
