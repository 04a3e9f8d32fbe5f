"""The composer's form: only what the model takes, clean text, clear sentences."""

import uuid
from typing import Any

import pytest

from studio.forms import clean_text
from studio.forms.generations import (
    UNKNOWN_MODEL,
    GenerationForm,
    carried,
    model_label,
    ratio_of,
    size_label,
)
from studio.models import ImageModel


def sent(model, *, models=None, **changes: Any) -> GenerationForm:
    data = {
        "submission_id": str(uuid.uuid4()),
        "model": str(model.pk),
        "prompt": "A lake",
        "n": "2",
        "shared": "1",
    }
    data |= changes
    return GenerationForm.sent({k: v for k, v in data.items() if v is not None}, models or [model], model)


def errors(form: GenerationForm) -> dict[str, list[str]]:
    return {name: list(sentences) for name, sentences in form.errors.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1b[31m\x7f\x85c", "ab[31mc"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("tab\tstays", "tab\tstays"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("family 👨‍👩‍👧, עברית, 中文", "family 👨‍👩‍👧, עברית, 中文"),
    ],
)
def test_clean_text_takes_out_control_characters_only(text, expected):
    assert clean_text(text) == expected


def test_form_full_returns_typed_settings(model):
    form = sent(
        model,
        size="1792x1024",
        quality="hd",
        negative_prompt=" blur ",
        seed="42",
        steps="30",
        guidance="7.5",
        shared="0",
    )

    assert form.is_valid(), form.errors
    assert form.asked == {
        "submission_id": form.cleaned_data["submission_id"],
        "model": model,
        "text": "A lake",
        "settings": {
            "size": "1792x1024",
            "quality": "hd",
            "negative_prompt": "blur",
            "seed": 42,
            "steps": 30,
            "guidance": 7.5,
        },
        "n": 2,
        "shared": False,
    }


def test_form_with_empty_values_leaves_them_out(model):
    form = sent(model, seed="", negative_prompt="  ", guidance="", size="1024x1024")

    assert form.is_valid(), form.errors
    assert form.settings == {"size": "1024x1024"}


def test_form_ignores_fields_that_the_model_does_not_take(plain_model):
    form = sent(plain_model, n="1", seed="7", base_url="http://evil.example", quality="hd")

    assert form.is_valid(), form.errors
    assert form.settings == {}


def test_form_zero_is_a_value(model):
    form = sent(model, seed="0", guidance="0")

    assert form.is_valid(), form.errors
    assert form.settings == {"seed": 0, "guidance": 0.0}


def test_form_without_shared_follows_the_installation(model, settings):
    settings.DEFAULT_SHARED = False
    form = sent(model, shared=None)

    assert form.is_valid(), form.errors
    assert form.asked["shared"] is False


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("prompt", "", "Write what you want to see."),
        ("prompt", " \x00\n ", "Write what you want to see."),
        ("prompt", "x" * 4001, "A prompt has at most 4,000 characters; this one has 4001."),
        ("n", "0", "The count is a number from 1 to 10."),
        ("n", "11", "The count is a number from 1 to 10."),
        ("n", "-1", "The count is a number from 1 to 10."),
        ("n", "1e9", "The count is a number from 1 to 10."),
        ("n", "", "The count is a number from 1 to 10."),
        ("seed", "-1", "Seed is a number from 0 to 2,147,483,647."),
        ("seed", "2147483648", "Seed is a number from 0 to 2,147,483,647."),
        ("seed", "1.5", "Seed is a number from 0 to 2,147,483,647."),
        ("steps", "151", "Steps is a number from 1 to 150."),
        ("guidance", "50.1", "Guidance is a number from 0 to 50."),
        ("guidance", "nan", "Guidance is a number from 0 to 50."),
        ("size", "9x9", "This model does not take this size. Choose another one."),
        ("quality", "ultra", "This model does not take this quality. Choose another one."),
        ("submission_id", "", "This form has expired. Press the button again."),
        ("submission_id", "nonsense", "This form has expired. Press the button again."),
    ],
)
def test_form_with_a_wrong_value_says_so_at_the_field(model, field, value, sentence):
    assert errors(sent(model, **{field: value})) == {field: [sentence]}


def test_form_count_is_limited_by_the_model(plain_model):
    assert errors(sent(plain_model, n="3")) == {"n": ["The count is a number from 1 to 2."]}


def test_form_longest_prompt_is_valid(model):
    assert sent(model, prompt="x" * 4000).is_valid()


def test_form_with_a_foreign_model_says_so_above_the_form(model):
    stranger = ImageModel(relay=model.relay, accepts=model.accepts)

    form = sent(stranger, models=[model])

    assert errors(form) == {"__all__": [UNKNOWN_MODEL]}


def test_form_free_size_takes_width_by_height(model):
    model.accepts = {"size": []}

    assert sent(model, size="640x480").is_valid()
    assert errors(sent(model, size="huge")) == {
        "size": ["Write the size as width and height, for example 1024x1024."]
    }


def test_form_unknown_accepted_field_with_values_is_a_choice_under_more(model):
    model.accepts = {"background": ["opaque", "transparent"], "telepathy": []}
    form = sent(model, background="transparent")

    assert form.is_valid(), form.errors
    assert form.settings == {"background": "transparent"}
    assert [field.name for field in form.more] == ["background"]


def test_tiles_mark_the_first_size_until_one_is_chosen(model):
    opened = GenerationForm.opened(model)
    chosen = GenerationForm.opened(model, size="1024x1792")

    assert [tile.checked for tile in opened.tiles] == [True, False, False]
    assert [tile.checked for tile in chosen.tiles] == [False, False, True]
    assert [tile.ratio for tile in opened.tiles] == [1.0, 1.75, 0.5714]


def test_opened_gives_each_form_its_own_submission_id(model):
    first, second = GenerationForm.opened(model), GenerationForm.opened(model)

    assert first["submission_id"].value() != second["submission_id"].value()


def test_carried_keeps_what_fits_and_names_the_rest(plain_model):
    data = {
        "prompt": "A lake",
        "size": "1024x1024",
        "quality": "hd",
        "seed": "4",
        "n": "8",
        "shared": "0",
        "x": "y",
    }

    kept, aside = carried(data, plain_model)

    assert kept == {"prompt": "A lake", "size": "1024x1024", "n": 2, "shared": False}
    assert aside == ["quality hd", "seed", "more than 2 at once"]


def test_carried_size_that_does_not_fit_is_named(plain_model):
    assert carried({"size": "1792x1024"}, plain_model)[1] == ["size 1792×1024"]


@pytest.mark.parametrize("count", ["", "abc", "²", "-3", "0", "99999999999999999999"])
def test_carried_with_a_wrong_count_does_not_fail(plain_model, count):
    kept, _aside = carried({"n": count}, plain_model)

    assert kept.get("n", 1) <= 2


@pytest.mark.parametrize(
    ("size", "ratio", "label"),
    [
        ("1024x1024", 1.0, "Square, 1024 × 1024 pixels"),
        ("1536x1024", 1.5, "Landscape, 1536 × 1024 pixels"),
        ("1024x1536", 0.6667, "Portrait, 1024 × 1536 pixels"),
        ("auto", 1.0, "Size as the model likes"),
        ("0x0", 1.0, "Square, 0 × 0 pixels"),
    ],
)
def test_size_is_said_in_words(size, ratio, label):
    assert (ratio_of(size), size_label(size)) == (ratio, label)


def test_model_label_says_the_usual_time(model):
    model.usual_ms = 5600

    assert model_label(model) == f"{model.label} · 6 s"
