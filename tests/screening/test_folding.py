"""What a text is read as, and where each letter of it stood."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.screening.folding import fold, fold_sign
from studio.screening.lookalikes import DISGUISES, LOOKALIKES

HOSTILE = st.text(
    st.one_of(
        st.characters(),  # with lone surrogates
        st.sampled_from("aеΝ́\u200b\u00ad\u034f\ufe0f\u115fﬁßİ①Ａ\u1100\u1161ク\u3099"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("NorthPeak", "northpeak"),
        ("ＮＯＲＴＨ", "north"),
        ("Ñórthpéák", "northpeak"),
        ("nоrthреаk", "northpeak"),  # Cyrillic о, р, е, а
        ("no\u200brth\u00adpeak", "northpeak"),
        ("n̷o̴r̵t̸h̵", "north"),
        ("𝓷𝓸𝓻𝓽𝓱", "north"),
        ("ⓝⓞⓡⓣⓗ", "north"),
        ("ɴᴏʀᴛʜ", "north"),
        ("Straße", "strasse"),
        ("ﬁnch", "finch"),
        ("が", "が"),
        ("한국", "한국"),
        ("कि", "कि"),
    ],
)
def test_fold_disguised_is_plain(typed: str, read: str):
    assert fold(typed).text == read


def test_fold_place_is_where_it_stood_with_its_marks():
    folded = fold("a n\u0301o\u200brth\u0301 z")
    at = folded.text.index("north")

    start, end = folded.place(at, at + 5)

    assert folded.typed[start:end] == "n\u0301o\u200brth\u0301"


def test_fold_place_ends_before_what_shows_nothing():
    folded = fold("finch\u200b\u200b é")

    assert folded.place(0, 5) == (0, 5)


def test_fold_place_of_one_sign_of_two_letters_is_that_sign():
    assert fold("ßa").place(0, 1) == (0, 1)


@given(HOSTILE)
def test_fold_anything_keeps_places_in_order_and_inside(typed: str):
    folded = fold(typed)

    assert len(folded.starts) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= start < len(typed) for start in folded.starts)


@given(HOSTILE.filter(lambda text: fold(text).text), st.data())
def test_place_of_any_part_lies_in_the_text_and_is_not_empty(typed: str, data: st.DataObject):
    folded = fold(typed)
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))

    first, last = folded.place(start, end)

    assert 0 <= first < last <= len(typed)


@given(st.text(string.ascii_letters + string.digits + string.punctuation + " ", max_size=80))
def test_fold_ascii_is_lower_case_either_way(typed: str):
    assert fold(typed).text == "".join(map(fold_sign, typed)) == typed.lower()


@given(HOSTILE)
def test_fold_twice_is_fold_once(typed: str):
    once = fold(typed).text

    assert fold(once).text == once


@pytest.mark.parametrize("letter", LOOKALIKES)
def test_lookalikes_are_each_of_one_letter(letter: str):
    signs = LOOKALIKES[letter]

    assert {fold_sign(sign) for sign in signs} == {letter}
    assert not any(sign.isascii() for sign in signs)
    assert letter in string.ascii_lowercase


def test_disguises_are_no_letters():
    assert not any(sign.isalpha() for signs in DISGUISES.values() for sign in signs)
