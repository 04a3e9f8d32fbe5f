"""The outside world: how the studio talks to image relays. No Django here, and httpx nowhere else."""

from studio.relays.dialects.base import RelayClient
from studio.relays.dialects.chat import ChatClient
from studio.relays.dialects.generic import GenericClient
from studio.relays.dialects.openai import OpenAIClient
from studio.relays.dialects.relayrouter import RelayRouterClient
from studio.relays.dialects.routeway import RoutewayClient
from studio.relays.dialects.routmy import RoutMyClient

DIALECTS: dict[str, type[RelayClient]] = {
    relay.dialect: relay
    for relay in (RoutewayClient, RoutMyClient, RelayRouterClient, OpenAIClient, ChatClient, GenericClient)
}


def open_relay(
    *, dialect: str, base_url: str, api_key: str, allow: frozenset[str] = frozenset()
) -> RelayClient:
    """Return a relay that speaks `dialect`; nothing is sent yet."""
    return DIALECTS[dialect](base_url=base_url, api_key=api_key, allow=allow)
