"""What a page hears of its live cards: nothing while they are the same, else each changed one; only its person."""

import html
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio import live
from studio.live import KINDS, Shown, Watch
from studio.models import Generation, Grid, ImageModel, State, User
from studio.models.ids import uuid7
from tests.factories import make_comparison, make_generation, make_image

HTMX = {"HX-Request": "true"}


def looks_at(client: Client, page: str = "/") -> tuple[str, dict[str, list[str]]]:
    """What the page asks and with what: its poller's address, and the cards it names."""
    text = client.get(page).text
    address = html.unescape(re.search(r'<i id="live" hidden hx-get="([^"]+)"', text)[1])
    return address, {"c": re.findall(r'name="c" value="([^"]+)"', text)}


def ask(client: Client, looked: tuple[str, dict[str, list[str]]]):
    """Ask as the page does: the cards join the address."""
    address, cards = looked
    query = "".join(f"&c={value}" for value in cards["c"])
    return client.get(address + query, headers=HTMX)


def shown(response) -> list[str]:
    return re.findall(r'<article class="[^"]+" id="([^"]+)"', response.text)


def test_unchanged_is_204_after_two_statements_whatever_the_number_of_cards(
    as_bob, bob, model, django_assert_num_queries
):
    for _ in range(3):
        make_generation(bob, model, state=State.SENT, sent_at=timezone.now())
    looked = looks_at(as_bob)
    assert len(looked[1]["c"]) == 3

    with django_assert_num_queries(2):  # the person and their session; the versions
        response = ask(as_bob, looked)

    assert (response.status_code, response.content) == (204, b"")
    assert response["Cache-Control"] == "no-store"


def test_changed_cards_alone_come_and_find_their_places(as_bob, bob, model):
    rows = [make_generation(bob, model, state=State.CLAIMED) for _ in range(3)]
    looked = looks_at(as_bob)
    Generation.objects.filter(pk=rows[1].pk).touch()

    response = ask(as_bob, looked)

    assert shown(response) == [f"generation-{rows[1].pk}"]
    assert response.text.count('hx-swap-oob="outerMorph"') == 1
    assert f'value="g{rows[1].pk.hex}.1.0.' in response.text


def test_what_came_is_watched_from_then_on(as_bob, bob, model):
    row = make_generation(bob, model, state=State.CLAIMED)
    address, before = looks_at(as_bob)
    Generation.objects.filter(pk=row.pk).touch()

    after = re.findall(r'name="c" value="([^"]+)"', ask(as_bob, (address, before)).text)

    assert ask(as_bob, (address, {"c": after})).status_code == 204


def test_comparison_is_shown_as_where_it_stands(as_bob, bob, model, plain_model):
    row = make_comparison(bob, [model, plain_model], state=State.CLAIMED)
    feed, page = looks_at(as_bob), looks_at(as_bob, reverse("comparisons.detail", args=[row.pk]))
    assert [ask(as_bob, each).status_code for each in (feed, page)] == [204, 204]

    row.generations.all().touch()

    assert 'class="run run--group" id="comparison-' in ask(as_bob, feed).text
    assert 'class="comparison" id="comparison-' in ask(as_bob, page).text


def test_comparison_of_another_is_watched_with_all_its_columns(as_charlie, bob, model, plain_model):
    """Also those that this person does not see: else their page would never be up to date."""
    row = make_comparison(bob, [model, plain_model], state=State.CLAIMED)
    hidden = row.generations.last()
    Generation.objects.filter(pk=hidden.pk).update(shared=False, version=7)

    looked = looks_at(as_charlie, reverse("comparisons.detail", args=[row.pk]))

    assert ask(as_charlie, looked).status_code == 204


def test_card_whose_time_is_over_comes_again(as_bob, bob, model, monkeypatch):
    make_generation(bob, model)
    looked = looks_at(as_bob)
    assert ask(as_bob, looked).status_code == 204

    monkeypatch.setattr(live.time, "time", lambda now=live.time.time: now() + 6)

    assert "Waiting, next in line" in ask(as_bob, looked).text


def test_card_that_is_gone_is_taken_out(as_bob, bob, model):
    row = make_generation(bob, model, state=State.CLAIMED)
    looked, pk = looks_at(as_bob), row.pk
    row.delete()

    assert f'<article id="generation-{pk}" hx-swap-oob="delete">' in ask(as_bob, looked).text


# Rights


def _group(person: User, model: ImageModel, column: str) -> Any:
    """A comparison or a grid with one private row."""
    row = make_comparison(person, [model], shared=False)
    if column == "comparison":
        return row
    grid = Grid.objects.create(owner=person, text="A lake", axes=[], submission_id=uuid4())
    row.generations.update(comparison=None, grid=grid, cell=0)
    return grid


@pytest.mark.parametrize("shown", Shown)
def test_t11_cards_of_others_are_gone_like_what_never_was_and_written_down(
    shown, as_charlie, charlie, bob, model, refusals
):
    never = Watch(shown, uuid7(), 0)
    row = _group(bob, model, KINDS[shown]) if shown in KINDS else make_generation(bob, model, shared=False)
    hidden = Watch(shown, row.pk, 0)

    answers = [
        as_charlie.get(reverse("live.index"), {"p": charlie.pk.hex, "c": f"{each}.none"}, headers=HTMX)
        for each in (never, hidden)
    ]

    texts = [
        answer.text.replace(str(each.pk), "") for answer, each in zip(answers, (never, hidden), strict=True)
    ]
    assert texts[0] == texts[1]
    assert [(line["event"], line["object"]) for line in refusals] == [
        ("security.authz_denied", str(hidden.pk))
    ]


@pytest.mark.parametrize("whose", ["charlie", "bob"])
def test_t11_a_seal_says_nothing_to_another_person(as_bob, as_charlie, bob, charlie, model, whose, refusals):
    """Not under their own name, and not under the name of whom it was made for."""
    make_generation(bob, model, state=State.CLAIMED, shared=False)
    _, cards = looks_at(as_bob)
    person = {"charlie": charlie, "bob": bob}[whose]

    response = ask(as_charlie, (f"{reverse('live.index')}?p={person.pk.hex}", cards))

    assert response.status_code == 200
    assert shown(response) == []
    assert [line["event"] for line in refusals] == ["security.authz_denied"]


def test_t13_suspended_while_the_page_is_open_is_told_at_the_next_look(as_bob, bob, model):
    make_generation(bob, model, state=State.CLAIMED)
    looked = looks_at(as_bob)
    assert ask(as_bob, looked).status_code == 204

    User.objects.filter(pk=bob.pk).update(is_active=False)

    told, after = ask(as_bob, looked), ask(as_bob, looked)
    assert (told.status_code, after.status_code) == (403, 401)
    assert "Your account is suspended." in told.text


def _signed_out(bob: User) -> None:
    Session.objects.all().delete()


def _run_out(bob: User) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def _new_password(bob: User) -> None:
    bob.set_password("another long pass phrase")
    bob.save()


@pytest.mark.parametrize("end", [_signed_out, _run_out, _new_password])
def test_t17_a_session_that_has_ended_hears_nothing_more(as_bob, bob, model, end):
    make_generation(bob, model, state=State.CLAIMED)
    looked = looks_at(as_bob)
    assert ask(as_bob, looked).status_code == 204

    end(bob)

    response = ask(as_bob, looked)
    assert (response.status_code, response["HX-Redirect"]) == (401, "/login/")


def test_anonymous_is_sent_to_the_door(client, as_bob, bob, model):
    make_generation(bob, model, state=State.CLAIMED)

    assert ask(client, looks_at(as_bob)).status_code == 401


@pytest.mark.parametrize(
    "text", ["", "g", "g1.2", f"g{UUID(int=1).hex}.a.0.s", f"q{UUID(int=1).hex}.0.0.s", "\x00"]
)
def test_what_is_no_card_is_left_out(as_bob, bob, text):
    response = as_bob.get(reverse("live.index"), {"p": bob.pk.hex, "c": text}, headers=HTMX)

    assert response.status_code == 204


def test_a_page_with_finished_cards_alone_names_none(as_bob, bob, model):
    make_image(bob, model, generation=make_generation(bob, model, state=State.DONE))

    assert looks_at(as_bob)[1] == {"c": []}


def test_card_of_the_composers_answer_is_watched(as_bob, bob, model):
    address, _ = looks_at(as_bob)
    data = {"submission_id": str(uuid7()), "model": str(model.pk), "prompt": "A lake", "n": "1"}

    text = as_bob.post(reverse("generations.create"), data, headers=HTMX).text

    cards = re.findall(r'name="c" value="([^"]+)"', text)
    assert (len(cards), ask(as_bob, (address, {"c": cards})).status_code) == (1, 204)
