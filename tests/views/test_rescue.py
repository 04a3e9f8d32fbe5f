import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import KeptLink, Slot, SlotState
from studio.words.drawing import AWAITED
from tests.factories import make_comparison, make_generation, make_image

pytestmark = pytest.mark.django_db
URL = reverse("rescue.index")


def make_lost(person, model, state=SlotState.EXPIRED, *, kept: bool = False, **facts) -> Slot:
    run = make_generation(person, model, state="done", **facts)
    Slot.objects.filter(generation=run).update(state=state)
    if kept:
        link = KeptLink(generation=run, index=0, model=model, host="pictures.example")
        link.url = "https://pictures.example/secret-signature"
        link.save()
    return run.slots.get()


def test_index_tells_what_was_lost_and_how_to_fetch_it(as_alice, bob, model):
    make_lost(bob, model, text="A secret prompt", kept=True)
    make_lost(bob, model, SlotState.TOO_LARGE)

    text = as_alice.get(URL).text

    assert "Removed by the relay before it could be saved" in text
    assert "Larger than 40 MB" in text
    assert "1 of 1 for Bob, at pictures.example" in text
    assert re.findall(r'action="([^"]*attempt/)"', text) == [
        reverse("links.attempt", args=[KeptLink.objects.get().pk])
    ]
    assert "secret" not in text


@pytest.mark.parametrize("view", ["lost", "", "nonsense"])
def test_index_shows_what_was_lost_first_and_nothing_that_waits(view, as_alice, bob, model):
    make_lost(bob, model, SlotState.PENDING_FETCH)
    make_image(bob, model)
    make_generation(bob, model, state="queued")

    assert "Nothing was lost" in as_alice.get(URL, {"view": view}).text


def test_index_of_a_run_that_is_tried_again_is_not_lost_yet(as_alice, bob, model):
    run = make_generation(bob, model, state="sent")
    run.slots.update(state=SlotState.EXPIRED)

    assert "Nothing was lost" in as_alice.get(URL).text


def test_index_tells_what_is_on_its_way(as_alice, bob, model):
    make_lost(bob, model, SlotState.PENDING_FETCH)

    text = as_alice.get(URL, {"view": "waiting"}).text

    assert AWAITED["pending_fetch"] in text
    assert "1 of 1 for Bob" in text


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(59, "Saved 59 min before the link died"), (-3, "Saved 3 min after the link was to die")],
)
def test_index_tells_what_was_saved_and_how_closely(minutes, words, as_alice, bob, model):
    now = timezone.now()
    make_image(bob, model, saved_at=now, link_dies_at=now + timedelta(minutes=minutes))

    assert words in as_alice.get(URL, {"view": "saved"}).text


def test_index_pages_by_key(as_alice, bob, model):
    for _ in range(6):
        run = make_generation(bob, model, n=10, state="done")
        run.slots.update(state=SlotState.EXPIRED)

    first = as_alice.get(URL).text
    older = re.search(r'href="([^"]*before=\d+)"', first)[1]
    second = as_alice.get(URL + older.removeprefix(URL)).text

    assert (first.count("<tr>"), second.count("<tr>")) == (51, 11)
    assert as_alice.get(URL, {"before": "x"}).status_code == 404


@pytest.mark.parametrize("view", ["lost", "waiting", "saved"])
@pytest.mark.parametrize("many", [1, 3])
def test_index_asks_the_same_number_of_queries(many, view, as_alice, bob, model, django_assert_num_queries):
    for _ in range(many):
        make_lost(bob, model, kept=True)
        make_lost(bob, model, SlotState.PENDING_FETCH)
        make_image(bob, model, link_dies_at=timezone.now())

    with django_assert_num_queries(5):
        as_alice.get(URL, {"view": view})


def test_attempt_from_the_ledger_leads_back_to_it(as_alice, bob, model):
    make_lost(bob, model, kept=True)

    answer = as_alice.post(reverse("links.attempt", args=[KeptLink.objects.get().pk]), {"ledger": "1"})

    assert (answer.status_code, answer["Location"]) == (303, URL)


@pytest.mark.parametrize("view", ["lost", "saved"])
def test_index_does_not_tell_what_drew_in_a_blind_comparison(as_alice, alice, model, plain_model, view):
    run = make_comparison(alice, [model], blind=True).generations.get()
    run.slots.update(state=SlotState.EXPIRED)
    make_image(alice, model, generation=run, link_dies_at=timezone.now()) if view == "saved" else None

    text = as_alice.get(URL, {"view": view}).text

    assert "hidden until one is picked" in text
    assert model.label not in text
