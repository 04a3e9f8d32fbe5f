"""The cast: alice runs the studio, mona moderates, bob and charlie are members, sid is suspended."""

import pytest
from django.test import Client

from studio.models import ImageModel, Role, User
from studio.services.drawing import leases
from studio.services.relays import defaults, edit
from tests.factories import make_user


@pytest.fixture
def alice(db) -> User:
    return make_user("Alice", role=Role.ADMINISTRATOR)


@pytest.fixture
def bob(db) -> User:
    return make_user("Bob")


@pytest.fixture
def charlie(db) -> User:
    return make_user("Charlie")


@pytest.fixture
def mona(db) -> User:
    return make_user("Mona", role=Role.MODERATOR)


@pytest.fixture
def sid(db) -> User:
    return make_user("Sid", is_active=False)


@pytest.fixture
def as_bob(bob) -> Client:
    """A browser in which bob is signed in."""
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def as_charlie(charlie) -> Client:
    client = Client()
    client.force_login(charlie)
    return client


@pytest.fixture
def as_alice(alice) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def model(db) -> ImageModel:
    """A Routeway model of the sandbox that takes everything; nothing listens behind it unless `sandbox` is asked."""
    relay = edit.add_relay(
        name="Sandbox",
        dialect="routeway",
        base_url="http://127.0.0.1:1/v1",
        api_key="key-0123456789",
        sandbox=True,
    )
    return edit.add_model(relay=relay, **defaults.SANDBOX_MODELS["routeway"][0])


@pytest.fixture
def plain_model(model) -> ImageModel:
    """A model that takes a size and nothing else."""
    return edit.add_model(
        relay=model.relay, model_id="plain", label="Plain", accepts={"size": ["1024x1024"]}, max_n=2
    )


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path, monkeypatch) -> None:
    """Spool, pictures and sandbox files of each test lie in a folder of its own."""
    settings.SPOOL_DIR = tmp_path / "spools"
    settings.SANDBOX_DIR = tmp_path / "sandbox"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "studio.storages.FolderStorage",
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.SPOOL_DIR.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed only
    monkeypatch.setattr(leases, "start", lambda: None)  # no heartbeat outlives its test


@pytest.fixture
def sandbox(transactional_db, live_server, settings) -> None:
    """The sandbox relays, answering over real HTTP at the live server; `model` and the openai one lead there."""
    settings.SANDBOX_URL = f"{live_server.url}/sandbox"
    settings.RELAY_PRIVATE_ALLOW = frozenset(
        {live_server.url.removeprefix("http://"), *settings.RELAY_PRIVATE_ALLOW}
    )
    settings.SANDBOX = True
    defaults.ensure()
