"""Which addresses may be reached (SAFETY.md §2, points 1 to 4)."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

NEVER = [
    ip_network(text)
    for text in ("169.254.0.0/16", "fd00:ec2::254/128", "168.63.129.16/32", "100.100.100.200/32", "fe80::/10")
]
DENIED = [
    ip_network(text)
    for text in """
        0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
        192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
        ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16
        fc00::/7 fe80::/10 fec0::/10 ff00::/8
    """.split()  # noqa: SIM905
]
UNICAST = ip_network("2000::/3")  # all of IPv6 that is given out; the rest fools is_global
PUBLIC_PORTS = frozenset({80, 443})
URL_LIMIT = 8192


class ForbiddenAddress(Exception):
    """An address our rules do not let us reach; `rule` is one word for the log, `host` has no query."""

    def __init__(self, rule: str, host: str = "") -> None:
        super().__init__(f"{rule}: {host}")
        self.rule = rule
        self.host = host


def spot(host: str, port: int) -> str:
    """Return `host:port` as RELAY_PRIVATE_ALLOW writes it, with brackets around an IPv6 address."""
    name = host.lower().strip("[]")
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def parse_url(text: str, *, allow: frozenset[str] = frozenset()) -> httpx.URL:
    """Return the address if its shape may be called: https, no user, a public port, or opened by `allow`."""
    try:
        url = httpx.URL(text) if len(text) <= URL_LIMIT else httpx.URL()
        host = url.raw_host.decode("ascii")
        _ = url.host  # raises for an xn-- name that stands for nothing, which httpx would trip over later
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
        raise ForbiddenAddress("url") from None
    if url.scheme not in ("http", "https"):
        raise ForbiddenAddress("scheme" if url.scheme else "url", host)
    if not host:
        raise ForbiddenAddress("url")
    if "%" in host:
        raise ForbiddenAddress("scope_id" if ":" in host else "url", host)
    if url.userinfo:
        raise ForbiddenAddress("userinfo", host)
    port = url.port or (443 if url.scheme == "https" else 80)
    opened = spot(host, port) in allow
    if url.scheme == "http" and not opened:
        raise ForbiddenAddress("scheme", host)
    if port not in PUBLIC_PORTS and not opened:
        raise ForbiddenAddress("port", host)
    return url


def denial(text: str, *, opened: bool = False) -> str | None:
    """Return why this address is denied, or None; an `opened` one is only denied as a metadata service."""
    if "%" in text:
        return "scope_id"
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return "url"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if _within(address, NEVER):
        return "metadata"
    if opened:
        return None
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return "private_address"
    return "private_address" if _within(address, DENIED) or not address.is_global else None


def check_all(addresses: Iterable[str], *, host: str, opened: bool) -> None:
    """Refuse the name unless every one of its addresses may be reached."""
    rules = [denial(address, opened=opened) for address in addresses]
    bad = [rule for rule in rules if rule]
    if bad:
        raise ForbiddenAddress(bad[0] if len(bad) == len(rules) else "mixed_answer", host)


def _within(address: IPv4Address | IPv6Address, networks: Iterable[object]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]
