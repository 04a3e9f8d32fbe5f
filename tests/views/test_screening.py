"""What a writer is shown of the rules: in the composer, in a comparison, while typing, on the card."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studio.models import Act, Generation, State
from studio.services.moderation import holds
from tests.services.screening.test_gate import make_rule, submit

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def _post(browser: Client, model, *, htmx: bool = False, **fields):
    data = {"submission_id": uuid4(), "model": model.pk, "prompt": "The N0rthpeak logo", "n": 1} | fields
    return browser.post("/generations/", data, headers=HTMX if htmx else {})


@pytest.mark.parametrize("htmx", [True, False])
def test_create_blocked_is_422_with_the_words_marked_and_the_prompt_kept(as_bob, alice, model, htmx):
    make_rule(alice, sentence="No clients here.")

    answer = _post(as_bob, model, htmx=htmx)

    said = answer.content.decode()
    assert answer.status_code == 422
    assert "No clients here." in said
    assert "The <mark>N0rthpeak</mark> logo" in said
    assert "The N0rthpeak logo</textarea>" in said
    assert 'aria-invalid="true"' in said
    assert "Generate anyway" not in said
    assert not Generation.objects.exists()


@pytest.mark.parametrize("htmx", [True, False])
def test_create_warned_offers_to_go_on_and_goes_on(as_bob, alice, model, htmx):
    make_rule(alice, Act.WARN)

    warned = _post(as_bob, model, htmx=htmx)

    assert (warned.status_code, b"Generate anyway" in warned.content) == (422, True)
    token = warned.context["screened"].token
    assert f'name="acknowledged" value="{token}"' in warned.content.decode()
    answer = _post(as_bob, model, htmx=htmx, acknowledged=token)
    assert answer.status_code == (200 if htmx else 303)
    assert Generation.objects.get().state == State.QUEUED


def test_create_held_shows_the_card_that_waits_and_why(as_bob, alice, model):
    make_rule(alice, Act.HOLD, sentence="Clients <b>wait</b>.")

    answer = _post(as_bob, model, htmx=True)

    said = answer.content.decode()
    assert answer.status_code == 200
    assert "Waiting for a moderator" in said
    assert "Clients &lt;b&gt;wait&lt;/b&gt;." in said
    assert ("Cancel" in said, "Dismiss" in said) == (True, False)


def test_detail_held_marks_the_words_for_whoever_wrote_them_alone(as_bob, as_charlie, alice, bob, model):
    make_rule(alice, Act.HOLD, in_negative=True)
    row = submit(bob, model, settings={"negative_prompt": "no NORTHPEAK"})

    own, others = (each.get(f"/generations/{row.pk}/").text for each in (as_bob, as_charlie))

    assert "The <mark>Northpeak</mark> logo" in own
    assert "no <mark>NORTHPEAK</mark>" in own
    assert ("Northpeak" in others, "<mark>" in others, "NORTHPEAK</mark>" in others) == (True, False, False)


def test_detail_held_costs_one_statement_however_many_wait(as_bob, alice, bob, model):
    make_rule(alice, Act.HOLD)
    counts = []
    for many in (1, 2):
        for number in range(many):
            submit(bob, model, f"The Northpeak logo, {many}.{number}")
        with CaptureQueriesContext(connection) as seen:
            as_bob.get("/")
        counts.append(sum('"studio_case"' in query["sql"] for query in seen))

    assert counts == [1, 1]


def test_detail_refused_by_a_moderator_says_why_and_leads_back(as_bob, alice, bob, mona, model):
    make_rule(alice, Act.HOLD)
    row = submit(bob, model)
    holds.refuse(generation=row, moderator=mona, reason="Ask the client first.")

    said = as_bob.get(f"/generations/{row.pk}/").content.decode()

    assert "A moderator refused this prompt. Nothing was charged. Ask the client first." in said
    assert "Edit prompt" in said


def test_create_with_rules_that_find_nothing_costs_no_statement_more(as_bob, alice, model):
    _post(as_bob, model, prompt="A lake")
    with CaptureQueriesContext(connection) as before:
        _post(as_bob, model, prompt="A second lake")
    make_rule(alice)
    _post(as_bob, model, prompt="A third lake")  # reads the rules

    with CaptureQueriesContext(connection) as after:
        _post(as_bob, model, prompt="A fourth lake")

    assert len(after) == len(before)


@pytest.mark.parametrize("htmx", [True, False])
def test_index_while_typing_marks_what_a_rule_finds(as_bob, alice, htmx):
    make_rule(alice, in_negative=True)
    written = {"prompt": "A <i>lake</i>", "negative_prompt": "NORTH\u200bPEAK & logo"}

    answer = as_bob.post("/screening/", written, headers=HTMX if htmx else {})

    said = answer.content.decode()
    assert answer.status_code == 200
    assert "Negative prompt:" in said
    assert "<mark>NORTH\u200bPEAK</mark> &amp; logo" in said
    assert ("<html" in said) != htmx


def test_index_while_typing_of_nothing_is_an_empty_place(as_bob, alice):
    make_rule(alice)

    answer = as_bob.post("/screening/", {"prompt": "A lake"}, headers=HTMX)

    assert "".join(answer.text.split()) == '<divclass="screened"id="screened"role="status"></div>'


def test_index_while_typing_asks_nothing_of_the_database_about_rules(
    as_bob, alice, django_assert_num_queries
):
    make_rule(alice)
    as_bob.post("/screening/", {"prompt": "northpeak"}, headers=HTMX)

    with django_assert_num_queries(2):  # session, person
        as_bob.post("/screening/", {"prompt": "northpeak"}, headers=HTMX)


@pytest.mark.parametrize("text", ["x" * 4001, "\x00", "\u202e", ""])
def test_index_while_typing_of_anything_is_answered(as_bob, alice, text):
    make_rule(alice)

    assert as_bob.post("/screening/", {"prompt": text}, headers=HTMX).status_code == 200


def test_composer_asks_while_typing_only_where_there_are_rules(as_bob, alice, model):
    assert b"/screening/" not in as_bob.get("/").content

    make_rule(alice)

    assert b'hx-post="/screening/"' in as_bob.get("/").content


def test_comparison_blocked_and_warned_are_told_likewise(as_bob, alice, model, plain_model):
    make_rule(alice, Act.WARN)
    sent = {"submission_id": uuid4(), "prompt": "northpeak", "n": 1, "models": [model.pk, plain_model.pk]}

    warned = as_bob.post("/comparisons/", sent)

    assert warned.status_code == 422
    assert b"<mark>northpeak</mark>" in warned.content
    assert b"Compare anyway" in warned.content
    token = warned.context["screened"].token
    assert as_bob.post("/comparisons/", sent | {"acknowledged": token}).status_code == 303
    assert Generation.objects.count() == 2
