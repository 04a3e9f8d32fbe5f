"""The form of a comparison: which models, and how each comes nearest to a shape."""

import uuid
from typing import Any

import pytest
from django.http import QueryDict

from studio.forms.comparisons import GONE, HOW_MANY, ComparisonForm, carried_over, plan_of, shapes_of
from studio.models import ImageModel
from studio.relays import sizes
from studio.relays.dialects.known_models import RATIOS, TIERS
from studio.services.relays import edit

FLUX = {"size": ["1024x1024", "1792x1024", "1024x1792"]}
GPT = {"size": ["auto", "1024x1024", "1536x1024", "1024x1536"]}
RULED = {"size": ["auto", "1024x1024", "1536x1024", "1024x1536", "WxH"]}
ROUTMY = {"aspect_ratio": RATIOS, "image_size": TIERS}
SQUARE = {"size": ["1024x1024", "512x512"]}
BOTH = {"size": ["1024x1024", "1536x1024"], "aspect_ratio": ["1:1", "16:9"]}


def taking(accepts: dict[str, list[str]], **fields: Any) -> ImageModel:
    return ImageModel(model_id="m", label="Painter", accepts=accepts, **fields)


@pytest.fixture
def models(model) -> list[ImageModel]:
    """Five models that can be used."""
    others = [
        edit.add_model(relay=model.relay, model_id=f"m{number}", label=f"M{number}", accepts=GPT, max_n=n)
        for number, n in enumerate([10, 4, 2, 10])
    ]
    return [model, *others]


def sent(offered: list[ImageModel], ticked: list[ImageModel], obstacle: str = "", **changes: str):
    data = QueryDict(mutable=True)
    facts = {"submission_id": str(uuid.uuid4()), "prompt": "A lake", "shape": "16:9", "n": "4", "shared": "0"}
    data.update(facts | changes)
    data.setlist("models", [str(each.pk) for each in ticked])
    return ComparisonForm(data, offered=offered, obstacles={each.pk: obstacle for each in offered})


# The shape


@pytest.mark.parametrize(
    ("accepts", "shape", "wanted", "note"),
    [
        (FLUX, "16:9", {"size": "1792x1024"}, ""),
        (FLUX, "3:2", {"size": "1792x1024"}, "the nearest to 3:2"),
        (GPT, "16:9", {"size": "1536x1024"}, "the nearest to 16:9"),
        (RULED, "16:9", {"size": "1360x768"}, ""),
        (RULED, "3:2", {"size": "1536x1024"}, ""),
        (ROUTMY, "16:9", {"aspect_ratio": "16:9"}, ""),
        (ROUTMY, "2:3", {"aspect_ratio": "3:4"}, "the nearest to 2:3"),
        (BOTH, "16:9", {"aspect_ratio": "16:9"}, ""),
        (BOTH, "3:2", {"size": "1536x1024"}, ""),
        ({"size": []}, "9:16", {"size": "768x1360"}, ""),
        ({"aspect_ratio": []}, "2:3", {"aspect_ratio": "2:3"}, ""),
        (SQUARE, "1:1", {"size": "1024x1024"}, ""),
        (SQUARE, "16:9", {}, "16:9 is left out: it draws 1024×1024, 512×512"),
        ({}, "16:9", {}, "16:9 is left out: it takes no size"),
        (FLUX, "", {}, ""),
    ],
)
def test_plan_of_comes_as_near_as_the_model_can(accepts, shape, wanted, note):
    plan = plan_of(taking(accepts), shape)

    assert (plan.settings, plan.note) == (wanted, note)


def test_plan_of_every_shape_fits_what_the_model_takes():
    for accepts in (FLUX, GPT, RULED, ROUTMY, SQUARE, BOTH, {"size": []}):
        model = taking(accepts)
        for shape in shapes_of([taking({"size": []})]):
            wanted = plan_of(model, shape).settings

            assert model.accepted.fitting(wanted) == wanted
            size = sizes.parse(wanted.get("size", ""))
            assert size is None or sizes.is_legal(*size)


@pytest.mark.parametrize(
    ("accepts", "shapes"),
    [
        ([FLUX], ["1:1", "16:9", "9:16"]),
        ([FLUX, GPT], ["1:1", "3:2", "16:9", "2:3", "9:16"]),
        ([SQUARE], ["1:1"]),
        ([{"size": ["1024x512", "auto"]}], ["2:1"]),
        ([{"size": ["64x4000"]}], []),
        ([{}], []),
        ([{"size": []}], ["1:1", "5:4", "4:3", "3:2", "16:9", "21:9", "4:5", "3:4", "2:3", "9:16"]),
    ],
)
def test_shapes_of_is_what_some_of_them_draw_by_its_usual_name(accepts, shapes):
    assert shapes_of([taking(each) for each in accepts]) == shapes


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        ({"size": "1792x1024"}, {"shape": "16:9"}),
        ({"size": "own", "size_width": "1536", "size_height": "1024"}, {"shape": "3:2"}),
        ({"aspect_ratio": "4:5"}, {"shape": "4:5"}),
        ({"size": "auto"}, {}),
        ({"size": "1x99999"}, {}),
        ({}, {}),
    ],
)
def test_carried_over_makes_a_shape_of_the_composers_size(data, shape):
    assert carried_over(data) == shape


# The form


def test_asked_holds_what_each_model_gets(models):
    form = sent(models, [models[1], models[0]], blind="on")

    assert form.is_valid()
    asked = form.asked
    assert asked.pop("submission_id")
    assert asked == {
        "models": models[:2],
        "text": "A lake",
        "settings": {},
        "own": {models[0].pk: {"size": "1792x1024"}, models[1].pk: {"size": "1536x1024"}},
        "n": 4,
        "shared": False,
        "blind": True,
        "acknowledged": "",
        "parent": None,
        "saved": None,
    }


@pytest.mark.parametrize("count", [0, 1, 5])
def test_models_too_few_or_too_many_are_refused(models, count):
    assert sent(models, models[:count]).errors == {"models": [HOW_MANY]}


def test_models_that_are_not_offered_or_cannot_be_used_are_refused(models):
    assert sent(models[:2], models[1:3]).errors == {"models": [GONE]}
    said = [f"{each.label} cannot be used now: Sandbox is paused." for each in models[:2]]
    assert sent(models, models[:2], "Sandbox is paused").errors == {"models": said}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("prompt", "", "Write what you want to see."),
        ("n", "11", "The count is a number from 1 to 10."),
        ("shape", "wide", "Choose one of the shapes."),
        ("shape", "1x99999", "Choose one of the shapes."),
        ("submission_id", "x", "This form has expired. Press the button again."),
    ],
)
def test_wrong_value_gets_its_sentence(models, field, value, sentence):
    assert sent(models, models[:2], **{field: value}).errors == {field: [sentence]}


@pytest.mark.parametrize("shape", ["", "16:9", "7:3"])
def test_tiles_are_the_union_of_the_ticked_models_and_keep_the_choice(models, shape):
    form = sent(models, models[:2], shape=shape)

    extra = [shape] if shape == "7:3" else []
    assert [tile.value for tile in form.tiles] == ["", "1:1", "3:2", "16:9", "2:3", "9:16", *extra]
    assert [tile.value for tile in form.tiles if tile.checked] == [shape]


@pytest.mark.parametrize(
    ("ticked", "blind", "shape", "notes"),
    [
        ([1, 2], False, "1:1", []),
        ([1, 3], False, "1:1", ["M2 draws 2 at most."]),
        ([1, 3], True, "1:1", ["Each draws 2: that is the most of M2."]),
        ([0, 1], False, "16:9", []),
        (
            [0, 1],
            True,
            "16:9",
            ["Not all of them draw 16:9, so the shape of a picture may tell its model."],
        ),
        ([0, 1], True, "", []),
    ],
)
def test_notes_say_what_cannot_be_had_from_each_alike(models, ticked, blind, shape, notes):
    form = sent(models, [models[each] for each in ticked], shape=shape, **({"blind": "on"} if blind else {}))

    assert form.notes == notes


def test_opened_stands_as_usual_and_each_has_an_id_of_its_own(models, settings):
    settings.DEFAULT_SHARED = False
    first, second = (ComparisonForm.opened(models, {}) for _ in range(2))

    assert [first[name].value() for name in ("models", "shape", "n", "shared")] == [[], "1:1", 1, "0"]
    assert first["submission_id"].value() != second["submission_id"].value()
