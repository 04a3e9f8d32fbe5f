"""Changing the model keeps what fits and says what does not, and why."""

from typing import Any

import pytest

from studio.forms.switching import Carried, carried, read_aside, write_aside
from studio.models import ImageModel
from studio.relays.dialects.known_models import RATIOS, TIERS


@pytest.fixture
def gpt(plain_model):
    plain_model.label = "GPT"
    plain_model.accepts = {"size": ["auto", "1024x1024", "1536x1024", "WxH"], "quality": ["low", "high"]}
    return plain_model


@pytest.fixture
def shaped(plain_model):
    plain_model.label = "Shaped"
    plain_model.accepts = {"aspect_ratio": RATIOS, "image_size": TIERS}
    return plain_model


def test_carried_keeps_what_fits_and_names_the_rest(plain_model):
    data = {
        "prompt": "A lake",
        "size": "1024x1024",
        "quality": "hd",
        "style": "vivid",
        "negative_prompt": "blur, noise, text, watermark, low contrast",
        "seed": "4",
        "n": "8",
        "shared": "0",
        "x": "y",
    }

    kept, aside, *_ = carried(data, plain_model)

    assert kept == {"prompt": "A lake", "size": "1024x1024", "n": 2, "shared": False}
    assert aside == [
        "quality hd: Plain takes none",
        "style vivid: Plain takes none",
        "negative prompt blur, noise, text, watermark, low contra…: Plain takes none",
        "seed 4: Plain takes none",
        "8 at once: Plain draws 2 at most",
    ]


def test_carried_takes_the_nearest_size_of_the_same_shape(plain_model):
    plain_model.accepts = {"size": ["1024x1024", "1536x1024", "1024x1536"]}

    kept, aside, *_ = carried({"size": "1792x1024"}, plain_model)

    assert kept["size"] == "1536x1024"
    assert aside == [
        "size 1792×1024: Plain draws 1024×1024, 1536×1024, 1024×1536; the nearest, 1536×1024, is chosen"
    ]


def test_carried_without_a_size_of_that_shape_proposes_none(plain_model):
    kept, aside, *_ = carried({"size": "1792x1024"}, plain_model)

    assert "size" not in kept
    assert aside == ["size 1792×1024: Plain draws 1024×1024"]


def test_carried_counts_the_values_of_a_long_list(plain_model):
    plain_model.accepts = {"quality": list("abcdefgh")}

    assert carried({"quality": "hd"}, plain_model)[1] == [
        "quality hd: Plain takes a, b, c, d, e, f and 2 more"
    ]


def test_carried_size_under_rules_stays_or_becomes_the_nearest_legal_one(gpt):
    legal = carried({"size": "own", "size_width": "1792", "size_height": "1024"}, gpt)
    illegal = carried({"size": "1000x1000"}, gpt)

    assert (legal[0]["size"], legal[1]) == ("1792x1024", [])
    assert illegal[0]["size"] == "992x992"
    assert illegal[1] == [
        "size 1000×1000: both sides must be divisible by 16; the nearest, 992×992, is chosen"
    ]


@pytest.mark.parametrize(
    ("data", "kept", "aside"),
    [
        (
            {"size": "1792x1024"},
            {"aspect_ratio": "16:9"},
            ["size 1792×1024: Shaped takes an aspect ratio instead; the nearest, 16:9, is chosen"],
        ),
        ({"size": "auto"}, {}, ["size auto: Shaped takes none"]),
        (
            {"size": "1792x1024", "aspect_ratio": "21:9"},
            {"aspect_ratio": "21:9"},
            ["size 1792×1024: Shaped takes none"],
        ),
        ({"image_size": "8K"}, {}, ["resolution 8K: Shaped takes 1K, 2K, 4K"]),
    ],
)
def test_carried_turns_a_size_into_a_ratio(shaped, data, kept, aside):
    assert carried(data, shaped)[:2] == (kept | {"prompt": ""}, aside)


def test_carried_turns_a_ratio_into_a_size(gpt):
    kept, aside, *_ = carried({"aspect_ratio": "16:9", "image_size": "2K"}, gpt)

    assert kept == {"size": "1536x1024", "prompt": ""}
    assert aside == [
        "aspect ratio 16:9: GPT takes a size instead; the nearest, 1536×1024, is chosen",
        "resolution 2K: GPT takes none",
    ]


def test_carried_reads_remembered_values_of_any_type(model):
    settings = {"size": "1024x1024", "seed": 0, "guidance": 7.5, "steps": None}

    kept, aside, *_ = carried({**settings, "n": 3}, model)

    assert kept == {"size": "1024x1024", "seed": "0", "guidance": "7.5", "n": 3, "prompt": ""}
    assert aside == []


@pytest.mark.parametrize("count", ["", "abc", "²", "-3", "0", "99999999999999999999", None])
def test_carried_with_a_wrong_count_does_not_fail(plain_model, count):
    kept, *_ = carried({"n": count}, plain_model)

    assert kept.get("n", 1) <= 2


@pytest.mark.parametrize(
    ("sizes", "value", "expected"),
    [
        ([], "640x480", True),
        ([], "auto", False),
        (["WxH"], "640x480", True),
        (["WxH"], "641x480", False),
        (["auto", "WxH"], "auto", True),
        (["1024x1024"], "640x480", False),
    ],
)
def test_accepted_fits_knows_lists_rules_and_freedom(plain_model, sizes, value, expected):
    plain_model.accepts = {"size": sizes}

    assert plain_model.accepted.fits("size", value) is expected


# What was set aside comes back


def switch(data: dict[str, Any], *models: ImageModel) -> Carried:
    """Return what stands in the form after these switches, nothing being touched in between."""
    for model in models:
        found = carried(data, model)
        data = {name: str(value) for name, value in found.kept.items()} | {"aside": write_aside(found.aside)}
    return found


def test_carried_there_and_back_gives_everything_back(model, shaped):
    data = {"size": "1792x1024", "quality": "hd", "seed": "42", "n": "7"}
    shaped.max_n = 2

    there = switch(data, shaped)
    back = switch(data, shaped, model)

    assert there.kept == {"aspect_ratio": "16:9", "n": 2, "prompt": ""}
    assert back.kept == {"size": "1792x1024", "quality": "hd", "seed": "42", "n": 7, "prompt": ""}
    assert back.back == [
        "size 1792×1024",
        "quality hd",
        "seed 42",
        "7 at once",
    ]
    assert (back.said, back.aside) == ([], [])


def test_carried_over_several_models_says_each_loss_once(model, shaped, plain_model):
    data = {"size": "1792x1024", "quality": "hd"}

    again = switch(data, shaped, shaped)
    back = switch(data, shaped, shaped, model)

    assert (again.said, again.back) == ([], [])
    assert back.kept == data | {"prompt": ""}


def test_carried_what_was_chosen_since_wins(model, shaped):
    there = switch({"size": "1792x1024", "seed": "42"}, shaped)

    data = there.kept | {"aspect_ratio": "1:1", "aside": write_aside(there.aside)}
    back = carried(data, model)

    assert back.kept == {"size": "1024x1024", "seed": "42", "prompt": ""}
    assert back.back == ["seed 42"]


def test_carried_between_two_vocabularies_each_gets_its_own_back(model, gpt):
    gpt.accepts = {"quality": ["low", "high"]}
    there = switch({"quality": "hd"}, gpt)
    data = there.kept | {"quality": "low", "aside": write_aside(there.aside)}

    back = carried(data, model)
    again = carried(back.kept | {"aside": write_aside(back.aside)}, gpt)

    assert (back.kept["quality"], again.kept["quality"]) == ("hd", "low")


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "x", "{}", "[1]", "[" * 9000, '[["n"]]', '[["seed", 1, "", "", ""]]'),
        *('[["prompt", "a", "", "", ""]]', '[["n", "many", "", "", ""]]'),
    ],
)
def test_read_aside_takes_nothing_else(text):
    assert read_aside(text) == []
