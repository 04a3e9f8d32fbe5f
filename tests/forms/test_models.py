"""What administrators type about models."""

import pytest

from studio.forms.models import ModelForm, SwitchForm, fields_of, split_values
from studio.models import ImageModel
from studio.services.relays import edit

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(model) -> ImageModel:
    """A model of another relay."""
    relay = edit.add_relay(
        name="Other", dialect="generic", base_url="https://other.example/v1", api_key="sk-0123456789abcd"
    )
    return edit.add_model(relay=relay, model_id="other", accepts={"size": ["1024x1024"]})


def sent(model: ImageModel, **changes: str | None) -> dict[str, str]:
    """What the page's form sends for the model as it is, with some changes; None leaves a field out."""
    form = ModelForm(model=model)
    values = {name: form[name].value() for name in form.fields}
    data = {name: "on" if value is True else str(value) for name, value in values.items() if value}
    return {name: value for name, value in (data | changes).items() if value is not None}


def test_model_form_sent_unchanged_changes_nothing(model):
    form = ModelForm(sent(model), model=model)

    assert form.is_valid()
    assert form.changes == {}


def test_model_form_shows_the_settings_its_dialect_sends(model, other):
    assert fields_of(model) == ["size", "quality", "negative_prompt", "seed", "steps", "guidance"]
    assert [taken.name for taken in ModelForm(model=model).taken] == fields_of(model)
    assert "style" in fields_of(other)


def test_model_form_model_that_draws_through_chat_takes_what_chat_takes(model):
    model.by_chat, model.accepts = True, {}

    assert fields_of(model) == ["aspect_ratio", "image_size", "image_only"]


def test_model_form_setting_it_was_given_before_can_be_taken_away(model):
    model.accepts = {"style": ["vivid"]}

    form = ModelForm(sent(model, takes_style=None), model=model)

    assert form.is_valid()
    assert form.changes == {"accepts": {}}


def test_model_form_changes_hold_what_differs_alone(model):
    data = sent(model, label="Flux", takes_seed=None, values_size="1024×1024, 512x512,, 512x512", max_n="3")

    form = ModelForm(data, model=model)

    assert form.is_valid()
    assert form.changes == {
        "label": "Flux",
        "max_n": 3,
        "per_call": 3,
        "accepts": {
            "size": ["1024x1024", "512x512"],
            "quality": ["standard", "hd"],
            "negative_prompt": [],
            "steps": [],
            "guidance": [],
        },
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Say how many minutes."),
        ("an hour", "Say how many minutes, as a number."),
        ("0", "Ensure this value is greater than or equal to 1."),
        ("10081", "Ensure this value is less than or equal to 10080."),
    ],
)
def test_model_form_minutes_a_link_lives_are_a_number_within_a_week(model, typed, said):
    form = ModelForm(sent(model) | {"link_minutes": typed}, model=model)

    assert form.errors == {"link_minutes": [said]}


def test_model_form_minutes_a_link_lives_are_a_change(model):
    form = ModelForm(sent(model, link_minutes="240"), model=model)

    assert form.is_valid()
    assert form.changes == {"link_minutes": 240}


def test_model_form_no_values_means_any(model):
    form = ModelForm(sent(model, values_quality=""), model=model)

    assert form.is_valid()
    assert form.changes["accepts"]["quality"] == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("large", "large is no size. Write for example 1024x1024, 1792x1024, auto."),
        ("x" * 41, "At most 40 values of at most 40 characters each."),
        (",".join(map(str, range(41))), "At most 40 values of at most 40 characters each."),
    ],
)
def test_model_form_wrong_values_are_said_at_the_setting(model, values, sentence):
    form = ModelForm(sent(model, values_size=values), model=model)

    assert form.errors["values_size"] == [sentence]
    assert [taken.name for taken in form.taken if taken.wrong] == ["size"]


def test_model_form_any_legal_size_and_auto_are_sizes(model):
    form = ModelForm(sent(model, values_size="auto, WxH"), model=model)

    assert form.is_valid()
    assert form.changes["accepts"]["size"] == ["auto", "WxH"]


def test_model_form_through_chat_leaves_the_other_dialects_settings_aside(model):
    form = ModelForm(sent(model, by_chat="on"), model=model)

    assert form.is_valid()
    assert form.changes == {"by_chat": True}


def test_model_form_of_a_chat_relay_does_not_ask_for_chat(model):
    model.relay.dialect = "chat"

    assert "by_chat" not in ModelForm(model=model).fields


def test_model_form_stand_in_is_a_model_of_another_relay(model, plain_model, other):
    form = ModelForm(sent(model, stand_in=str(other.pk)), model=model, stand_ins=[plain_model, other])

    assert form.is_valid()
    assert form.changes == {"stand_in": other}
    same = ModelForm(sent(model, stand_in=str(plain_model.pk)), model=model, stand_ins=[plain_model, other])
    assert same.errors["stand_in"] == ["This model cannot stand in. Choose another one."]


def test_model_form_stand_in_that_is_no_longer_offered_stays_chosen(model, other):
    model.stand_in = other

    form = ModelForm(sent(model), model=model, stand_ins=[])

    assert form.is_valid()
    assert form.changes == {}


def test_model_form_unknown_model_stays_unknown_until_somebody_says_so(model):
    model.draws = None

    changes = {}
    for ticked in (None, "on"):
        form = ModelForm(sent(model, draws=ticked), model=model)
        assert form.is_valid()
        changes[ticked] = form.changes

    assert changes == {None: {}, "on": {"draws": True}}


def test_model_form_marks_what_was_set_by_hand(model):
    model.by_hand = ["label"]

    assert [used.bound.name for used in ModelForm(model=model).of_use if used.by_hand] == ["label"]


@pytest.mark.parametrize(
    ("data", "changes"),
    [
        ({"draws": "1"}, {"draws": True, "enabled": True}),
        ({"draws": "0"}, {"draws": False, "enabled": False}),
        ({"enabled": "0"}, {"enabled": False}),
        ({}, {}),
    ],
)
def test_switch_form_model_that_draws_is_offered_and_another_is_not(data, changes):
    form = SwitchForm(data)

    assert form.is_valid()
    assert form.changes == changes


def test_split_values_takes_each_value_once_and_reads_the_sign_of_multiplication():
    assert split_values(" 1024 × 1024,auto,\nauto, 16:9 ,") == ["1024x1024", "auto", "16:9"]
