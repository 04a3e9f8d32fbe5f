"""Trying a call on the page: the same rules as for a program, by a token of one's own."""

import pytest
from django.urls import reverse

from studio.models import AuditEntry, Call, Generation, State
from studio.services import tokens
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db
NEW = reverse("trials.new")


@pytest.fixture
def token(bob):
    return tokens.make(person=bob, name="Scripts")[0]


def test_new_sends_the_call_by_the_token_and_shows_its_task(as_bob, bob, token, model):
    page = as_bob.get(NEW).text
    assert model.model_id in page
    assert f"Scripts, …{token.ending}" in page

    answer = as_bob.post(NEW, {"token": token.pk, "body": '{"prompt": "A lake", "n": 2}'})

    row = Generation.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, reverse("trials.detail", args=[row.pk]))
    assert (row.owner, row.n, Call.objects.get().token) == (bob, 2, token)
    assert AuditEntry.objects.get(action="generation.submitted").token == str(token.pk)
    assert "&quot;status&quot;: &quot;queued&quot;" in as_bob.get(answer["Location"]).text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("no json", "invalid_json"),
        ('{"prompt": "A lake", "model": "none"}', "model_not_found"),
        ("", "Write what"),
    ],
)
def test_new_wrong_call_shows_the_error_and_keeps_what_was_typed(body, says, as_bob, token, model):
    answer = as_bob.post(NEW, {"token": token.pk, "body": body})

    assert answer.status_code == 422
    assert says in answer.text
    assert body.replace('"', "&quot;") in answer.text
    assert Generation.objects.count() == 0


def test_new_takes_no_token_of_another_none_that_reads_and_none_that_is_revoked(
    as_bob, bob, charlie, token, model
):
    theirs, _ = tokens.make(person=charlie, name="Theirs")
    reader, _ = tokens.make(person=bob, name="Reader", scope="read")
    tokens.revoke(token=token, actor=bob)

    for each in (theirs, reader, token):
        answer = as_bob.post(NEW, {"token": each.pk, "body": '{"prompt": "A lake"}'})
        assert answer.status_code == 422
    assert Generation.objects.count() == 0
    assert "No token that draws" in as_bob.get(NEW).text


def test_programs_page_names_the_address_for_assistants_where_it_is_served(as_bob, settings):
    assert "/mcp" not in as_bob.get(reverse("tokens.index")).text

    settings.MCP = True

    assert f"{settings.API_URL}/mcp" in as_bob.get(reverse("tokens.index")).text


def test_detail_shows_the_pictures_and_asks_again_only_while_it_is_active(as_bob, bob, model):
    row = make_generation(bob, model, state=State.DONE)
    make_image(bob, model, generation=row)
    waits = make_generation(bob, model)

    assert "trial__picture" in as_bob.get(reverse("trials.detail", args=[row.pk])).text
    assert "every 2s" not in as_bob.get(reverse("trials.detail", args=[row.pk])).text
    assert "every 2s" in as_bob.get(reverse("trials.detail", args=[waits.pk])).text
