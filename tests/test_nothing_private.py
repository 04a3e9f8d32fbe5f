"""Nothing private anywhere: everything that one person can keep for themselves, looked for at every address.

The walk finds new routes by itself: each that needs no row is opened by everybody else, with every question a list
answers to. What a route with a row in its address tells is the law of addresses (tests/test_urls.py): 404.
"""

import re
from collections.abc import Iterator
from itertools import product
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from studio.models import Gallery, History, Image, Import, SavedSearch, State, User, Webhook
from studio.services import collections, comments, grids, images, library, outside, sharing, tags, tokens
from studio.services.grids import GridOrder
from tests.factories import make_comparison, make_generation, make_image
from tests.routes import body_of, route_names

pytestmark = pytest.mark.django_db

WORD = "zirconberry"
"""Stands in everything private, and nowhere else."""

LOOK = 0x0F0F_0F0F_0F0F
QUESTIONS = [
    *({"view": each.value} for each in (*Gallery, *History)),
    *(
        {"view": view, "q": f"{start}{WORD[:-2]}"}
        for view, start in product(("team", "seen"), ("", '"', "tag:"))
    ),
    {"view": "team", "q": "mountain"},
    {"view": "team", "tag": WORD},
    {"view": "team", "q": "mountain", "sort": "used"},
]
"""What the lists are asked; every other address is asked the first and the last of them, if it asks back at all."""

LISTS = {"/gallery/", "/gallery/search/", "/prompts/", "/prompts/search/", "/library/", "/collections/"}
LEAVES = {"account_logout", "account_login", "mcp"}


@pytest.fixture
def hidden(charlie, bob, model) -> SimpleNamespace:
    """What charlie keeps for themselves, beside one picture of bob's that looks like it and says nearly the same."""
    run = make_generation(charlie, model, text=f"A {WORD} mountain at dawn", shared=False, state=State.DONE)
    facts = {"revised_prompt": f"{WORD} hills", "likeness": LOOK, "sha256": "a" * 64}
    image = make_image(charlie, model, generation=run, **facts)
    images.describe(image=image, person=charlie, text=f"A {WORD}")
    tags.add(person=charlie, images=[image.pk], names=[WORD])
    comments.write(person=charlie, image=image, text=f"More {WORD}, @Bob")
    images.favourite(image=image, person=charlie, liked=True)
    row = collections.create(person=charlie, name=f"{WORD} shelf", description=WORD)
    collections.add(person=charlie, collection=row, images=[image.pk])
    library.save(person=charlie, title=f"My {WORD}", text=f"A {WORD}", tags=WORD, example=image)
    SavedSearch.objects.create(owner=charlie, name=f"All {WORD}", query=f"q={WORD}")
    outside.make(person=charlie, target=image, days=1, title=f"{WORD} for a client")
    waits = make_generation(charlie, model, text=f"A waiting {WORD}", shared=False)
    wish = GridOrder(text=f"{WORD}, {{light: dawn|dusk}}", models=[model], shared=False)
    grids.start(person=charlie, submission_id=uuid4(), wish=wish)
    make_comparison(charlie, [model, model], text=f"{WORD} side by side", shared=False)
    Import.objects.create(owner=charlie, name=f"{WORD}.zip", shared=False)
    Webhook.objects.create(owner=charlie, url=f"https://{WORD}.example/", kinds=["image.shared"], sealed="x")
    tokens.make(person=charlie, name=str(run.pk))  # administrators list them
    mine = make_image(bob, model, text="A mountain at dawn", likeness=LOOK, sha256="a" * 64)
    return SimpleNamespace(image=image, run=run, waits=waits, mine=mine, collection=row)


def addresses() -> list[str]:
    """Return every address that needs no row."""
    found = []
    for name in route_names():
        try:
            found += [] if name in LEAVES or "logout" in name else [reverse(name)]
        except NoReverseMatch:
            continue
    return found


def opened(browser: Client, address: str, query: dict[str, str]) -> str:
    response = browser.get(address, query)
    return body_of(response).decode(errors="replace") if response.status_code == 200 else ""


def signed_in(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def pages(browser: Client) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield the address, the question and the text of everything that this browser may open."""
    for address in addresses():
        if text := opened(browser, address, {}):
            yield address, {}, text
            for query in QUESTIONS if address in LISTS else [QUESTIONS[0], QUESTIONS[-1]]:
                if not address.startswith("/admin/"):
                    yield address, query, opened(browser, address, query)


def without_what_was_asked(text: str) -> str:
    """Leave out what repeats the question: the search box, the chips and the addresses of other lists."""
    return re.sub(
        r'(value|href|hx-get|hx-post|action|placeholder)="[^"]*"|<a class="chip".*?</a>',
        "",
        text,
        flags=re.DOTALL,
    )


def test_no_page_list_or_file_tells_what_is_private(mona, hidden):
    """A moderator may open all that members open, and more."""
    told = [
        (address, query)
        for address, query, text in pages(signed_in(mona))
        if any(
            each in without_what_was_asked(text) for each in (WORD, str(hidden.image.pk), str(hidden.run.pk))
        )
    ]

    assert told == []


def test_no_page_of_administrators_tells_its_words(as_alice, hidden):
    """They learn that something is there, where money or the queue is concerned: never what it says."""
    told = [
        (address, query) for address, query, text in pages(as_alice) if WORD in without_what_was_asked(text)
    ]

    assert told == []


def test_search_counts_completes_and_walks_without_it(as_bob, hidden):
    found = as_bob.get("/gallery/", {"view": "team", "q": WORD}).text
    offers = as_bob.get("/gallery/search/completions/", {"view": "team", "q": WORD[:4]}).text
    alike = as_bob.get(f"/images/{hidden.mine.pk}/alike/").text
    viewer = as_bob.get(f"/images/{hidden.mine.pk}/", {"view": "team"}).text
    made = as_bob.get("/prompts/", {"view": "team", "q": "mountain"}).text

    assert "0 pictures" in found
    assert WORD not in offers
    assert [str(hidden.image.pk) in text for text in (alike, viewer, made)] == [False, False, False]
    assert [WORD in text for text in (alike, viewer, made)] == [False, False, False]


def test_selection_of_all_that_match_holds_none_of_it(as_bob, hidden):
    answer = as_bob.post(
        "/selections/", {"query": "view=team&q=mountain", "all": "1", "image": [str(hidden.image.pk)]}
    )

    assert answer.status_code in (200, 303)
    place = answer.headers.get("Location") or re.search(r"/selections/[0-9a-f-]{36}/", answer.text)[0]
    assert str(hidden.image.pk) not in as_bob.get(place).text
    assert WORD not in as_bob.get(place).text


@pytest.mark.parametrize("kind", ["image", "collection"])
def test_outside_link_to_it_is_no_one_elses_to_make(kind, as_bob, hidden):
    target: UUID = getattr(hidden, kind).pk

    assert as_bob.get(f"/outside/new/?{kind}={target}").status_code == 404
    assert as_bob.post(f"/outside/new/?{kind}={target}", {"days": "7"}).status_code == 404


def test_it_is_found_by_its_person_and_by_everybody_once_it_is_shared(as_charlie, as_bob, charlie, hidden):
    """The walk above would pass in an empty studio."""
    assert str(hidden.image.pk) in as_charlie.get("/gallery/", {"view": "mine", "q": WORD}).text
    assert WORD in as_charlie.get("/gallery/search/completions/", {"view": "mine", "q": WORD[:4]}).text

    sharing.share_generation(generation=hidden.run, person=charlie, shared=True)

    assert str(hidden.image.pk) in as_bob.get("/gallery/", {"view": "team", "q": WORD}).text
    assert str(hidden.image.pk) in as_bob.get(f"/images/{hidden.mine.pk}/alike/").text
    assert WORD in as_bob.get("/prompts/", {"view": "team", "q": WORD}).text
    assert Image.objects.visible_to(charlie).filter(pk=hidden.image.pk).exists()


def test_picture_that_was_taken_out_of_a_shared_run_stands_nowhere(as_bob, bob, charlie, model):
    """Its run, its prompt and what was saved with it as an example are the team's."""
    run = make_generation(charlie, model, text="A shared lake", n=2, state=State.DONE)
    kept, taken = (make_image(charlie, model, generation=run) for _ in range(2))
    library.save(person=charlie, title="Lake", text="A shared lake", shared=True, example=taken)
    sharing.share_image(image=taken, person=charlie, shared=False)
    viewer = f"/images/{kept.pk}/"
    places = [viewer, f"/generations/{run.pk}/", f"/prompts/{run.prompt_id}/", "/prompts/", "/library/"]

    texts = [as_bob.get(place).text for place in places]

    assert [str(kept.pk) in text for text in texts] == [True, True, True, True, False]
    assert [str(taken.pk) in text for text in texts] == [False] * 5


def test_name_of_a_collection_stands_in_no_chip(as_bob, hidden):
    text = as_bob.get("/gallery/", {"view": "team", "collection": hidden.collection.pk}).text

    assert WORD not in text
    assert "in nobody knows" in text
