"""A sandbox of its own for each test, and short ways to ask it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

KEY = "sandbox-key-for-tests"

type Ask = Callable[..., SimpleNamespace]


@pytest.fixture(autouse=True)
def sandbox(settings, tmp_path: Path) -> Path:
    """The sandbox's folder."""
    settings.SANDBOX_DIR = tmp_path / "sandbox"
    settings.SANDBOX_KEY = KEY
    settings.SANDBOX_URL_LIFETIME = 3600
    settings.SANDBOX_DELAY = 0
    return settings.SANDBOX_DIR


@pytest.fixture(scope="session")
def _http() -> Iterator[LiveServer]:
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def server(_http: LiveServer, settings) -> LiveServer:
    """The sandbox over real HTTP; `live_server` would bring a database and empty it after each test."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]
    return _http


@pytest.fixture
def ask(client: Client) -> Ask:
    """Post an order: `ask("routeway", prompt="a lake", n=2)`; small and quick unless the test says otherwise."""

    def ask(dialect: str, *, key: str = KEY, raw: bytes | None = None, **fields: object) -> SimpleNamespace:
        defaults = {
            "routeway": {"model": "sandbox-sketch:free", "size": "512x512"},
            "openai": {"model": "gpt-image-sandbox"},
            "routmy": {"model": "sandbox/canvas", "size": "256x256"},
            "relayrouter": {"model": "sandbox-poster", "size": "256x256"},
            "generic": {"model": "sandbox-litho", "size": "256x256"},
        }
        body = json.dumps(defaults[dialect] | {"prompt": "a lake"} | fields).encode() if raw is None else raw
        response = client.post(
            reverse("sandbox:generations", args=[dialect]),
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        return answer(response)

    return ask


@pytest.fixture
def say(client: Client) -> Ask:
    """Post a message: `say("chat", "a lake", image_config={…})`."""

    def say(dialect: str, prompt: str = "a lake", *, key: str = KEY, **fields: object) -> SimpleNamespace:
        body = {
            "model": "sandbox/talking-brush",
            "messages": [{"role": "user", "content": prompt}],
            "modalities": ["image", "text"],
        }
        response = client.post(
            reverse("sandbox:completions", args=[dialect]),
            json.dumps(body | fields),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        return answer(response)

    return say


def answer(response: HttpResponse) -> SimpleNamespace:
    """Return status, headers, bytes and (if it is JSON) the value of an answer."""
    content = response.getvalue()
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    return SimpleNamespace(status=response.status_code, headers=response.headers, content=content, json=value)
