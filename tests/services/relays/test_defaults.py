"""The relays a studio starts with: by environment key, and the sandbox."""

import pytest

from studio import tasks
from studio.models import AuditEntry, ImageModel, Relay
from studio.services.relays import catalogue, defaults, edit

pytestmark = pytest.mark.django_db

KEY = "sk-0123456789abcd"
NOTHING = dict.fromkeys(("routeway", "routmy", "relayrouter", "openai"), "")
ADDRESSES = {
    "Routeway": ("routeway", "https://api.routeway.ai/v1"),
    "rout.my": ("routmy", "https://api.rout.my/v1"),
    "RelayRouter": ("relayrouter", "https://relayrouter.io/v1"),
    "OpenAI": ("openai", "https://api.openai.com/v1"),
}


@pytest.fixture
def tickets(monkeypatch) -> list[str]:
    """The relays whose lists would be read by a worker."""
    taken: list[str] = []
    ticket = type("Ticket", (), {"enqueue": staticmethod(taken.append)})
    monkeypatch.setattr(tasks, "sync_relay", ticket)
    return taken


def offered() -> list[tuple[str, str]]:
    return [(row.relay.name, row.model_id) for row in ImageModel.objects.usable()]


def test_ensure_each_key_makes_its_relay_at_its_documented_address(settings):
    settings.SANDBOX, settings.RELAY_KEYS = False, dict.fromkeys(NOTHING, KEY)

    defaults.ensure()

    made = {row.name: (row.dialect, row.base_url) for row in Relay.objects.all()}
    assert made == ADDRESSES
    assert {row.api_key for row in Relay.objects.all()} == {KEY}


def test_ensure_again_keeps_what_administrators_changed(settings):
    settings.SANDBOX, settings.RELAY_KEYS = False, NOTHING | {"openai": KEY}
    defaults.ensure()
    Relay.objects.update(name="OpenAI for the team")

    defaults.ensure()
    Relay.objects.update(name="OpenAI", base_url="https://changed.example/v1")
    defaults.ensure()

    assert [(row.name, row.base_url) for row in Relay.objects.all()] == [
        ("OpenAI", "https://changed.example/v1")
    ]


def test_ensure_relay_that_was_never_read_gets_a_ticket(
    settings, tickets, django_capture_on_commit_callbacks
):
    settings.SANDBOX, settings.RELAY_KEYS = False, NOTHING | {"routmy": KEY}

    with django_capture_on_commit_callbacks(execute=True):
        defaults.ensure()
    relay = Relay.objects.get()
    assert tickets == [str(relay.pk)]

    Relay.objects.update(synced_at=relay.created_at)
    with django_capture_on_commit_callbacks(execute=True):
        defaults.ensure()
    assert tickets == [str(relay.pk)]


def test_ensure_relay_that_cannot_be_read_is_there_with_its_trouble(settings):
    settings.SANDBOX, settings.RELAY_KEYS = False, NOTHING | {"openai": KEY}
    settings.RELAY_PRIVATE_ALLOW = frozenset({"127.0.0.1:9"})
    defaults.ensure()
    Relay.objects.update(base_url="http://127.0.0.1:9/v1")

    tasks.sync_relay.call(str(Relay.objects.get().pk))

    row = Relay.objects.get()
    assert row.enabled
    assert row.what_is_wrong.said() == (
        "The models of OpenAI could not be read. The relay could not be reached. Nothing was sent."
    )


def test_ensure_sandbox_comes_and_goes(settings):
    settings.SANDBOX, settings.RELAY_KEYS = True, NOTHING
    defaults.ensure()
    first = offered()

    settings.SANDBOX = False
    defaults.ensure()
    without = offered()
    settings.SANDBOX = True
    defaults.ensure()

    assert without == []
    assert offered() == first
    assert first[:4] == [
        ("Sandbox", "sandbox-flux"),
        ("Sandbox", "sandbox-sketch:free"),
        ("Sandbox (OpenAI style)", "gpt-image-sandbox"),
        ("Sandbox (OpenAI style)", "gpt-image-2-sandbox"),
    ]
    assert list(dict.fromkeys(name for name, _ in first)) == list(defaults.SANDBOX_NAMES.values())


def test_ensure_sandbox_keeps_names_order_and_models_of_people(settings, alice):
    settings.SANDBOX, settings.RELAY_KEYS = True, NOTHING
    defaults.ensure()
    relay = Relay.objects.get(name="Sandbox")
    Relay.objects.filter(pk=relay.pk).update(name="Rehearsals")
    edit.move(relay=relay, administrator=alice, step=1)
    edit.edit_model(model=relay.models.get(model_id="sandbox-flux"), administrator=alice, enabled=False)
    entries = AuditEntry.objects.count()

    defaults.ensure()

    names = list(Relay.objects.values_list("name", flat=True))
    assert names[:2] == ["Sandbox (OpenAI style)", "Rehearsals"]
    assert len(names) == len(defaults.SANDBOX_NAMES)
    assert not relay.models.get(model_id="sandbox-flux").enabled
    assert AuditEntry.objects.count() == entries


def test_sandbox_lists_tell_the_same_as_the_studio_made(sandbox):
    facts = (
        "relay__name",
        "model_id",
        "label",
        "accepts",
        "max_n",
        "per_call",
        "enabled",
        "draws",
        "by_chat",
    )
    made = ImageModel.objects.filter(draws=True).order_by("relay__name", "model_id").values_list(*facts)
    before = list(made)

    found = {relay.name: outcome for relay, outcome in catalogue.sync_all()}

    assert list(made.all()) == before
    assert {name: type(outcome) for name, outcome in found.items()} == dict.fromkeys(
        defaults.SANDBOX_NAMES.values(), catalogue.Sync
    )
    assert [(outcome.gone, outcome.back) for outcome in found.values()] == [(0, 0)] * len(found)
    assert ImageModel.objects.exclude(gone_at=None).count() == 0
