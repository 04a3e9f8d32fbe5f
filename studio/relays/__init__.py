"""The outside world: how the studio talks to image relays. No Django here, and httpx nowhere else."""

from studio.relays.dialects.base import Relay
from studio.relays.dialects.chat import ChatRelay
from studio.relays.dialects.generic import GenericRelay
from studio.relays.dialects.openai import OpenAIRelay
from studio.relays.dialects.relayrouter import RelayRouterRelay
from studio.relays.dialects.routeway import RoutewayRelay
from studio.relays.dialects.routmy import RoutMyRelay

DIALECTS: dict[str, type[Relay]] = {
    relay.dialect: relay
    for relay in (RoutewayRelay, RoutMyRelay, RelayRouterRelay, OpenAIRelay, ChatRelay, GenericRelay)
}


def open_relay(*, dialect: str, base_url: str, api_key: str, allow: frozenset[str] = frozenset()) -> Relay:
    """Return a relay that speaks `dialect`; nothing is sent yet."""
    return DIALECTS[dialect](base_url=base_url, api_key=api_key, allow=allow)
