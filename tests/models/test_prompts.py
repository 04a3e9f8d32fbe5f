from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from studio.models import History, Prompt
from studio.services.prompts import remember

pytestmark = pytest.mark.django_db


def _texts(text: str) -> set[str]:
    return set(Prompt.objects.search(text).values_list("text", flat=True))


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


def test_visible_to_is_ones_own_and_the_teams(bob, charlie):
    for person in (bob, charlie):
        for shared in (True, False):
            remember(author=person, text=f"{person} {shared}", shared=shared)

    seen = set(Prompt.objects.visible_to(bob).values_list("text", flat=True))

    assert seen == {"Bob True", "Bob False", "Charlie True"}


def test_before_walks_all_pages_without_gap_or_repeat(bob):
    for number in range(6):
        remember(author=bob, text=str(number), shared=True)
    moment = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    for place, row in enumerate(Prompt.objects.order_by("pk")):
        Prompt.objects.filter(pk=row.pk).update(shared_at=moment + timedelta(microseconds=place // 3))

    found = Prompt.objects.in_history(History.TEAM, bob)
    seen, page = [], list(found[:2])
    while page:
        seen += page
        page = list(found.before(History.TEAM, page[-1].ran_at, page[-1].pk)[:2])

    assert seen == list(found)


def test_same_words_of_one_author_twice_are_refused_by_the_database(bob):
    row = remember(author=bob, text="A lake", shared=True)

    with pytest.raises(IntegrityError):
        Prompt.objects.create(author=bob, text="A lake", digest=row.digest)
