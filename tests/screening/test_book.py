"""What rules find in a text, where, and which of them decides."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.screening import Book, Spec, Unsearchable, check_pattern, check_words
from tests.screening.test_folding import HOSTILE


def found(text: str, *words: str, patterns: tuple[str, ...] = ()) -> list[str]:
    """What one rule marks in a text."""
    book = Book([Spec("rule", words, patterns)])
    return [text[hit.start : hit.end] for hit in book.screen({"prompt": text})]


@pytest.mark.parametrize(
    "text",
    [
        "northpeak",
        "the NORTHPEAK logo",
        "(Northpeak)",
        "n0rthpeak",
        "nørthpeak".replace("ø", "ö"),
        "ＮＯＲＴＨＰＥＡＫ",
        "nоrthреаk",
        "n.o.r.t.h.p.e.a.k",
        "n o r t h p e a k",
        "N-O-R-T-H-P-E-A-K",
        "nor\u200bthpeak",
        "northp3@k",
        "n*rthpeak",
    ],
)
def test_screen_disguised_word_is_found(text: str):
    assert len(found(text, "northpeak")) == 1


@pytest.mark.parametrize("text", ["northpeaks", "anorthpeak", "north peak", "northpeák2", "north", ""])
def test_screen_other_word_is_not_found(text: str):
    assert found(text, "northpeak") == []


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("knife knife  knife", "knife", ["knife"] * 3),
        ("Tea for Harbour &\nFinch, two inks", "harbour & finch", ["Harbour &\nFinch"]),
        ("harbour-finch", "harbour & finch", ["harbour-finch"]),
        ("finch harbour", "harbour & finch", []),
        ("O’Brien and OBrien", "o'brien", ["O’Brien"]),
        ("c++ and c", "c++", ["c++"]),
        ("455 a55 as A5 paper", "ass", ["a55"]),
        ("A5 paper", "as", []),
        ("fuuuck, FUCKKKK! fu.ck", "fuck", ["fuuuck", "FUCKKKK"]),
        ("asssss, assss and as", "ass", ["asssss", "assss"]),
        ("good, goood", "god", ["goood"]),
        ("in 1488, 14.88", "1488", ["1488"]),
        ("sh!t! $hit", "shit", ["sh!t", "$hit"]),
        ("血腥暴力画面", "暴力", ["暴力"]),
        ("ВОДА, Вода, вода", "вода", ["ВОДА", "Вода", "вода"]),
        ("ΝΕΡΌ νερό", "νερό", ["ΝΕΡΌ", "νερό"]),
        ("a 🔫 here", "🔫", ["🔫"]),
        ("the rapist, therapist", "therapist", ["therapist"]),
    ],
)
def test_screen_marks_what_was_typed(text: str, word: str, marked: list[str]):
    assert found(text, word) == marked


@pytest.mark.parametrize(
    ("text", "pattern", "marked"),
    [
        ("call 555-0199 now", r"\d{3}-\d{4}", ["555-0199"]),
        ("Élan vital", "élan", ["Élan"]),
        ("Élan vital", "elan", ["Élan"]),
        ("вода", "[а-я]+", ["вода"]),
        ("NORTHpeak", r"\bnorth", ["NORTH"]),
        ("ab", "a|(b)", ["a", "b"]),
    ],
)
def test_screen_pattern_sees_the_text_plain_and_as_typed(text: str, pattern: str, marked: list[str]):
    assert found(text, patterns=(pattern,)) == marked


def decided(text: str, *specs: Spec) -> list[tuple[object, str]]:
    return [(hit.key, text[hit.start : hit.end]) for hit in Book(specs).screen({"prompt": text})]


KNIVES = Spec("kitchen", ["kitchen knife"], allows=True)
WEAPONS = Spec("weapons", ["knife", "gun"])


def test_screen_allow_before_exempts_its_words_alone():
    text = "a kitchen knife, a knife"

    assert decided(text, KNIVES, WEAPONS) == [("weapons", "knife")]


def test_screen_allow_after_comes_too_late():
    assert decided("a kitchen knife", WEAPONS, KNIVES) == [("weapons", "knife")]


def test_screen_first_rule_decides_of_a_word_and_others_of_theirs():
    first, second = Spec("first", ["gun"]), Spec("second", ["gun", "knife"])

    assert decided("gun, knife", first, second) == [("first", "gun"), ("second", "knife")]


def test_screen_field_that_a_rule_does_not_read_is_left_alone():
    book = Book([Spec("rule", ["gun"], fields=frozenset({"negative"}))])

    hits = book.screen({"prompt": "gun", "negative": "no gun"})

    assert [(hit.field, hit.start, hit.end) for hit in hits] == [("negative", 3, 6)]


def test_screen_half_of_a_sign_is_no_hindrance():
    assert found("\ud800 a knife", "knife", patterns=("kni.e",)) == ["knife"]


def test_screen_book_without_rules_finds_nothing():
    assert Book().screen({"prompt": "anything"}) == []
    assert not Book()


@given(HOSTILE, st.lists(HOSTILE, max_size=4))
def test_screen_anything_places_lie_in_the_text_in_order(text: str, words: list[str]):
    sound = [word for word in words if _is_sound(word)]
    book = Book([Spec("one", [*sound, "a"]), Spec("two", ["e", "north peak"], [r"[a-f]+"])])

    spans = [(hit.start, hit.end) for hit in book.screen({"prompt": text})]

    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(st.text(st.characters(categories=["L", "N"]), min_size=3, max_size=12), HOSTILE)
def test_screen_any_word_is_found_in_its_own_text(word: str, around: str):
    if not _is_sound(word):
        return
    text = f"{around} {word} {around}"

    assert word in "".join(found(text, word)) or found(text, word), text


def _is_sound(word: str) -> bool:
    try:
        check_words(word)
    except Unsearchable:
        return False
    return True


@pytest.mark.parametrize("pattern", ["(", "a{2000}", r"(?=x)", r"\1", "[z-a]", "a)(b"])
def test_check_pattern_that_re2_does_not_take_is_said(pattern: str):
    with pytest.raises(Unsearchable) as refused:
        check_pattern(pattern)

    assert refused.value.rule == "not_a_pattern"
    assert refused.value.found


@pytest.mark.parametrize("pattern", ["", "a*", "x?", "(a|)", "^", r"\b"])
def test_check_pattern_found_everywhere_is_refused(pattern: str):
    with pytest.raises(Unsearchable) as refused:
        check_pattern(pattern)

    assert refused.value.rule == "found_everywhere"


@pytest.mark.parametrize("line", ["", "  ", "\u200b", "\u0301"])
def test_check_words_of_nothing_is_refused(line: str):
    with pytest.raises(Unsearchable):
        check_words(line)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*=.*", r"(\w+\s?)*x"])
def test_screen_evil_pattern_takes_no_time(pattern: str):
    text = "a" * 4000 + "!"
    book = Book([Spec("rule", patterns=[pattern])])
    began = process_time()

    book.screen({"prompt": text})

    assert process_time() - began < 1


def test_screen_evil_text_for_words_takes_no_time():
    book = Book([Spec("rule", ["a b c d", "c++ d", "aaaa"])])
    began = process_time()

    for text in ("a " * 2000, "c" + "+" * 4000, "a." * 2000, "a" + "." * 4000, "a b c " * 700):
        book.screen({"prompt": text})

    assert process_time() - began < 2
