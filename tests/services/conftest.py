"""Services are tried in this process: no thread works beside the test, and nobody takes the tickets."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from studio import db
from studio.models import ImageModel
from studio.services.drawing import leases, thumbnails
from studio.services.relays import edit
from tests.money import money_of


@pytest.fixture(autouse=True)
def _alone(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    monkeypatch.setattr(leases, "_heartbeat", threading.main_thread())
    monkeypatch.setattr(thumbnails, "develop_soon", lambda pk: None)


@pytest.fixture
def break_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what lets transactions be committed from then on, and not reach the disk."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL waits for the disk by itself")

    def sync() -> None:
        raise OSError("no disk")

    return lambda: monkeypatch.setattr(db._log, "sync", sync)


@pytest.fixture
def money():
    """Return (reserved, spent, presumed) of a row as it stands in the database."""
    return money_of


@pytest.fixture
def other_model(db) -> ImageModel:
    """A model of another relay."""
    relay = edit.add_relay(
        name="Other", dialect="openai", base_url="http://127.0.0.1:2/v1", api_key="k" * 12, sandbox=True
    )
    return edit.add_model(relay=relay, model_id="other", label="Other", accepts={})
