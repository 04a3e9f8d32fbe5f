"""What administrators type about relays."""

import pytest

from studio.forms.relays import PauseForm, RelayForm, StepForm
from studio.models import Relay

pytestmark = pytest.mark.django_db

GIVEN = {
    "name": "Routeway",
    "dialect": "routeway",
    "base_url": "https://relay.example/v1",
    "api_key": "sk-0123456789abcdef4f2a",
    "at_once": "8",
    "per_minute": "",
    "retries": "on",
}


def errors_of(form: RelayForm) -> dict[str, list[str]]:
    return {name: list(problems) for name, problems in form.errors.items()}


@pytest.fixture
def relay() -> Relay:
    relay = Relay(name="Routeway", dialect="routeway", base_url="https://relay.example/v1")
    relay.api_key = "sk-0123456789abcdef4f2a"
    relay.save()
    return relay


def test_relay_form_good_facts_become_what_the_services_take():
    form = RelayForm(GIVEN)

    assert form.is_valid()
    assert form.asked == {
        "name": "Routeway",
        "dialect": "routeway",
        "base_url": "https://relay.example/v1",
        "api_key": "sk-0123456789abcdef4f2a",
        "at_once": 8,
        "per_minute": None,
        "retries": True,
        "enabled": False,
    }


def test_relay_form_takes_a_host_without_a_dot():
    assert RelayForm(GIVEN | {"base_url": "http://litellm:4000/v1"}).is_valid()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Give the relay a name."),
        ("base_url", "", "Enter the address of its API."),
        ("base_url", "http://", "This is not an address. It looks like https://api.example.com/v1."),
        ("api_key", "", "Enter the relay's key."),
        ("api_key", "sk-two words", "A key has no spaces and only plain characters. Copy it again."),
        ("api_key", "sk-ключ", "A key has no spaces and only plain characters. Copy it again."),
        ("at_once", "0", "Requests at once: write a whole number from 1 to 10,000, or nothing for no limit."),
        (
            "per_minute",
            "x",
            "Requests per minute: write a whole number from 1 to 10,000, or nothing for no limit.",
        ),
    ],
)
def test_relay_form_wrong_fact_is_said_at_its_field(field, value, sentence):
    form = RelayForm(GIVEN | {field: value})

    assert errors_of(form) == {field: [sentence]}


def test_relay_form_name_of_another_relay_is_refused_and_ones_own_is_not(relay):
    assert errors_of(RelayForm(GIVEN)) == {"name": ["Another relay has this name."]}
    assert RelayForm(GIVEN, relay=relay).is_valid()


def test_relay_form_empty_key_of_a_known_relay_keeps_it(relay):
    form = RelayForm(GIVEN | {"api_key": ""}, relay=relay)

    assert form.is_valid()
    assert form.asked["api_key"] is None
    assert form.fields["api_key"].help_text == "Ends in …4f2a. Leave empty to keep it."


def test_relay_form_kept_key_does_not_go_to_another_host(relay):
    moved = GIVEN | {"base_url": "https://elsewhere.example/v1"}

    assert errors_of(RelayForm(moved | {"api_key": ""}, relay=relay)) == {
        "api_key": ["The address leads to another host. Enter the key for it."]
    }
    assert RelayForm(moved, relay=relay).is_valid()
    assert RelayForm(GIVEN | {"base_url": "https://relay.example/v2", "api_key": ""}, relay=relay).is_valid()


def test_relay_form_key_is_never_written_into_the_page(relay):
    bound = RelayForm(GIVEN, relay=relay)

    assert "sk-0123" not in f"{bound} {RelayForm(relay=relay)}"


def test_relay_form_of_the_sandbox_changes_limits_alone(relay):
    relay.sandbox = True

    form = RelayForm(GIVEN | {"name": "X", "base_url": "https://x.example", "enabled": "on"}, relay=relay)

    assert form.is_valid()
    assert (form.asked["name"], form.asked["base_url"], form.asked["api_key"], form.asked["at_once"]) == (
        "Routeway",
        "https://relay.example/v1",
        None,
        8,
    )


def test_relay_form_to_be_tested_needs_no_name():
    assert RelayForm(GIVEN | {"name": "", "test": "1"}).is_valid()


def test_pause_form_without_a_reason_asks_for_one():
    form = PauseForm({"reason": "  "})

    assert form.errors["reason"] == ["Say why: everyone who wants to draw with it will read this."]


@pytest.mark.parametrize(
    ("step", "valid"), [("1", True), ("-1", True), ("0", False), ("2", False), ("", False)]
)
def test_step_form_takes_one_place_up_or_down(step, valid):
    assert StepForm({"step": step}).is_valid() is valid
