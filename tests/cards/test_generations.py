"""What the card of a generation says in each state."""

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from studio.cards.generations import card_of, cards_of
from studio.cards.receipts import seconds
from studio.cards.said import Countdown
from studio.models import Generation, ImageModel, Relay, Slot, SlotState, State
from studio.services.relays import edit as relays
from tests.factories import make_comparison, make_generation, make_image
from tests.said import busy, old

BUSY = "The relay is busy. Trying again in 7 s (1 of 3)."


@pytest.mark.parametrize(
    ("state", "cost", "said"),
    [
        (State.DONE, 160_000, ["$0.16"]),
        (State.DONE, 0, ["free"]),
        (State.DONE, None, []),
        (State.FAILED, 0, []),
        (State.SENT, 160_000, []),
    ],
)
def test_card_says_what_a_finished_run_has_cost(bob, model, state, cost, said):
    row = make_generation(bob, model, state=state, cost=cost, cost_unit="USD")

    assert card_of(row, person=bob).facts[2:] == said


def test_card_of_pausing_generation_counts_from_now_not_from_then(bob, model):
    until = timezone.now() + timedelta(seconds=4)
    row = make_generation(bob, model, **busy(), not_before=until)

    card = card_of(row, person=bob)

    assert card.countdown == Countdown(BUSY, "The relay is busy. Trying again ", 4, " (1 of 3).")
    assert (card.countdown.seconds, card.state) == (4, "The relay is busy. Trying again in 4 s (1 of 3).")


def test_card_of_pause_that_is_over_says_now(bob, model):
    row = make_generation(bob, model, **busy(), not_before=timezone.now() - timedelta(seconds=9))

    card = card_of(row, person=bob)

    assert (card.countdown.seconds, card.state) == (0, "The relay is busy. Trying again now (1 of 3).")


def test_card_of_waiting_generation_has_no_countdown(bob, model):
    card = card_of(make_generation(bob, model), person=bob)

    assert (card.countdown, card.state) == (None, "Waiting, next in line")


@pytest.mark.parametrize(
    ("reason", "said"),
    [("Back on Monday.", "Waiting: Sandbox is paused (Back on Monday)"), ("", "Waiting: Sandbox is paused")],
)
def test_card_of_generation_waiting_for_a_paused_relay_says_so(bob, model, reason: str, said: str):
    row = make_generation(bob, model)

    given = {"pause_reason": "own_words" if reason else "", "pause_values": {"text": reason}}
    Relay.objects.filter(pk=model.relay_id).update(paused_at=timezone.now(), **given)

    assert card_of(Generation.objects.get(pk=row.pk), person=bob).state == said


@pytest.mark.parametrize(
    ("state", "seconds"), [(State.QUEUED, 5), (State.SENT, 31), (State.CLAIMED, None), (State.RECEIVED, None)]
)
def test_card_holds_until_its_words_change_by_themselves(bob, model, state, seconds):
    """A place in line is looked at again after 5 s, the minutes of a call when the next one is full."""
    now = timezone.now()
    row = make_generation(bob, model, state=state)
    row.sent_at = now - timedelta(seconds=150)

    until = card_of(row, person=bob).watch.until

    assert until == 0 if seconds is None else abs(until - now.timestamp() - seconds) < 2


def test_card_of_blind_column_on_a_paused_relay_does_not_name_it(bob, model):
    group = make_comparison(bob, [model, model], blind=True, state=State.QUEUED)
    Relay.objects.filter(pk=model.relay_id).update(paused_at=timezone.now())

    cards = cards_of(group.generations.order_by("pk"), person=bob)

    assert [card.state for card in cards] == ["Waiting, next in line", "Waiting, 1 ahead of you"]


def test_card_of_stand_in_names_the_model_that_draws(bob, model, plain_model):
    row = make_generation(bob, model, via=plain_model, state=State.DONE)

    assert card_of(row, person=bob).facts[0] == "Plain, in place of Sandbox Flux"


@pytest.mark.parametrize(
    ("ms", "said"), [(None, ""), (49, ""), (50, "0.1 s"), (4200, "4.2 s"), (21400, "21 s")]
)
def test_seconds_tells_no_time_that_would_be_nothing(ms, said):
    assert seconds(ms) == said


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        *((state, "") for state in ("held", "queued", "claimed", "sent", "received")),
        *((state, "trouble") for state in ("refused", "failed", "broken", "unknown")),
        ("done", "ready"),
        ("cancelled", "quiet"),
    ],
)
def test_card_of_each_state_has_its_outcome(bob, model, state: str, outcome: str):
    card = card_of(make_generation(bob, model, state=State(state)), person=bob)

    assert card.outcome == outcome


@pytest.mark.parametrize(
    ("n", "saved", "news"),
    [
        (1, 1, "Your picture is ready."),
        (2, 2, "Your 2 pictures are ready."),
        (2, 1, "1 of 2 pictures are ready."),
    ],
)
def test_card_of_done_generation_tells_how_many_came(bob, model, n: int, saved: int, news: str):
    row = make_generation(bob, model, n=n, state=State.DONE)
    for _ in range(saved):
        make_image(bob, model, generation=row)

    assert card_of(row, person=bob).news == news


def test_card_of_failed_generation_tells_its_sentence(bob, model):
    row = make_generation(bob, model, state=State.REFUSED, **old("Refused. Change the prompt."))

    assert card_of(row, person=bob).news == "Refused. Change the prompt."


@pytest.mark.parametrize(
    ("size", "shape"),
    [("1536x512", "wide"), ("1792x1024", ""), ("1024x1024", ""), ("1024x1792", ""), ("512x1536", "tall")],
)
def test_card_of_very_wide_and_tall_pictures_has_its_own_columns(bob, model, size: str, shape: str):
    card = card_of(make_generation(bob, model, n=2, settings={"size": size}), person=bob)

    assert card.shape == shape


def test_card_of_a_single_picture_has_a_column_of_its_own(bob, model):
    assert card_of(make_generation(bob, model, settings={"size": "1536x512"}), person=bob).shape == "one"


@pytest.mark.parametrize(
    ("default", "shared", "said"),
    [
        (True, True, False),
        (True, False, "private"),
        (False, True, "shared with the team"),
        (False, False, False),
    ],
)
def test_card_says_who_sees_it_where_that_is_the_exception(bob, model, settings, default, shared, said):
    settings.DEFAULT_SHARED = default

    facts = card_of(make_generation(bob, model, state=State.FAILED, shared=shared), person=bob).facts

    assert [fact for fact in facts if fact in ("private", "shared with the team")] == ([said] if said else [])


def test_card_names_the_relay_where_two_models_have_one_name(bob, model):
    relay = Relay.objects.create(name="Zebra", dialect="openai", base_url="http://127.0.0.1:2/v1")
    other = relays.add_model(relay=relay, model_id="flux", label=model.label, accepts={})
    rows = [make_generation(bob, each) for each in (model, other)]

    before = [card.facts[0] for card in cards_of(rows, person=bob)]
    ImageModel.objects.filter(pk=other.pk).update(enabled=False)
    after = [card.facts[0] for card in cards_of(rows, person=bob)]

    assert before == ["Sandbox Flux at Sandbox", "Sandbox Flux at Zebra"]
    assert after == ["Sandbox Flux", "Sandbox Flux"]


def test_card_of_slot_still_being_saved_waits_while_the_rest_is_saved(bob, model):
    row = make_generation(bob, model, n=2, state=State.RECEIVED)
    Slot.objects.filter(generation=row, index=1).update(state=SlotState.PENDING_STORAGE)

    frames = card_of(row, person=bob).frames

    assert [(frame.words, frame.awaited) for frame in frames] == [("", True), ("Still being saved", True)]


def test_card_of_trashed_pictures_says_where_they_are(as_bob, bob, model):
    row = make_generation(bob, model, n=2, state=State.DONE)
    for _ in range(2):
        make_image(bob, model, generation=row, trashed_at=timezone.now())

    text = as_bob.get(f"/generations/{row.pk}/").text

    assert "Its pictures are in the trash." in text
    assert 'href="/gallery/?view=trash"' in text
    assert ">Dismiss</" not in text


def test_card_says_the_pause_once_to_ears_and_counts_it_down_for_eyes(as_bob, bob, model):
    until = timezone.now() + timedelta(seconds=30)
    row = make_generation(bob, model, **busy(), not_before=until)

    text = as_bob.get(f"/generations/{row.pk}/").text

    assert f'<span class="sr">{BUSY}</span>' in text
    assert re.search(
        r'again <count-down data-seconds="(29|30)" data-over="now">in <span>(29|30) s</span></count-down> \(1',
        text,
    )


def test_card_news_is_an_element_that_a_morph_can_find(as_bob, bob, model):
    row = make_generation(bob, model, state=State.SENT)
    live = as_bob.get(f"/generations/{row.pk}/").text
    Generation.objects.filter(pk=row.pk).update(state=State.UNKNOWN, **old("We lost contact."))

    over = as_bob.get(f"/generations/{row.pk}/").text

    element = f'<run-news id="news-{row.pk}" data-outcome="{{}}" data-words="{{}}" hidden>'
    assert (element.format("", "") in live, element.format("trouble", "We lost contact.") in over) == (
        True,
        True,
    )


@pytest.mark.parametrize(
    ("reason", "edit"),
    [
        ("not_taken", "Change settings"),
        ("request_not_taken", ""),
        ("not_open", "Choose another model"),
        ("in_front", ""),
        ("request_too_large", "Edit prompt"),
        ("out_of_funds", ""),
    ],
)
def test_card_of_a_failure_leads_back_to_what_must_be_changed(bob, model, reason: str, edit: str):
    row = make_generation(bob, model, state=State.FAILED, reason=reason, error_kind="invalid")

    trouble = card_of(row, person=bob).trouble

    assert (trouble.edit, bool(trouble.retry)) == (edit, not edit)


def test_card_of_a_failure_names_its_trace_once(bob, model):
    why = {"status": 500, "tried": 3, "trace_id": "req-7"}
    row = make_generation(
        bob, model, state=State.FAILED, reason="failed", reason_values=why, trace_id="req-7"
    )

    page = render_to_string("components/generation.html", {"card": card_of(row, person=bob)})

    assert "The relay failed (500). Tried 3 times. Trace id req-7." in page
    assert 'data-copy="req-7"' in page
    assert "<code" not in page
