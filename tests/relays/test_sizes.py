"""Sizes: gpt-image-2 draws any that keeps four rules."""

import random

import pytest

from studio.relays import sizes

LEGAL = [
    (width, height)
    for width in range(16, 4000, 16)
    for height in range(16, 4000, 16)
    if sizes.is_legal(width, height)
]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1792x1024", (1792, 1024)),
        (" 1024 X 768 ", (1024, 768)),
        ("640×480", (640, 480)),
        ("auto", None),
        ("", None),
        (sizes.ANY, None),
        ("0x16", None),
        ("-16x16", None),
        ("1024", None),
        ("1024x1024x3", None),
        ("1e3x1e3", None),
        ("999999x16", None),
        ("１０２４x1024", None),
    ],
)
def test_parse_text_is_two_whole_numbers_or_nothing(text: str, size: tuple[int, int] | None) -> None:
    assert sizes.parse(text) == size


@pytest.mark.parametrize(
    ("width", "height", "legal"),
    [
        (1024, 1024, True),
        (3840, 2160, True),
        (2160, 3840, True),
        (2880, 2880, True),
        (3840, 1280, True),
        (16, 16, True),
        (16, 48, True),
        (16, 64, False),
        (3840, 1264, False),
        (3840, 2176, False),
        (2896, 2880, False),
        (3856, 2000, False),
        (1000, 1000, False),
        (1024, 1025, False),
        (0, 0, False),
        (-16, -16, False),
    ],
)
def test_is_legal_size_keeps_every_rule(width: int, height: int, legal: bool) -> None:
    assert sizes.is_legal(width, height) is legal


def test_nearest_legal_size_is_the_nearest_of_all() -> None:
    chance = random.Random(3)  # a fixed seed: the same sizes each time

    for _ in range(40):
        width, height = chance.randint(1, 2880), chance.randint(1, 2880)
        best = min(LEGAL, key=lambda size: ((size[0] - width) ** 2 + (size[1] - height) ** 2, size))
        assert sizes.nearest_legal(width, height) == best


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ((1792, 1024), (1792, 1024)),
        ((1920, 1080), (1920, 1072)),
        ((1, 1), (16, 16)),
        ((2000, 100), (1824, 608)),
        ((99_999, 99_999), (2880, 2880)),
        ((7680, 4320), (3840, 2160)),
        ((30_000, 10_000), (3840, 1280)),
    ],
)
def test_nearest_legal_keeps_what_is_legal_and_moves_the_rest(
    asked: tuple[int, int], offered: tuple[int, int]
) -> None:
    assert sizes.nearest_legal(*asked) == offered
