"""The page of the queue: everybody sees who waits; what is private is nobody's but its person's."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import Generation, ImageModel, Relay, State
from studio.services.drawing import line
from tests.factories import make_comparison, make_generation

pytestmark = pytest.mark.django_db
URL = reverse("queue.index")


def _lines(text: str) -> list[str]:
    """Return what each line of the queue says, without its buttons."""
    found = re.findall(r'<li class="place.*?</li>', text, re.DOTALL)
    return [
        " ".join(re.sub(r"<div class=\"place__acts.*|<[^>]+>", " ", each, flags=re.DOTALL).split())
        for each in found
    ]


def test_index_hides_prompt_model_and_shape_of_what_is_private(as_bob, charlie, model):
    make_generation(charlie, model, text="A secret lake", shared=False, n=2, settings={"size": "512x512"})
    make_generation(charlie, model, text="Another secret", shared=False, state=State.SENT)

    text = as_bob.get(URL).text

    assert "secret" not in text
    assert model.label not in text
    assert "512x" not in text.replace("×", "x").replace(" ", "")
    assert _lines(text)[1] == "1 CH Private prompt Charlie, 2 pictures begins any moment"


def test_index_hides_it_from_administrators_and_moderators_too(as_alice, charlie, model):
    make_generation(charlie, model, text="A secret lake", shared=False)

    assert "secret" not in as_alice.get(URL).text


def test_index_shows_ones_own_and_what_is_shared(as_bob, bob, charlie, model):
    make_generation(bob, model, text="My private lake", shared=False)
    make_generation(charlie, model, text="A shared hill")

    text = as_bob.get(URL).text

    assert "My private lake" in text
    assert "A shared hill" in text


@pytest.mark.parametrize("picked", [False, True])
def test_index_of_a_blind_comparison_names_no_model_and_no_time(picked, as_bob, bob, model, plain_model):
    ImageModel.objects.update(usual_ms=90_000)
    Relay.objects.update(at_once=1)
    group = make_comparison(bob, [model, plain_model], blind=True, state=State.QUEUED)
    if picked:
        type(group).objects.update(picked_at=timezone.now())

    text = as_bob.get(URL).text

    assert ("Plain" in text, "begins in about 90 s" in text) == (picked, picked)


def test_index_counts_nothing_of_what_waits_for_a_moderator_or_is_over(as_bob, charlie, model):
    for state in (State.HELD, State.DONE, State.FAILED, State.CANCELLED):
        make_generation(charlie, model, state=state, text="Not in the queue")

    text = as_bob.get(URL).text

    assert "Nothing waits" in text
    assert "Charlie" not in text


def test_index_says_place_person_and_about_when(as_bob, bob, charlie, model):
    ImageModel.objects.update(usual_ms=20_000)
    Relay.objects.update(at_once=1)
    make_generation(charlie, model, text="First", state=State.CLAIMED, sent_at=timezone.now())
    make_generation(charlie, model, text="Third")
    make_generation(bob, model, text="Second")

    lines = _lines(as_bob.get(URL).text)

    assert [line.split(" ", 2)[:1] for line in lines[1:]] == [["1"], ["2"]]
    assert lines[1].endswith("begins in about 20 s")
    assert lines[2].endswith("begins in about 40 s")
    assert "Second" in lines[1]


def test_index_says_how_much_of_each_person_waits_and_is_drawn(as_bob, bob, charlie, model):
    make_generation(charlie, model, n=3)
    make_generation(charlie, model, n=2, state=State.SENT)
    make_generation(bob, model)

    words = " ".join(re.sub(r"<[^>]+>", " ", as_bob.get(URL).text).split())

    assert "Charlie 2 being drawn, 3 waiting" in words
    assert "Bob 1 waiting" in words


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_as_much_for_three_as_for_one(
    count, django_assert_num_queries, as_bob, bob, charlie, model
):
    for _ in range(count):
        make_generation(charlie, model)
        make_generation(bob, model, state=State.SENT)
    as_bob.get(URL)

    with django_assert_num_queries(6):  # session, person; line, people, prompts, models
        as_bob.get(URL)


def test_index_pages_by_place(as_bob, charlie, model, monkeypatch):
    monkeypatch.setattr("studio.cards.queue.PAGE", 2)
    for number in range(5):
        make_generation(charlie, model, text=f"Lake {number}")

    first, last = as_bob.get(URL).text, as_bob.get(URL, {"from": 4}).text

    assert ("Lake 1" in first, "Lake 2" in first, f'href="{URL}?from=2"' in first) == (True, False, True)
    assert _lines(last)[0].startswith("5 ")
    assert "Further back" not in last


def test_index_that_is_shown_already_answers_nothing(as_bob, charlie, model, monkeypatch):
    monkeypatch.setattr("studio.cards.queue.time.time", lambda: 1000.0)
    row = make_generation(charlie, model)
    seen = re.search(r"seen=(\w+)", as_bob.get(URL).text)[1]

    again = as_bob.get(URL, {"seen": seen}, headers={"HX-Request": "true"})
    Generation.objects.filter(pk=row.pk).update(state=State.SENT)
    changed = as_bob.get(URL, {"seen": seen}, headers={"HX-Request": "true"})

    assert (again.status_code, changed.status_code) == (204, 200)
    assert changed.text.strip().startswith('<div class="line-up" id="queue"')


def test_index_offers_moving_and_cancelling_to_whom_it_is_given(as_bob, as_alice, bob, charlie, model):
    own, other = make_generation(bob, model), make_generation(charlie, model)

    bobs, alices = as_bob.get(URL).text, as_alice.get(URL).text

    assert re.findall(r"/queue/([0-9a-f-]+)/", bobs) == [str(own.pk)]
    assert set(re.findall(r"/queue/([0-9a-f-]+)/", alices)) == {str(own.pk), str(other.pk)}


def test_position_puts_first(as_alice, bob, charlie, model):
    make_generation(bob, model, text="Older")
    row = make_generation(charlie, model, text="Urgent")

    response = as_alice.post(reverse("queue.position", args=[row.pk]), {"to": "first"})

    assert (response.status_code, response["Location"]) == (303, URL)
    assert "Urgent" in _lines(as_alice.get(URL).text)[0]
    assert "moved by an administrator" in _lines(as_alice.get(URL).text)[0]


@pytest.mark.parametrize("to", ["", "second"])
def test_position_that_does_not_exist_changes_nothing(to, as_alice, bob, model):
    row = make_generation(bob, model)

    response = as_alice.post(reverse("queue.position", args=[row.pk]), {"to": to})

    row.refresh_from_db()
    assert (response.status_code, row.rank) == (404, None)


def test_cancellation_without_a_reason_keeps_the_form(as_alice, bob, model):
    row = make_generation(bob, model)

    response = as_alice.post(reverse("queue.cancellation", args=[row.pk]), {"why": " "})

    assert response.status_code == 422
    assert "Say why: its person reads it." in response.text


def test_cancellation_with_a_reason_is_told_to_its_person(as_alice, as_bob, bob, model):
    row = make_generation(bob, model)

    as_alice.post(reverse("queue.cancellation", args=[row.pk]), {"why": "Not <b>now</b>."})

    assert "Not &lt;b&gt;now&lt;/b&gt;." in as_bob.get(reverse("generations.detail", args=[row.pk])).text
    assert "An administrator cancelled what waited" in as_bob.get(reverse("notices.index")).text


def test_cancellation_page_of_another_says_no_prompt(as_alice, bob, model):
    row = make_generation(bob, model, text="A secret lake", shared=False)

    text = as_alice.get(reverse("queue.cancellation", args=[row.pk])).text

    assert "Cancel what Bob waits for" in text
    assert "secret" not in text


def test_cancellation_of_what_is_drawn_already_says_so(as_bob, bob, model):
    row = make_generation(bob, model, state=State.SENT)

    response = as_bob.post(reverse("queue.cancellation", args=[row.pk]))

    assert response.status_code == 409
    assert "The relay is already drawing." in response.text


def test_card_of_what_waits_says_when_and_leads_to_the_queue(as_bob, bob, charlie, model):
    ImageModel.objects.update(usual_ms=20_000)
    Relay.objects.update(at_once=1)
    make_generation(charlie, model, state=State.CLAIMED, sent_at=timezone.now() - timedelta(seconds=5))
    make_generation(charlie, model)
    make_generation(bob, model)
    Generation.objects.filter(owner=bob).update(rank=1)

    text = as_bob.get("/").text

    assert "Waiting, 1 ahead of you, begins in about 35 s" in text
    assert f'<a href="{URL}">Queue</a>' in text


def test_people_waiting_limits_one_person_and_refuses_nonsense(as_alice, bob):
    address = reverse("people.waiting", args=[bob.pk])

    good, bad = as_alice.post(address, {"images": "3"}), as_alice.post(address, {"images": "many"})

    bob.refresh_from_db()
    assert (good.status_code, bad.status_code, bob.queue_images) == (303, 422, 3)
    assert "Write a whole number from 1 to 10,000" in bad.text
    assert 'value="many"' in bad.text


def test_index_of_a_long_line_costs_as_much_as_of_a_short_one(
    django_assert_num_queries, as_bob, charlie, model
):
    first = make_generation(charlie, model, text="Lake 0")
    facts = {
        "owner": charlie,
        "prompt": first.prompt,
        "model": model,
        "month": first.month,
        "n": 1,
        "shared": True,
    }
    Generation.objects.bulk_create(Generation(**facts, submission_id=uuid4()) for _ in range(line.LONG))
    as_bob.get(URL)
    line.forget()

    try:
        with django_assert_num_queries(6):  # session, person; line, people, prompts, models
            whole = as_bob.get(URL)
        with django_assert_num_queries(4):  # the line is that of a moment ago
            end = as_bob.get(URL, {"from": line.LONG - 10})
    finally:
        line.forget()

    assert (len(_lines(whole.text)), len(_lines(end.text))) == (50, 11)
