"""The shared history of prompts."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import Comparison, Favourite, Prompt, RelayRequest, State
from studio.models.ids import id_at
from studio.services import library, sharing, standing
from tests.factories import make_comparison, make_generation, make_image

HTMX = {"HX-Request": "true"}
HOUR = timedelta(hours=1)
DETAIL = 23
"""Statements of the page of one prompt."""


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


def folds(response) -> list[str]:
    """Return what each row that stands for several runs says of them."""
    return re.findall(r'<a class="past__fold"[^>]*>(.*?)</a>', response.text)


def test_index_shows_the_teams_prompts_newest_shared_run_first(as_bob, bob, charlie, model):
    make_generation(charlie, model, text="shared by Charlie", state=State.DONE)
    make_generation(charlie, model, text="kept by Charlie", shared=False)
    make_generation(bob, model, text="kept by Bob", shared=False)
    make_generation(charlie, model, text="shared by Charlie", state=State.DONE)
    make_generation(charlie, model, text="shared by Charlie", shared=False)

    response = as_bob.get(history())

    assert texts(response) == ["shared by Charlie"]
    assert folds(response) == ["2 runs by Charlie"]
    assert rows(response) == ["0 of 2 kept, Sandbox Flux"]


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

    assert re.findall(r'href="/images/([^/]*)/" data-viewer', text) == [
        str(image.pk) for image in made[4:0:-1]
    ]


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

    assert (hidden, shown) == ("0 of 2 kept", "0 of 2 kept, 2 models")


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
    assert re.search(rf'class="past__text" href="/prompts/{row.prompt_id}/"', text)


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

    # session, person, prompts, their twins, models, newest runs, their requests, best pictures (2), sums
    with django_assert_num_queries(10):
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


def test_index_folds_what_several_people_asked_for_in_the_same_words(as_bob, bob, charlie, mona, model):
    for person in (bob, charlie, charlie):
        row = make_generation(person, model, text="A lake", n=2, state=State.DONE)
        make_image(person, model, generation=row)
    make_generation(mona, model, text="A lake", shared=False)
    make_generation(mona, model, text="A lake.", state=State.DONE)

    response = as_bob.get(history())

    assert texts(response) == ["A lake.", "A lake"]
    assert folds(response) == ["3 runs by 2 people"]
    assert rows(response)[1] == "3 of 6 kept, Sandbox Flux"


def test_index_fold_shows_best_pictures_first(as_bob, bob, charlie, model):
    row = make_generation(bob, model, n=3, state=State.DONE)
    made = [make_image(bob, model, generation=row) for _ in range(3)]
    for person in (bob, charlie):
        Favourite.objects.create(person=person, image=made[0])
    Favourite.objects.create(person=bob, image=made[1])

    text = as_bob.get(history()).text

    assert re.findall(r'href="/images/([^/]*)/" data-viewer', text) == [str(image.pk) for image in made]
    assert "3 favourites" in rows(as_bob.get(history()))[0]


def test_index_most_used_and_best_rated_go_by_what_was_counted(as_bob, bob, charlie, model):
    for text, runs, likes in (("rare", 1, 1), ("common", 3, 0), ("loved", 2, 2)):
        images = [make_image(person, model, text=text) for person in (bob, charlie, bob)[:runs]]
        for person in (bob, charlie)[:likes]:
            Favourite.objects.create(person=person, image=images[0])
    standing.count_lately()

    assert texts(as_bob.get(history(sort="used"))) == ["common", "loved", "rare"]
    assert texts(as_bob.get(history(sort="rated"))) == ["loved", "rare", "common"]


@pytest.mark.parametrize("sort", ["newest", "used", "rated"])
def test_index_every_order_pages_by_key(as_bob, bob, model, monkeypatch, sort):
    monkeypatch.setattr("studio.views.prompts.PAGE", 2)
    for number in range(5):
        for _ in range(number % 2 + 1):
            make_generation(bob, model, text=f"prompt {number}")
    standing.count_all()

    seen, url = [], history(sort=sort)
    while url:
        text = as_bob.get(url, headers=HTMX).text
        seen += re.findall(r"prompt (\d)</a>", text)
        older = re.search(r'class="prompts__older" href="([^"]*)"', text)
        url = older and older[1].replace("&amp;", "&")

    assert sorted(seen) == ["0", "1", "2", "3", "4"]
    assert (seen[:2] == ["3", "1"]) == (sort == "used")


def test_index_says_which_prompt_it_came_from_to_those_who_may_see_that_one(as_bob, as_charlie, bob, model):
    origin = make_generation(bob, model, text="Ink wash mountains, one red sun", shared=False)
    make_generation(bob, model, text="Ink wash mountains at night", parent=origin.prompt)

    own, other = as_bob.get(history()).text, as_charlie.get(history()).text

    assert "from your “Ink wash mountains, one red sun”, 3 words differ" in own
    assert "Ink wash mountains at night" in other
    assert "one red sun" not in other


def test_index_names_no_private_saved_prompt_of_others(as_bob, as_charlie, bob, charlie, model):
    saved = library.save(person=charlie, title="Zircon", text="A {what} lake")
    parent = make_generation(bob, model, text="A lake").prompt
    make_generation(charlie, model, text="A red lake", parent=parent, saved=saved.current)

    assert ["Zircon" in browser.get(history()).text for browser in (as_bob, as_charlie)] == [False, True]


def test_index_anonymous_is_sent_to_sign_in(client, db):
    assert client.get(history()).status_code == 302


def test_detail_shows_every_run_that_the_person_may_see(as_charlie, bob, mona, model):
    row = make_generation(bob, model, text="A lake", n=2, state=State.DONE)
    make_image(bob, model, generation=row)
    make_generation(mona, model, text="A lake", state=State.FAILED)
    hidden = make_generation(bob, model, text="A lake", shared=False)

    text = as_charlie.get(reverse("prompts.detail", args=[row.prompt_id])).text

    assert re.findall(r'class="past__text" href="[^"]*">([^<]*)<', text) == ["Failed", "1 of 2 kept"]
    assert "2 runs by 2 people" in text
    assert str(hidden.pk) not in text


def test_detail_colours_what_came_of_it_and_not_its_person(as_bob, bob, model):
    row = make_generation(bob, model, state=State.FAILED)

    text = as_bob.get(reverse("prompts.detail", args=[row.prompt_id])).text

    assert '<span class="past__outcome past__outcome--harm">Failed</span>' in text


def family(model, *people) -> list[Prompt]:
    """A lake, its two children, and a grandchild; each of the next person, and shared."""
    texts = ["A lake at dawn", "A lake at night", "A lake at dawn, oil", "A lake at night, ink"]
    parents = [None, 0, 0, 1]
    made: list[Prompt] = []
    for place, (text, parent) in enumerate(zip(texts, parents, strict=True)):
        person = people[place % len(people)]
        origin = None if parent is None else made[parent]
        made.append(make_generation(person, model, text=text, parent=origin, state=State.DONE).prompt)
    return made


def tree(response) -> list[tuple[str, str]]:
    """Return each row of the family: how far in, and what it says."""
    rows = re.findall(r'--depth:(\d)".*?class="kin__text"[^>]*>(.*?)</a>', response.text, re.DOTALL)
    return [(depth, re.sub(r"<(/?)(\w+)>", r"[\1\2]", words.strip())) for depth, words in rows]


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_detail_draws_the_whole_family_from_each_of_it(as_bob, bob, charlie, model, place):
    made = family(model, bob, charlie)

    found = tree(as_bob.get(reverse("prompts.detail", args=[made[place].pk])))

    assert found == [
        ("0", "A lake at dawn"),
        ("1", "A lake at [del]dawn[/del][ins]night[/ins]"),
        ("1", "A lake at night[ins], ink[/ins]"),
        ("1", "A lake at dawn[ins], oil[/ins]"),
    ]


def test_detail_family_leaves_out_what_is_private_to_others(as_bob, bob, charlie, model):
    made = family(model, bob, charlie)
    sharing.share_generation(generation=made[1].generations.get(), person=charlie, shared=False)

    found = tree(as_bob.get(reverse("prompts.detail", args=[made[0].pk])))

    assert found == [("0", "A lake at dawn"), ("0", "A lake at dawn[ins], oil[/ins]")]


def test_detail_family_tells_no_private_run_of_others(as_bob, bob, charlie, mona, model):
    """Neither that somebody asked for the same words before, nor that they took them from another text."""
    make_generation(mona, model, text="A lake at night", shared=False)
    made = family(model, bob, charlie)
    make_generation(
        mona, model, text="A lake at dawn, oil", parent=made[1], shared=False, pk=id_at(timezone.now() - HOUR)
    )

    page = as_bob.get(reverse("prompts.detail", args=[made[0].pk]))

    assert tree(page)[3] == ("1", "A lake at dawn[ins], oil[/ins]")
    assert "Mona" not in page.text


def _by_a_run(bob, charlie, mona, model) -> Prompt:
    lake = make_generation(bob, model, text="A lake").prompt
    make_generation(bob, model, text="A boat")
    make_generation(mona, model, text="A boat", parent=lake, shared=False)
    return lake


def _by_a_parent(bob, charlie, mona, model) -> Prompt:
    hidden = make_generation(charlie, model, text="A pond", shared=False).prompt
    make_generation(charlie, model, text="A boat", parent=hidden)
    return make_generation(charlie, model, text="A lake", parent=hidden).prompt


def _by_a_twin_of_the_parent(bob, charlie, mona, model) -> Prompt:
    lake = make_generation(bob, model, text="A lake").prompt
    hidden = make_generation(charlie, model, text="A lake", shared=False).prompt
    make_generation(charlie, model, text="A boat", parent=hidden)
    return lake


@pytest.mark.parametrize("joined", [_by_a_run, _by_a_parent, _by_a_twin_of_the_parent])
def test_detail_family_is_not_joined_by_what_is_private_to_others(joined, as_bob, bob, charlie, mona, model):
    prompt = joined(bob, charlie, mona, model)

    assert "A boat" not in as_bob.get(reverse("prompts.detail", args=[prompt.pk])).text


def test_detail_family_tells_where_a_text_came_from_by_what_one_may_see(as_bob, bob, charlie, model):
    hidden = make_generation(charlie, model, text="A lake at dawn", shared=False).prompt
    make_generation(charlie, model, text="A lake at night, ink", parent=hidden)
    made = family(model, bob)

    found = tree(as_bob.get(reverse("prompts.detail", args=[made[0].pk])))

    assert found[2] == ("1", "A lake at night[ins], ink[/ins]")


def test_detail_family_of_a_circle_ends(as_bob, bob, model):
    one = make_generation(bob, model, text="A lake at dawn").prompt
    two = make_generation(bob, model, text="A lake at night", parent=one).prompt
    make_generation(bob, model, text="A lake at dawn", parent=two)

    assert len(tree(as_bob.get(reverse("prompts.detail", args=[one.pk])))) == 2


def test_detail_of_many_costs_no_more_queries_than_of_two(as_bob, bob, model, django_assert_num_queries):
    parent = make_generation(bob, model, text="A lake 0").prompt
    page = reverse("prompts.detail", args=[parent.pk])
    for count in (1, 12):
        for number in range(count):
            make_generation(bob, model, text=f"A lake {count} {number}", parent=parent)

        with django_assert_num_queries(DETAIL):
            response = as_bob.get(page)

        assert len(tree(response)) >= count + 1


def test_difference_marks_words_and_says_how_many(as_bob, bob, charlie, model):
    one, other = family(model, bob, charlie)[:2]

    text = as_bob.get(reverse("prompts.difference", query={"one": one.pk, "other": other.pk})).text

    assert "A lake at <del>dawn</del><ins>night</ins>" in text
    assert "1 word differs." in text


@pytest.mark.parametrize("query", [{}, {"one": "x"}, {"one": "own"}, {"one": "own", "other": "hidden"}])
def test_difference_of_what_the_person_may_not_see_is_not_found(as_bob, bob, charlie, model, query):
    own = make_generation(bob, model, text="A lake").prompt
    hidden = make_generation(charlie, model, text="A lake at night", shared=False).prompt
    known = {"own": own.pk, "hidden": hidden.pk}

    asked = {name: known.get(value, value) for name, value in query.items()}

    assert as_bob.get(reverse("prompts.difference", query=asked)).status_code == 404
