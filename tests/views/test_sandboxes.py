"""Once a real relay is there, administrators decide whether the sandbox stays."""

import pytest
from django.test import Client
from django.urls import reverse

from studio.models import AuditEntry, ImageModel, Relay
from studio.services.drawing import run
from studio.services.relays import defaults
from tests.factories import make_generation
from tests.money import money_of

QUESTION = "Does your team still need the sandbox?"


@pytest.fixture
def sandbox(db) -> None:
    defaults.ensure()


@pytest.fixture
def real(sandbox) -> Relay:
    """A relay whose key was entered on the page, and that draws."""
    relay = Relay.objects.create(name="Atelier", dialect="openai", base_url="https://relay.example/v1")
    ImageModel.objects.create(relay=relay, model_id="gpt-image-1", label="GPT Image")
    return relay


def _choose(client: Client, keep: str):
    return client.post(reverse("sandboxes.choose"), {"keep": keep}, follow=True)


def _enabled() -> set[bool]:
    return set(Relay.objects.filter(sandbox=True).values_list("enabled", flat=True))


def test_relays_before_the_first_real_one_ask_nothing(as_alice, sandbox):
    assert "administration/sandbox" not in as_alice.get(reverse("relays.index")).text


def test_relays_with_a_real_one_that_offers_nothing_ask_nothing(as_alice, real):
    """A wrong key or address: without the sandbox nobody could draw."""
    real.models.update(enabled=False)

    assert QUESTION not in as_alice.get(reverse("relays.index")).text


def test_relays_with_a_real_one_ask_until_it_is_decided(as_alice, real):
    addresses = [reverse("relays.index"), reverse("relays.detail", args=[real.pk])]
    pages = [as_alice.get(address).text for address in addresses]
    later = _choose(as_alice, "1")

    assert [QUESTION in page for page in pages] == [True, True]
    assert "The sandbox stays." in later.text
    assert QUESTION not in later.text
    assert _enabled() == {True}


def test_sandbox_switched_off_stays_off_at_the_next_start_and_can_be_switched_on(as_alice, real):
    off = _choose(as_alice, "0")
    defaults.ensure()
    still = _enabled()
    _choose(as_alice, "1")
    defaults.ensure()

    assert "The sandbox is off. Its pictures stay." in off.text
    assert (still, _enabled()) == ({False}, {True})
    assert AuditEntry.objects.filter(action="sandbox.off").count() == 1
    assert AuditEntry.objects.filter(action="sandbox.kept").count() == 1


def test_sandbox_switched_off_ends_what_waits_for_it(as_alice, bob, real):
    row = make_generation(bob, Relay.objects.filter(sandbox=True).first().models.first())
    _choose(as_alice, "0")

    run.run_next()

    row.refresh_from_db()
    assert (row.state, money_of(row)) == ("failed", (0, 0, 0))


def test_sandbox_that_the_environment_decides_about_is_not_asked_about(as_alice, real, settings):
    settings.SANDBOX_IS_FIXED = True

    assert "administration/sandbox" not in as_alice.get(reverse("relays.index")).text
    assert _choose(as_alice, "0").status_code == 409
    assert _enabled() == {True}
