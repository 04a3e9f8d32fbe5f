"""A program of bob's: its token, and a client that sends it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from studio.models import Token
from studio.services import tokens


@pytest.fixture
def made(bob, db) -> tuple[Token, str]:
    return tokens.make(person=bob, name="Scripts")


@pytest.fixture
def token(made) -> Token:
    return made[0]


@pytest.fixture
def secret(made) -> str:
    return made[1]


@pytest.fixture
def post(secret) -> Callable[..., Any]:
    """Send a body to an address under /v1/; headers by their names."""

    def send(path: str, body: Any, **headers: str) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"Authorization": f"Bearer {secret}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return Client(enforce_csrf_checks=True).post(
            f"/v1/{path}", text, content_type="application/json", headers=headers
        )

    return send


@pytest.fixture
def get(secret) -> Callable[..., Any]:
    def fetch(path: str, **headers: str) -> Any:
        return Client().get(f"/v1/{path}", headers={"Authorization": f"Bearer {secret}"} | headers)

    return fetch
