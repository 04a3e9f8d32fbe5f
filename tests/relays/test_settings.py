"""What a model takes: one table for all dialects, one value that fits, validates and describes."""

import pytest

from studio.relays import DIALECTS
from studio.relays.settings import SETTINGS, TABLE, Accepts, Aside, Unfit, in_order, places_in, sent_by
from studio.relays.sizes import ANY

FLUX = Accepts(
    {"size": ["1024x1024", "1792x1024"], "quality": ["standard", "hd"], "seed": [], "guidance": []}
)
RULED = Accepts(
    {"size": ["auto", "1024x1024", ANY], "output_format": ["png", "webp"], "output_compression": []}
)
SHAPED = Accepts({"aspect_ratio": ["1:1", "16:9"], "style": []})
FREE = Accepts({"size": [], "aspect_ratio": []})


def test_table_names_the_fields_of_every_dialect():
    assert {name: relay.fields & set(TABLE) for name, relay in DIALECTS.items()} == {
        name: sent_by(name) for name in DIALECTS
    }
    assert {place for row in TABLE.values() for place in row.sent} == set(DIALECTS)
    assert places_in("chat") == {
        "aspect_ratio": "image_config.aspect_ratio",
        "image_size": "image_config.image_size",
        "image_only": "modalities",
    }


def test_fit_keeps_takes_the_nearest_and_sets_aside():
    fit = SHAPED.fit({"size": "1792x1024", "quality": "hd", "style": "ink"})

    assert fit.kept == {"aspect_ratio": "16:9", "style": "ink"}
    assert fit.aside == [
        Aside("size", "1792x1024", "untaken", "aspect_ratio", "16:9"),
        Aside("quality", "hd", "untaken"),
    ]


@pytest.mark.parametrize(
    ("accepts", "name", "value", "sent"),
    [
        (FLUX, "size", " 1792x1024 ", "1792x1024"),
        (FLUX, "seed", "0", 0),
        (FLUX, "seed", 7, 7),
        (FLUX, "seed", "7.0", 7),
        (FLUX, "guidance", "7.5", 7.5),
        (FLUX, "seed", "", ""),
        (RULED, "size", "1088 × 1920", "1088x1920"),
        (RULED, "size", "auto", "auto"),
        (FREE, "size", "641x480", "641x480"),
        (FREE, "aspect_ratio", "21:9", "21:9"),
        (SHAPED, "style", "ink", "ink"),
    ],
)
def test_validate_returns_what_is_sent(accepts: Accepts, name: str, value: object, sent: object):
    assert accepts.validate(name, value) == sent
    assert type(accepts.validate(name, value)) is type(sent)


@pytest.mark.parametrize(
    ("accepts", "name", "value", "rule"),
    [
        (FLUX, "size", "640x480", "choice"),
        (FLUX, "quality", "ultra", "choice"),
        (FLUX, "style", "vivid", "choice"),
        (FLUX, "seed", "-1", "number"),
        (FLUX, "seed", "1.5", "number"),
        (FLUX, "seed", "1e3000", "number"),
        (FLUX, "seed", "9" * 5000, "number"),
        (FLUX, "guidance", "nan", "number"),
        (RULED, "size", ANY, "size"),
        (RULED, "size", "1000x1000", "step"),
        (RULED, "size", "512x2048", "steep"),
        (RULED, "size", "4096x2048", "side"),
        (RULED, "size", "3840x3840", "area"),
        (RULED, "output_compression", "101", "number"),
        (FREE, "aspect_ratio", "wide", "ratio"),
        (SHAPED, "style", "x" * 61, "long"),
    ],
)
def test_validate_refuses_with_the_rule(accepts: Accepts, name: str, value: object, rule: str):
    with pytest.raises(Unfit) as refused:
        accepts.validate(name, value)

    assert (refused.value.name, refused.value.rule) == (name, rule)


def test_contradictions_compression_needs_a_format_that_has_one():
    settings = {"output_compression": 80, "output_format": "png"}

    assert [unfit.rule for unfit in RULED.contradictions(settings)] == ["packed"]
    assert list(RULED.contradictions(settings | {"output_format": "webp"})) == []
    assert list(Accepts({"output_compression": []}).contradictions({"output_compression": 80})) == []


def test_asked_leaves_out_marks_and_what_no_person_decides():
    accepts = Accepts(
        {"zest": ["a"], "seed": [], "size": [], "image_only": [], "user": ["x"], "telepathy": []}
    )

    assert accepts.asked == ["size", "seed", "zest"]
    assert [row.label for row in accepts.describe()] == ["Size", "Seed", "Pictures only, no text"]


def test_order_is_the_tables_and_unknown_names_come_last():
    assert in_order(["zest", "seed", "size", "apple"]) == ["size", "seed", "apple", "zest"]
    assert "image_only" not in SETTINGS
