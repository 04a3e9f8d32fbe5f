"""Comparing two texts word by word."""

import random

import pytest

from studio.wording import Part, are_kin, difference, shortened, words_that_differ


def told(earlier: str, later: str) -> str:
    marks = {"same": "{}", "gone": "[-{}]", "new": "[+{}]"}
    return "".join(marks[part.kind].format(part.text) for part in difference(earlier, later))


@pytest.mark.parametrize(
    ("earlier", "later", "said"),
    [
        ("A fox", "A fox", "A fox"),
        ("A red fox in snow", "A fox in deep snow", "A[- red] fox in [+deep ]snow"),
        ("one red sun, much paper", "one red sun, at night", "one red sun, [-much paper][+at night]"),
        ("夜の山と湖", "夜の海と湖", "夜の[-山][+海]と湖"),
        ("", "new words", "[+new words]"),
        ("old words", "", "[-old words]"),
    ],
)
def test_difference_marks_words(earlier, later, said):
    assert told(earlier, later) == said


def test_difference_loses_nothing_of_either_text():
    dice = random.Random(7)
    for _ in range(500):
        one, other = ("".join(dice.choice("ab c,\n") for _ in range(dice.randint(0, 12))) for _ in "12")
        parts = difference(one, other)

        assert "".join(part.text for part in parts if part.kind != "new") == one
        assert "".join(part.text for part in parts if part.kind != "gone") == other


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("a b c", "c b a", 0),
        ("a fox", "a red fox", 1),
        ("a red fox", "a wet grey fox", 2),
        ("A fox", "a FOX", 0),
    ],
)
def test_words_that_differ_counts_the_longer_side(one, other, count):
    assert words_that_differ(one, other) == count


def test_are_kin_asks_for_words_in_common():
    assert are_kin("A mountain lake at dawn", "A mountain lake at night, oil")
    assert not are_kin("A mountain lake at dawn", "Two cats dancing")
    assert not are_kin("", "")


def test_shortened_keeps_a_few_words_around_each_change():
    parts = difference(
        "one two three four five six seven red nine", "one two three four five six seven blue nine"
    )

    assert shortened(parts, around=2) == [
        Part("same", "…six seven "),
        Part("gone", "red"),
        Part("new", "blue"),
        Part("same", " nine"),
    ]
