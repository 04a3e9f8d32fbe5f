"""The outside world: how the studio talks to image relays. No Django here, and httpx nowhere else."""

from studio.relays.base import Relay
from studio.relays.chat import ChatRelay
from studio.relays.generic import GenericRelay
from studio.relays.openai import OpenAIRelay
from studio.relays.relayrouter import RelayRouterRelay
from studio.relays.routeway import RoutewayRelay
from studio.relays.routmy import RoutMyRelay

DIALECTS: dict[str, type[Relay]] = {
    relay.dialect: relay
    for relay in (RoutewayRelay, RoutMyRelay, RelayRouterRelay, OpenAIRelay, ChatRelay, GenericRelay)
}


def open_relay(*, dialect: str, base_url: str, api_key: str, allow: frozenset[str] = frozenset()) -> Relay:
    """Return a relay that speaks `dialect`; nothing is sent yet."""
    return DIALECTS[dialect](base_url=base_url, api_key=api_key, allow=allow)
