import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError

from studio.errors import Unavailable
from studio.models import ImageModel, Relay

pytestmark = pytest.mark.django_db
KEY = "sk-abcdefghij0123456789"


def _relay(name: str = "R", key: str = KEY) -> Relay:
    relay = Relay(name=name, dialect="openai", base_url="https://relay.example/v1")
    relay.api_key = key
    relay.save()
    return Relay.objects.get(pk=relay.pk)


def test_api_key_is_sealed_in_the_row_and_read_in_the_clear():
    relay = _relay()

    assert relay.api_key == KEY
    assert relay.key_ending == "6789"
    assert KEY not in str(Relay.objects.values().get())


@pytest.mark.parametrize(("key", "ending"), [("short", ""), ("", ""), ("x" * 11, ""), ("x" * 12, "xxxx")])
def test_key_ending_shows_nothing_of_a_short_key(key: str, ending: str):
    relay = _relay(key=key)

    assert (relay.api_key, relay.key_ending) == (key, ending)


def test_api_key_old_field_key_still_reads_and_the_first_writes(settings):
    relay = _relay()
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]

    assert relay.api_key == KEY
    relay.api_key = KEY
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert relay.api_key == KEY


def test_api_key_without_its_field_key_is_unavailable(settings):
    relay = _relay()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(Unavailable) as refused:
        _ = relay.api_key

    assert refused.value.sentence == f"The key of {relay.name} cannot be read. Enter it again."


def test_usable_leaves_out_what_is_switched_off():
    on, off = _relay("On"), _relay("Off")
    Relay.objects.filter(pk=off.pk).update(enabled=False)
    for relay in (on, off):
        ImageModel.objects.create(relay=relay, model_id="a", label="B")
        ImageModel.objects.create(relay=relay, model_id="b", label="A")
        ImageModel.objects.create(relay=relay, model_id="c", label="C", enabled=False)

    assert [str(model) for model in ImageModel.objects.usable()] == ["A", "B"]


def test_fitting_keeps_what_the_model_takes():
    model = ImageModel(accepts={"size": ["1024x1024"], "seed": []})

    wanted = {"size": "1024x1024", "seed": 7, "quality": "hd"}

    assert model.accepted.fitting(wanted) == {"size": "1024x1024", "seed": 7}
    assert model.accepted.fitting({"size": "1x1"}) == {}
    assert (model.accepted.takes("seed"), model.accepted.takes("quality")) == (True, False)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("auto", True),
        ("1088x1920", True),
        ("3840x2160", True),
        ("1080x1920", False),
        ("512x2048", False),
        ("WxH", False),
        ("huge", False),
    ],
)
def test_fitting_by_rules_takes_every_legal_size(size: str, expected: bool):
    model = ImageModel(accepts={"size": ["auto", "WxH"], "quality": ["WxH"]})

    assert (model.accepted.fitting({"size": size}) == {"size": size}) is expected
    assert model.accepted.fitting({"quality": size}) == {}


@pytest.mark.parametrize("number", [0, 11])
def test_max_n_out_of_range_is_refused_by_the_database(number: int):
    with pytest.raises(IntegrityError, match="model_max_n_in_range"):
        ImageModel.objects.create(relay=_relay(), model_id="m", label="M", max_n=number)


def test_same_model_twice_at_one_relay_is_refused_by_the_database():
    relay = _relay()
    ImageModel.objects.create(relay=relay, model_id="m", label="M")

    with pytest.raises(IntegrityError):
        ImageModel.objects.create(relay=relay, model_id="m", label="Other")


@pytest.mark.parametrize(
    "change",
    [{"enabled": False}, {"draws": False}, {"draws": None}, {"gone_at": "2026-01-01T00:00Z"}],
    ids=str,
)
def test_substitute_that_is_not_offered_any_more_draws_for_nobody(bob, change):
    other = ImageModel.objects.create(relay=_relay("Other"), model_id="o", label="O")
    model = ImageModel.objects.create(relay=_relay(), model_id="m", label="M", stand_in=other)
    assert model.substitute(bob) == other

    ImageModel.objects.filter(pk=other.pk).update(**change)

    assert ImageModel.objects.get(pk=model.pk).substitute(bob) is None


@pytest.mark.parametrize("change", [{"enabled": False}, {"paused_at": "2026-01-01T00:00Z"}], ids=str)
def test_substitute_whose_relay_may_not_be_asked_draws_for_nobody(bob, change):
    other = ImageModel.objects.create(relay=_relay("Other"), model_id="o", label="O")
    model = ImageModel.objects.create(relay=_relay(), model_id="m", label="M", stand_in=other)

    Relay.objects.filter(name="Other").update(**change)

    assert ImageModel.objects.get(pk=model.pk).substitute(bob) is None


@pytest.mark.parametrize(
    ("of", "change"),
    [
        (ImageModel, {"enabled": False}),
        (ImageModel, {"draws": False}),
        (ImageModel, {"draws": None}),
        (ImageModel, {"gone_at": "2026-01-01T00:00Z"}),
        (Relay, {"enabled": False}),
    ],
    ids=["disabled", "draws nothing", "unknown", "gone", "relay disabled"],
)
def test_is_offered_says_the_same_as_offered(of, change):
    model = ImageModel.objects.create(relay=_relay(), model_id="m", label="M")
    assert model.is_offered
    assert ImageModel.objects.offered().get() == model

    of.objects.update(**change)

    assert not ImageModel.objects.get().is_offered
    assert not ImageModel.objects.offered().exists()
