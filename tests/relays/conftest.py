import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.relays import open_relay
from studio.relays.dialects.base import DrawRequest, RelayClient
from studio.relays.network.fetch import Pace
from tests.relays.chaos import Chaos
from tests.relays.faraway import World

KEY = "sk-0123456789abcdwxyz"


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "answer.spool"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def relay() -> RelayClient:
    """Routeway, patient for at most a second."""
    return hurried(open_relay(dialect="routeway", base_url="https://api.routeway.ai/v1", api_key=KEY))


@pytest.fixture
def save(spool: Path) -> Callable[..., Path]:
    """Write a spool as `send` would have."""

    def write(body: bytes | dict[str, Any] | list[Any], status: int = 200, headers: Any = None) -> Path:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        spool.write_bytes(json.dumps({"status": status, "headers": headers or {}}).encode() + b"\n" + raw)
        return spool

    return write


def near(chaos: Chaos, dialect: str = "routeway") -> RelayClient:
    """Return a relay whose private address is opened on purpose."""
    relay = open_relay(
        dialect=dialect, base_url=f"{chaos.url}/v1", api_key=KEY, allow=frozenset({chaos.spot})
    )
    return hurried(relay)


def hurried(relay: RelayClient) -> RelayClient:
    relay.pace = Pace(whole=1.0, pause=0.01)
    relay.network = replace(relay.network, connect_limit=0.5)
    return relay


def draw(**changes: Any) -> DrawRequest:
    return DrawRequest(**{"model": "flux-1-schnell", "prompt": "A garden", "n": 1, **changes})


def peak_kib(*, reset: bool = False) -> int:
    """Return the most memory this process ever held, in KiB; `reset` starts the count again from now."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("VmHWM"))
