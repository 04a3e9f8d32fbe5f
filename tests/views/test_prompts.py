"""The shared history of prompts."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import Comparison, Favourite, Prompt, RelayRequest, State
from tests.factories import make_comparison, make_generation, make_image

HTMX = {"HX-Request": "true"}


def history(**query) -> str:
    return reverse("prompts.index", query=query)


def texts(response) -> list[str]:
    return re.findall(r'<a class="past__text"[^>]*>(.*?)</a>', response.content.decode())


def rows(response) -> list[str]:
    """Return the line of facts of each row."""
    lines = re.findall(r'<p class="past__facts num">(.*?)</p>', response.text, re.DOTALL)
    spans = (
        [re.sub(r"<[^>]*>|\s+", " ", one) for one in re.findall(r"<span.*?>(.*?)</span>", line, re.DOTALL)]
        for line in lines
    )
    return [", ".join(" ".join(words.split()) for words in line if words.strip()) for line in spans]


def test_index_shows_the_teams_prompts_newest_shared_run_first(as_bob, bob, charlie, model):
    make_generation(charlie, model, text="shared by Charlie", state=State.DONE)
    make_generation(charlie, model, text="kept by Charlie", shared=False)
    make_generation(bob, model, text="kept by Bob", shared=False)
    make_generation(charlie, model, text="shared by Charlie", state=State.DONE)
    make_generation(charlie, model, text="shared by Charlie", shared=False)

    response = as_bob.get(history())

    assert texts(response) == ["shared by Charlie"]
    assert rows(response) == ["2 runs, 0 of 2 kept, Sandbox Flux, 1024×1024"]


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


@pytest.mark.parametrize(("query", "words"), [({}, "No prompts yet"), ({"q": "zebra"}, "Nothing matches")])
def test_index_empty_differs_from_nothing_matches(as_bob, bob, model, query, words):
    if query:
        make_generation(bob, model)

    text = as_bob.get(history(**query)).content.decode()

    assert words in text
    assert len(re.findall(r'class="btn"', text)) == 1
    assert ("No prompt is found for “zebra”." in text) == bool(query)


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


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.QUEUED, "Waits for its turn"),
        (State.SENT, "Is being drawn"),
        (State.REFUSED, "Refused by the relay, not charged"),
        (State.FAILED, "Failed"),
        (State.UNKNOWN, "Contact lost, may have been charged"),
        (State.DONE, "0 of 2 kept"),
    ],
)
def test_index_says_what_came_of_it_and_how_it_was_asked(as_bob, bob, model, state, words):
    make_generation(bob, model, n=2, state=state, settings={"size": "1792x1024", "quality": "hd"})

    assert rows(as_bob.get(history())) == [f"{words}, Sandbox Flux, hd, 1792×1024"]


def test_index_tells_time_price_favourites_and_privacy(as_bob, bob, charlie, model):
    now = timezone.now()
    row = make_generation(
        bob, model, n=2, state=State.DONE, shared=False, sent_at=now, received_at=now + timedelta(seconds=21)
    )
    RelayRequest.objects.create(generation=row, attempt=1, cost=Decimal("0.17"))
    image = make_image(bob, model, generation=row)
    for person in (bob, charlie):
        Favourite.objects.create(person=person, image=image)

    told = rows(as_bob.get(history(view="mine")))

    assert told == ["1 of 2 kept, Sandbox Flux, 1024×1024, 21 s, $0.17, 2 favourites, only you"]


def test_index_of_a_blind_comparison_does_not_tell_its_model(as_bob, bob, model, plain_model):
    comparison = make_comparison(bob, [model, plain_model], blind=True)

    [hidden] = rows(as_bob.get(history()))
    Comparison.objects.filter(pk=comparison.pk).update(picked_at=timezone.now())
    [shown] = rows(as_bob.get(history()))

    assert (hidden, shown) == ("2 runs, 0 of 2 kept", "2 runs, 0 of 2 kept, Plain, 1024×1024")


def test_index_last_slot_counts_the_rest(as_bob, bob, model):
    generation = make_generation(bob, model, n=6, state=State.DONE)
    for _ in range(6):
        make_image(bob, model, generation=generation)

    assert re.findall(r'slots__more num">([^<]*)<', as_bob.get(history()).text) == ["+2"]


def test_index_offers_to_use_the_prompt_all_of_it_or_a_remix(as_bob, bob, model):
    row = make_generation(bob, model, state=State.DONE)

    text = as_bob.get(history()).text

    acts = re.findall(r'class="btn btn--(?:small|quiet)" href="([^"]*)"', text)
    assert acts == [f"/?prompt={row.prompt_id}", f"/?from={row.pk}", f"/?remix={row.pk}"]
    assert re.search(rf'class="past__text" href="/generations/{row.pk}/"', text)


def test_index_pages_by_key(as_bob, bob, model, monkeypatch):
    monkeypatch.setattr("studio.views.prompts.PAGE", 2)
    for number in range(5):
        make_generation(bob, model, text=f"prompt {number}")

    pages, url = [], history()
    while url:
        text = as_bob.get(url, headers=HTMX).content.decode()
        pages.append(re.findall(r"prompt (\d)</a>", text))
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

    with django_assert_num_queries(7):  # session, person, prompts, runs, their requests, samples, favourites
        response = as_bob.get(history())

    assert len(texts(response)) == count


def test_index_htmx_gets_the_list_alone(as_bob, bob, model):
    make_generation(bob, model)

    text = as_bob.get(history(), headers=HTMX).content.decode().strip()

    assert text.startswith('<ol class="prompts" id="prompts">')
    assert text.endswith("</ol>")


def test_t19_index_shows_markup_as_text(as_bob, bob, model):
    make_generation(bob, model, text="<img src=x onerror=alert(1)> {{7*7}}")

    assert texts(as_bob.get(history())) == ["&lt;img src=x onerror=alert(1)&gt; {{7*7}}"]


def test_index_anonymous_is_sent_to_sign_in(client, db):
    assert client.get(history()).status_code == 302
