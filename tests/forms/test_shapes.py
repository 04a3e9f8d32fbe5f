"""Sizes as shapes: labels say pixels and the true ratio."""

import pytest

from studio.forms.shapes import (
    asked_ratio,
    asked_shape,
    aspect_tile,
    scaled,
    size_tile,
    tier_tile,
    times,
    true_ratio,
)
from studio.relays.sizes import nearest, ratio_of


@pytest.mark.parametrize(
    ("size", "ratio", "label", "says"),
    [
        ("1024x1024", 1.0, "Square 1:1, 1024 × 1024 pixels", "1024×1024 · 1:1"),
        ("1792x1024", 1.75, "Landscape 7:4, 1792 × 1024 pixels", "1792×1024 · 7:4"),
        ("1024x1792", 0.5714, "Portrait 4:7, 1024 × 1792 pixels", "1024×1792 · 4:7"),
        ("3840x2160", 1.7778, "Landscape 16:9, 3840 × 2160 pixels", "3840×2160 · 16:9"),
        (
            "1366x768",
            1.7786,
            "Landscape about 1.78:1, 1366 × 768 pixels",
            "1366×768 · about 1.78:1",
        ),
        (
            "1072x1920",
            0.5583,
            "Portrait about 1:1.79, 1072 × 1920 pixels",
            "1072×1920 · about 1:1.79",
        ),
        ("auto", None, "Size as the model likes", "auto"),
        ("", None, "Size as the model likes", "any"),
        ("0x0", None, "Size as the model likes, 0x0", "0x0"),
    ],
)
def test_size_tile_says_pixels_and_true_ratio(size, ratio, label, says):
    tile = size_tile(size, checked=False)

    assert (tile.ratio, tile.label, tile.says) == (ratio, label, says)


@pytest.mark.parametrize(
    ("value", "ratio", "label"),
    [
        ("21:9", 2.3333, "Landscape 21:9"),
        ("4:5", 0.8, "Portrait 4:5"),
        ("1:1", 1.0, "Square 1:1"),
        ("", None, "Shape as the model likes"),
    ],
)
def test_aspect_tile_has_the_shape_it_names(value, ratio, label):
    tile = aspect_tile(value, checked=True)

    assert (tile.ratio, tile.label, tile.checked) == (ratio, label, True)


def test_tier_tile_has_no_shape():
    assert (tier_tile("2K", checked=False).ratio, tier_tile("", checked=False).says) == (None, "any")


def test_scaled_draws_smaller_sizes_smaller():
    tiles = scaled([size_tile(size, checked=False) for size in ("auto", "1024x1024", "512x512", "256x256")])

    assert [tile.scale for tile in tiles] == [1.0, 1.0, 0.5, 0.45]


@pytest.mark.parametrize(
    ("wanted", "offered", "near"),
    [
        ("1792x1024", ["1024x1024", "1536x1024", "1024x1536"], "1536x1024"),
        ("1792x1024", ["1:1", "4:3", "16:9", "21:9", "9:16"], "16:9"),
        ("9:16", ["1024x1024", "1024x1792", "512x896"], "1024x1792"),
        ("1024x1024", ["512x512", "256x256", "2048x2048"], "512x512"),
        ("1792x1024", ["1024x1024", "1024x1536"], ""),
        ("auto", ["1024x1024"], ""),
        ("1024x1024", ["auto", ""], ""),
    ],
)
def test_nearest_is_of_the_same_shape(wanted, offered, near):
    assert nearest(wanted, offered) == near


@pytest.mark.parametrize(
    ("asked", "ratio", "words"),
    [
        ({"size": "1536x1024"}, 1.5, "1536×1024"),
        ({"size": "auto", "aspect_ratio": "16:9"}, 1.7778, "auto, 16:9"),
        ({"aspect_ratio": "3:4", "image_size": "2K", "seed": 1}, 0.75, "3:4, 2K"),
        ({"size": "auto"}, 1.0, "auto"),
        ({}, 1.0, ""),
    ],
)
def test_asked_ratio_and_shape_read_size_or_aspect(asked, ratio, words):
    assert (asked_ratio(asked), asked_shape(asked)) == (ratio, words)


def test_ratio_and_times_leave_other_text_alone():
    assert (ratio_of("huge"), true_ratio("auto"), times("auto"), times("640x480")) == (
        1.0,
        "",
        "auto",
        "640×480",
    )
