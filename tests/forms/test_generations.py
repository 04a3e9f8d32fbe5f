"""The composer's form: only what the model takes, clean text, clear sentences."""

import uuid
from typing import Any

import pytest

from studio.cleaning import clean_text
from studio.forms.generations import UNKNOWN_MODEL, GenerationForm, model_label
from studio.models import ImageModel, Role, User
from studio.relays.dialects.known_models import RATIOS, TIERS
from studio.services.orders import Order
from studio.words import Reason

MEMBER = User(name="Bob")
GPT_IMAGE = {
    "size": ["auto", "1024x1024", "1536x1024", "1024x1536", "WxH"],
    "quality": ["auto", "low", "medium", "high"],
    "background": ["auto", "opaque", "transparent"],
    "output_format": ["png", "webp", "jpeg"],
    "output_compression": [],
    "moderation": ["auto", "low"],
}
ROUTMY = {"aspect_ratio": RATIOS, "image_size": TIERS, "quality": [], "style": ["vivid", "natural"]}


def sent(model, *, models=None, person=MEMBER, **changes: Any) -> GenerationForm:
    data = {
        "submission_id": str(uuid.uuid4()),
        "model": str(model.pk),
        "prompt": "A lake",
        "n": "2",
        "shared": "1",
    }
    data |= changes
    data = {name: value for name, value in data.items() if value is not None}
    return GenerationForm.sent(data, models or [model], model, person=person)


def taking(model, **accepts: list[str]) -> ImageModel:
    model.accepts = accepts
    return model


def groups(form: GenerationForm) -> dict[str, list[tuple[str, bool]]]:
    return {choice.name: [(tile.value, tile.checked) for tile in choice.tiles] for choice in form.choices}


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
    assert form.order == Order(
        model=model,
        text="A lake",
        n=2,
        shared=False,
        settings={
            "size": "1792x1024",
            "quality": "hd",
            "negative_prompt": "blur",
            "seed": 42,
            "steps": 30,
            "guidance": 7.5,
        },
    )


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
    assert form.order.shared is False


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


@pytest.mark.parametrize(
    ("role", "least", "sentence"),
    [
        (Role.MEMBER, Role.MODERATOR, "Sandbox Flux cannot be used now: for moderators only."),
        (Role.MEMBER, Role.ADMINISTRATOR, "Sandbox Flux cannot be used now: for administrators only."),
        (Role.MODERATOR, Role.MODERATOR, ""),
        (Role.ADMINISTRATOR, Role.MODERATOR, ""),
    ],
)
def test_form_with_a_model_of_a_higher_role_says_why_above_the_form(model, role, least, sentence):
    model.least_role = least

    form = sent(model, person=User(role=role))

    assert errors(form) == ({"__all__": [sentence]} if sentence else {})


# Sizes


def test_form_free_size_takes_width_by_height(model):
    taking(model, size=[])

    pair = sent(model, size_width="640", size_height=" 480 ")
    text = sent(model, size="640 × 480")

    assert (pair.is_valid(), text.is_valid()) == (True, True)
    assert (pair.settings, text.settings) == ({"size": "640x480"}, {"size": "640x480"})
    assert sent(model).is_valid()
    assert errors(sent(model, size="huge")) == {
        "size": ["Write the size as width and height, for example 1024 and 1024."]
    }


@pytest.mark.parametrize(
    ("data", "size"),
    [
        ({"size": "1536x1024"}, "1536x1024"),
        ({"size": "auto", "size_width": "640", "size_height": "480"}, "auto"),
        ({"size": "own", "size_width": "1088", "size_height": "1920"}, "1088x1920"),
        ({"size": "1088x1920", "size_width": "1080", "size_height": "1920"}, "1088x1920"),
        ({"size": "3840x2160"}, "3840x2160"),
    ],
)
def test_form_size_by_rules_takes_named_and_legal_ones(model, data, size):
    form = sent(taking(model, **GPT_IMAGE), **data)

    assert form.is_valid(), form.errors
    assert form.settings == {"size": size}


@pytest.mark.parametrize(
    ("width", "height", "reason", "nearest"),
    [
        ("1080", "1920", "both sides must be divisible by 16", "1072x1920"),
        ("512", "2048", "one side may be at most 3 times the other", "672x2016"),
        ("4096", "2160", "a side has at most 3,840 pixels", "3840x2032"),
        ("3840", "3840", "it has more than 8,294,400 pixels", "2880x2880"),
    ],
)
def test_form_illegal_size_says_which_rule_and_offers_the_nearest(model, width, height, reason, nearest):
    taking(model, **GPT_IMAGE)

    form = sent(model, size="own", size_width=width, size_height=height)

    assert errors(form) == {"size": [f"{width}×{height} cannot be drawn: {reason}."]}
    assert form.offer.value == nearest
    assert sent(model, size=form.offer.value, size_width=width, size_height=height).is_valid()


@pytest.mark.parametrize(
    ("width", "height"), [("", ""), ("1024", ""), ("", "1024"), ("a", "b"), ("-16", "16")]
)
def test_form_own_size_that_is_none_says_what_to_write(model, width, height):
    form = sent(taking(model, **GPT_IMAGE), size="own", size_width=width, size_height=height)

    assert errors(form) == {"size": ["Write the size as width and height, for example 1024 and 1024."]}
    assert form.offer is None
    own = form.choices[0].own
    assert (own.checked, own.width, own.height) == (True, width, height)


def test_form_the_marker_for_any_size_is_no_size(model):
    assert "size" in errors(sent(taking(model, **GPT_IMAGE), size="WxH"))


def test_choices_of_a_size_list_mark_the_first_until_one_is_chosen(model):
    opened = GenerationForm.opened(model)
    chosen = GenerationForm.opened(model, size="1024x1792")

    assert groups(opened) == {"size": [("1024x1024", True), ("1792x1024", False), ("1024x1792", False)]}
    assert groups(chosen) == {"size": [("1024x1024", False), ("1792x1024", False), ("1024x1792", True)]}
    assert [tile.ratio for tile in opened.choices[0].tiles] == [1.0, 1.75, 0.5714]
    assert opened.choices[0].own is None


def test_choices_by_rules_have_a_size_of_ones_own(model):
    taking(model, **GPT_IMAGE)

    opened = GenerationForm.opened(model).choices[0]
    chosen = GenerationForm.opened(model, size="1088x1920").choices[0]

    assert [tile.value for tile in opened.tiles] == ["auto", "1024x1024", "1536x1024", "1024x1536"]
    assert (opened.own.checked, opened.own.step, opened.own.most) == (False, 16, 3840)
    assert [tile.checked for tile in chosen.tiles] == [False] * 4
    assert (chosen.own.checked, chosen.own.width, chosen.own.height) == (True, "1088", "1920")


def test_choices_of_any_size_are_a_pair_alone(model):
    choice = GenerationForm.opened(taking(model, size=[])).choices[0]

    assert (choice.tiles, choice.own.width, choice.own.rule) == ([], "", "")


def test_choices_of_shape_and_resolution_may_be_left_to_the_model(model):
    form = GenerationForm.opened(taking(model, **ROUTMY), aspect_ratio="16:9")

    shapes = groups(form)
    assert shapes["aspect_ratio"] == [("", False), *((ratio, ratio == "16:9") for ratio in RATIOS)]
    assert shapes["image_size"] == [("", True), ("1K", False), ("2K", False), ("4K", False)]


def test_choices_of_a_model_with_sizes_and_ratios_leave_the_size_open(model):
    form = GenerationForm.opened(taking(model, size=["1024x1024"], aspect_ratio=["1:1"]))

    assert groups(form)["size"] == [("", True), ("1024x1024", False)]


# Other settings


def test_form_of_a_relay_with_shapes_returns_the_studios_own_names(model):
    form = sent(taking(model, **ROUTMY), aspect_ratio="21:9", image_size="4K", quality="fine", style="vivid")

    assert form.is_valid(), form.errors
    assert form.settings == {"aspect_ratio": "21:9", "image_size": "4K", "quality": "fine", "style": "vivid"}


def test_form_of_gpt_image_takes_all_it_knows(model):
    wanted = {
        "size": "auto",
        "quality": "high",
        "background": "transparent",
        "output_format": "webp",
        "output_compression": "0",
        "moderation": "low",
    }

    form = sent(taking(model, **GPT_IMAGE), **wanted)

    assert form.is_valid(), form.errors
    assert form.settings == wanted | {"output_compression": 0}


@pytest.mark.parametrize(
    ("kind", "packed", "wrong"),
    [
        ("png", "80", True),
        ("", "80", True),
        ("webp", "80", False),
        ("jpeg", "100", False),
        ("png", "", False),
    ],
)
def test_form_compression_needs_webp_or_jpeg(model, kind, packed, wrong):
    form = sent(taking(model, **GPT_IMAGE), output_format=kind, output_compression=packed)

    sentence = "Compression works for WebP and JPEG only. Choose one of them, or leave this empty."
    assert errors(form) == ({"output_compression": [sentence]} if wrong else {})


def test_form_compression_without_a_choice_of_formats_goes_alone(model):
    assert sent(taking(model, output_compression=[]), output_compression="80").is_valid()


@pytest.mark.parametrize(
    ("accepts", "field", "value", "sentence"),
    [
        (GPT_IMAGE, "output_compression", "101", "Compression is a number from 0 to 100."),
        (GPT_IMAGE, "moderation", "none", "This model does not take this moderation. Choose another one."),
        (GPT_IMAGE, "output_format", "gif", "This model does not take this format. Choose another one."),
        (ROUTMY, "aspect_ratio", "17:9", "This model does not take this aspect ratio. Choose another one."),
        (ROUTMY, "image_size", "8K", "This model does not take this resolution. Choose another one."),
        (
            {"aspect_ratio": []},
            "aspect_ratio",
            "wide",
            "Write the aspect ratio as width to height, for example 16:9.",
        ),
    ],
)
def test_form_with_a_value_the_model_does_not_take_says_so(model, accepts, field, value, sentence):
    assert errors(sent(taking(model, **accepts), **{field: value})) == {field: [sentence]}


def test_form_lists_begin_with_leaving_it_to_the_model(model):
    form = GenerationForm.opened(taking(model, **GPT_IMAGE))

    assert [field.name for field in form.picks] == ["quality"]
    assert form["quality"].field.widget.choices[0] == ("", "default")
    assert [field.name for field in form.more] == [
        "background",
        "output_format",
        "output_compression",
        "moderation",
    ]


def test_form_has_its_own_order_of_fields(model):
    scrambled = dict(sorted({**GPT_IMAGE, "zest": ["a"], "seed": [], "negative_prompt": []}.items()))

    form = GenerationForm.opened(taking(model, **scrambled))

    assert [field.name for field in form.more] == [
        "negative_prompt",
        "seed",
        "background",
        "output_format",
        "output_compression",
        "moderation",
        "zest",
    ]


def test_form_free_words_stand_under_more(model):
    form = sent(taking(model, quality=[], style=[]), quality="ultra")

    assert form.is_valid(), form.errors
    assert form.settings == {"quality": "ultra"}
    assert [field.name for field in form.more] == ["quality", "style"]


def test_form_unknown_accepted_field_with_values_is_a_choice_under_more(model):
    form = sent(taking(model, mood=["calm", "wild"], telepathy=[], response_format=["url"]), mood="calm")

    assert form.is_valid(), form.errors
    assert form.settings == {"mood": "calm"}
    assert [field.name for field in form.more] == ["mood"]


def test_form_marks_of_a_model_are_no_fields(model):
    form = GenerationForm.opened(taking(model, aspect_ratio=["1:1"], image_only=[]))

    assert set(form.fields) == {
        "submission_id",
        "acknowledged",
        "parent",
        "saved",
        "collection",
        "preset",
        "preset_version",
        "prompt",
        "shared",
        "n",
        "aside",
        "aspect_ratio",
    }


def test_choice_keeps_only_sound_values(model):
    form = GenerationForm.opened(model, n=3, size="1792x1024", seed="7", steps="many", prompt="A lake")

    assert form.choice == {
        "model": model,
        "n": 3,
        "settings": {"size": "1792x1024", "seed": 7},
        "shared": True,
        "aside": "",
        "preset": None,
    }


def test_opened_gives_each_form_its_own_submission_id(model):
    first, second = GenerationForm.opened(model), GenerationForm.opened(model)

    assert first["submission_id"].value() != second["submission_id"].value()


def test_model_label_says_the_usual_time_or_why_not(model):
    model.usual_ms = 5600

    assert model_label(model) == "Sandbox Flux · 6 s"
    assert model_label(model, Reason("relay_paused", relay="Sandbox")) == "Sandbox Flux · Sandbox is paused"
