import pytest

from studio.models import Prompt
from studio.search.parse import Term, terms_of
from studio.search.prompts import search
from studio.services.prompts import remember
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def _texts(text: str) -> set[str]:
    return set(search(Prompt.objects.all(), text).values_list("text", flat=True))


@pytest.fixture
def library(bob) -> None:
    for text in (
        "A mountain lake at dawn",
        "Lakeside cabin, watercolour",
        "Ünïcode façade",
        "a red fox, 100% sharp",
        "红色狐狸",
    ):
        remember(author=bob, text=text, shared=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lake", {"A mountain lake at dawn", "Lakeside cabin, watercolour"}),
        ("LAKE dawn", {"A mountain lake at dawn"}),
        ("dawn lake", {"A mountain lake at dawn"}),
        ("lake fox", set()),
        ("moun", {"A mountain lake at dawn"}),
        ("ünï", {"Ünïcode façade"}),
        ("红色", {"红色狐狸"}),
        ("ountain", set()),
    ],
)
def test_search_finds_every_word_by_its_beginning(library, text: str, found: set[str]):
    assert _texts(text) == found


@pytest.mark.parametrize("text", ["", "  ", "!!! ---", "'\"*"])
def test_search_without_a_word_leaves_everything(library, text: str):
    assert len(_texts(text)) == 5


@pytest.mark.parametrize(
    "text",
    ['"', "lake)", "lake & | ! <->", "lake* OR 1=1", "NEAR(lake)", "lake AND", "a:b", "x' OR '1'='1", "%"],
)
def test_search_what_looks_like_a_query_language_is_words(library, text: str):
    assert _texts(text) <= set(Prompt.objects.values_list("text", flat=True))


@pytest.fixture
def crowd(library) -> None:
    anna = make_user("Anna Berg")
    for text in ("A berg in the sea", "A lake for Anna", "A dawn"):
        remember(author=anna, text=text, shared=True)
    remember(author=make_user("Lakemba Rossi"), text="A road", shared=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lake -dawn", {"Lakeside cabin, watercolour", "A lake for Anna", "A road"}),
        ("mountain -lak", {"A mountain lake at dawn"}),  # a word is left out as a whole
        ('"lake at dawn"', {"A mountain lake at dawn"}),
        ('"dawn lake"', set()),
        ('"at daw"', set()),
        ('-"lake at" dawn', {"A dawn"}),
        ("anna", {"A berg in the sea", "A lake for Anna", "A dawn"}),
        ("berg", {"A berg in the sea", "A lake for Anna", "A dawn"}),
        ("anna dawn", {"A dawn"}),
        ('"anna berg" lake', {"A lake for Anna"}),
        ("dawn -anna", {"A mountain lake at dawn"}),
        ("ross", {"A road"}),
        ("emba", set()),
    ],
)
def test_search_finds_people_phrases_and_leaves_out(crowd, text: str, found: set[str]):
    assert _texts(text) == found


def test_search_by_a_name_finds_nothing_for_who_asked_for_the_same_words_privately(bob):
    remember(author=bob, text="A lake", shared=True)
    remember(author=make_user("Zoe"), text="A lake", shared=False)

    found = [search(Prompt.objects.shared(), name).count() for name in ("bob", "zoe")]

    assert found == [1, 0]


@pytest.mark.parametrize("text", ['"', '-"', '- -- -"" ""', "-", '"-"'])
def test_search_of_signs_alone_leaves_everything(library, text: str):
    assert len(_texts(text)) == 5


def test_search_asks_one_question_for_people_and_one_for_prompts(crowd, django_assert_num_queries):
    with django_assert_num_queries(2):
        _texts('lake anna -road "at dawn"')


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Red fox", [Term(("red",)), Term(("fox",))]),
        ('"Red fox" -Dog', [Term(("red", "fox"), whole=True), Term(("dog",), without=True, whole=True)]),
        ('-"red fox', [Term(("red", "fox"), without=True, whole=True)]),
        ("rain-slicked", [Term(("rain", "slicked"))]),
        ("snake_case", [Term(("snake", "case"))]),
    ],
)
def test_terms_of_reads_words_phrases_and_minus(text: str, terms: list[Term]):
    assert terms_of(text) == terms
