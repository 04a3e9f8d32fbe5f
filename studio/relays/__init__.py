"""The outside world: how the studio talks to image relays. No Django here, and httpx nowhere else."""

from studio.relays.base import Relay
from studio.relays.openai import OpenAIRelay
from studio.relays.routeway import RoutewayRelay

DIALECTS: dict[str, type[Relay]] = {relay.dialect: relay for relay in (RoutewayRelay, OpenAIRelay)}


def open_relay(*, dialect: str, base_url: str, api_key: str, allow: frozenset[str] = frozenset()) -> Relay:
    """Return a relay that speaks `dialect`; nothing is sent yet."""
    return DIALECTS[dialect](base_url=base_url, api_key=api_key, allow=allow)
