import pytest
from django.core.exceptions import ValidationError

from studio.models import ImageModel, Relay
from studio.services import relays

pytestmark = pytest.mark.django_db


def _add(**fields) -> Relay:
    given = {
        "name": "R",
        "dialect": "openai",
        "base_url": "https://relay.example/v1",
        "api_key": "sk-0123456789abcd",
    }
    return relays.add_relay(**(given | fields))


def test_add_relay_again_brings_the_same_row_up_to_date():
    first = _add()

    second = _add(base_url="https://other.example/v1", api_key="sk-another-key-wxyz")

    row = Relay.objects.get()
    assert first == second == row
    assert (row.base_url, row.api_key, row.key_ending) == (
        "https://other.example/v1",
        "sk-another-key-wxyz",
        "wxyz",
    )


@pytest.mark.parametrize("wrong", [{"dialect": "telepathy"}, {"base_url": "not a url"}, {"name": "x" * 61}])
def test_add_relay_wrong_facts_are_refused(wrong: dict[str, str]):
    with pytest.raises(ValidationError):
        _add(**wrong)

    assert Relay.objects.count() == 0


def test_add_model_again_brings_the_same_row_up_to_date():
    relay = _add()
    relays.add_model(relay=relay, model_id="m", accepts={})

    relays.add_model(relay=relay, model_id="m", label="M", accepts={"seed": []}, max_n=2)

    row = ImageModel.objects.get()
    assert (row.label, row.accepts, row.max_n) == ("M", {"seed": []}, 2)


def test_ensure_from_environment_makes_relays_of_given_keys_once(settings):
    settings.SANDBOX = False
    settings.RELAY_KEYS = {"openai": "sk-0123456789abcd", "routeway": ""}

    relays.ensure_from_environment()
    Relay.objects.update(base_url="https://changed.example/v1")
    relays.ensure_from_environment()

    row = Relay.objects.get()
    assert (row.name, row.base_url) == ("OpenAI", "https://changed.example/v1")


def test_ensure_from_environment_sandbox_comes_and_goes(settings):
    settings.RELAY_KEYS = {"openai": "", "routeway": ""}
    settings.SANDBOX = True
    relays.ensure_from_environment()
    assert ImageModel.objects.usable().count() == 3

    settings.SANDBOX = False
    relays.ensure_from_environment()
    assert ImageModel.objects.usable().count() == 0

    settings.SANDBOX = True
    relays.ensure_from_environment()
    assert ImageModel.objects.usable().count() == 3
    assert Relay.objects.count() == 2
