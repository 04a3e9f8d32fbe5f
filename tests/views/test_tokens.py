"""The page For programs: a token is shown once, and only its person and administrators end it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import AuditEntry, Token
from studio.models.tokens import Delivers, Scope
from studio.services import tokens

pytestmark = pytest.mark.django_db
INDEX, ALL = "/account/programs/", "/administration/tokens/"
FORM = {"name": "Nightly script", "scope": "read", "days": "30", "delivers": "data", "strict": "on"}


def test_index_post_makes_a_token_that_is_shown_once_and_put_into_the_samples(as_bob, bob):
    answer = as_bob.post(INDEX, FORM)
    first, again = (as_bob.get(INDEX).content.decode() for _ in range(2))

    row = Token.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, INDEX)
    assert (row.person, row.scope, row.delivers, row.strict) == (bob, Scope.READ, Delivers.DATA, True)
    assert row.expires_at is not None
    [secret] = set(re.findall(rf"{tokens.PREFIX}[\w-]+", first))
    assert tokens.find(secret=secret, headers={}) == row
    assert f"Authorization: Bearer {secret}" in first
    assert secret not in again
    assert "Nightly script" in again
    assert "Nightly" not in str(AuditEntry.objects.get(action="token.made").detail)


def test_index_post_without_a_name_says_so_and_keeps_the_rest(as_bob):
    answer = as_bob.post(INDEX, FORM | {"name": ""})

    assert answer.status_code == 422
    assert '<option value="read" selected' in answer.content.decode()
    assert not Token.objects.exists()


def test_index_shows_no_token_of_another(as_bob, charlie):
    tokens.make(person=charlie, name="Charlie's script")

    assert b"Charlie" not in as_bob.get(INDEX).content


def test_revocation_by_its_person_and_by_an_administrator_ends_it_at_once(as_bob, as_alice, bob):
    (own, key), (other, second) = (tokens.make(person=bob, name=name) for name in ("One", "Two"))

    mine = as_bob.post(reverse("tokens.revocation", args=[own.pk]))
    theirs = as_alice.post(reverse("tokens.revocation", args=[other.pk]))

    assert (mine["Location"], theirs["Location"]) == (INDEX, ALL)
    assert [tokens.find(secret=each, headers={}) for each in (key, second)] == [None, None]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("address", "statements"), [(INDEX, 6), (ALL, 5)])
def test_pages_cost_a_fixed_number_of_statements(as_alice, alice, model, address, statements, count):
    for number in range(count):
        tokens.make(person=alice, name=f"Script {number}")
    as_alice.get(address)

    with CaptureQueriesContext(connection) as asked:
        as_alice.get(address)

    assert len(asked) == statements, [each["sql"] for each in asked]
