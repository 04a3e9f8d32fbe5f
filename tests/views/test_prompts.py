"""The shared history of prompts."""

import re

import pytest
from django.urls import reverse

from studio.models import Prompt, State
from tests.factories import make_generation, make_image

HTMX = {"HX-Request": "true"}


def history(**query) -> str:
    return reverse("prompts.index", query=query)


def texts(response) -> list[str]:
    return re.findall(r'<p class="prompt__text" dir="auto">(.*?)</p>', response.content.decode())


def test_index_shows_the_teams_prompts_newest_shared_run_first(as_bob, bob, charlie, model):
    make_generation(charlie, model, text="shared by Charlie")
    make_generation(charlie, model, text="kept by Charlie", shared=False)
    make_generation(bob, model, text="kept by Bob", shared=False)
    make_generation(charlie, model, text="shared by Charlie")
    make_generation(charlie, model, text="shared by Charlie", shared=False)

    response = as_bob.get(history())

    assert texts(response) == ["shared by Charlie"]
    assert "2 runs" in response.content.decode()


def test_index_mine_shows_ones_own_newest_run_first(as_bob, bob, charlie, model):
    for shared in (True, False):
        make_generation(bob, model, text=f"shared: {shared}", shared=shared)
        make_generation(charlie, model, text="by Charlie", shared=shared)

    assert texts(as_bob.get(history(view="mine"))) == ["shared: False", "shared: True"]


def test_index_search_finds_words_and_their_beginnings(as_bob, bob, model):
    for text in ("A red sun over mountains", "A blue moon", "Mountains at dawn"):
        make_generation(bob, model, text=text)

    assert texts(as_bob.get(history(q="mountain"))) == ["Mountains at dawn", "A red sun over mountains"]
    assert texts(as_bob.get(history(q="RED mount"))) == ["A red sun over mountains"]


def test_index_search_never_finds_what_is_private(as_bob, charlie, model):
    make_generation(charlie, model, text="A secret tower", shared=False)

    assert texts(as_bob.get(history(q="secret"))) == []


@pytest.mark.parametrize(("query", "words"), [({}, "No prompts yet"), ({"q": "<b>"}, "Nothing matches")])
def test_index_empty_differs_from_nothing_matches(as_bob, bob, model, query, words):
    if query:
        make_generation(bob, model)
        query = {"q": "zebra"}

    text = as_bob.get(history(**query)).content.decode()

    assert words in text
    assert len(re.findall(r'class="btn"', text)) == 1


def test_index_shows_four_samples_that_the_person_may_see(as_charlie, bob, model):
    generation = make_generation(bob, model, n=6, state=State.DONE)
    made = [make_image(bob, model, generation=generation, shared=index != 5) for index in range(6)]

    text = as_charlie.get(history()).content.decode()

    assert re.findall(r'href="/images/([^/]*)/" data-viewer', text) == [str(image.pk) for image in made[1:5]]


def test_index_offers_use_all_of_the_latest_visible_generation(as_bob, as_charlie, bob, model):
    shared = make_generation(bob, model, text="A lake", state=State.DONE)
    latest = make_generation(bob, model, text="A lake", state=State.DONE, shared=False)
    prompt = Prompt.objects.get()

    own, other = as_bob.get(history(view="mine")).text, as_charlie.get(history()).text

    assert f"/?prompt={prompt.pk}" in own
    assert f"/?from={latest.pk}" in own
    assert f"/?from={shared.pk}" in other
    assert str(latest.pk) not in other


def test_index_pages_by_key(as_bob, bob, model, monkeypatch):
    monkeypatch.setattr("studio.views.prompts.PAGE", 2)
    for number in range(5):
        make_generation(bob, model, text=f"prompt {number}")

    pages, url = [], history()
    while url:
        text = as_bob.get(url, headers=HTMX).content.decode()
        pages.append(re.findall(r"prompt (\d)</p>", text))
        older = re.search(r'class="prompts__older" href="([^"]*)"', text)
        url = older and older[1].replace("&amp;", "&")

    assert pages == [["4", "3"], ["2", "1"], ["0"]]


@pytest.mark.parametrize("before", ["x", "1", "1-x", f"{10**30}-{'0' * 32}", "9" * 5000 + "-1"])
def test_index_before_nonsense_is_404(as_bob, before):
    assert as_bob.get(history(before=before)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(as_bob, bob, model, count, django_assert_num_queries):
    for number in range(count):
        make_image(bob, model, text=f"prompt {number}")

    with django_assert_num_queries(6):  # session, person, prompts, runs, their requests, samples
        response = as_bob.get(history())

    assert len(texts(response)) == count


def test_index_htmx_gets_the_list_alone(as_bob, bob, model):
    make_generation(bob, model)

    text = as_bob.get(history(), headers=HTMX).content.decode().strip()

    assert text.startswith('<div class="prompts" id="prompts">')
    assert text.endswith("</div>")


def test_t19_index_shows_markup_as_text(as_bob, bob, model):
    make_generation(bob, model, text="<img src=x onerror=alert(1)> {{7*7}}")

    assert texts(as_bob.get(history())) == ["&lt;img src=x onerror=alert(1)&gt; {{7*7}}"]


def test_index_anonymous_is_sent_to_sign_in(client, db):
    assert client.get(history()).status_code == 302
