"""Every word the painter claims to know can be painted without a warning."""

import pytest

from studio.sandbox.painter import paint
from studio.sandbox.painter.figures import FIGURES
from studio.sandbox.painter.lexicon import COLOURS, MEDIA, MOODS, THINGS, TONES
from studio.sandbox.painter.words import BEASTS, read


@pytest.mark.parametrize("thing", sorted(set(THINGS.values())))
def test_paint_each_thing_works(thing) -> None:
    assert paint(thing, width=96, height=64, seed=2)


@pytest.mark.parametrize("medium", sorted(set(MEDIA.values())))
def test_paint_each_medium_works(medium) -> None:
    assert paint(f"{medium} of mountains by the sea", width=96, height=64, seed=2)


@pytest.mark.parametrize("mood", sorted(set(MOODS.values())))
def test_paint_each_mood_works(mood) -> None:
    assert paint(f"hills, {mood}", width=64, height=96, seed=2)


@pytest.mark.parametrize("word", sorted({*COLOURS.values(), *TONES.values()}))
def test_paint_each_colour_and_tone_works(word) -> None:
    assert paint(f"a {word} boat, {word}", width=64, height=64, seed=2)


def test_beasts_each_have_a_figure() -> None:
    assert [beast for beast in BEASTS if beast not in FIGURES] == []


def test_read_knows_its_own_words() -> None:
    assert [
        word for word, thing in THINGS.items() if "_" not in word and thing not in read(word).things
    ] == []
