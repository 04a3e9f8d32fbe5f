import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from studio.models import Invitation, User
from studio.services.people import invitations
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
LENA = {"name": "Lena", "email": "lena@example.com", "password": PASSWORD}


@pytest.fixture
def link(alice) -> str:
    _, token = invitations.make(administrator=alice, role="member", days=7)
    return reverse("invitations.join", args=[token])


def test_new_shows_the_link_once_and_keeps_it_nowhere_readable(as_alice):
    facts = {"role": "moderator", "days": "7", "uses": "1", "email": "Lena@studio.example"}

    made = as_alice.post(reverse("invitations.new"), facts)

    assert (made.status_code, made["Location"]) == (303, reverse("invitations.index"))
    waiting = str([row.get_decoded() for row in Session.objects.all()])
    text = as_alice.get(made["Location"]).text
    token = re.search(r"http://127\.0\.0\.1:8000/join/([\w-]{22})/", text)[1]
    assert "Invitation for lena@studio.example" in text
    assert token not in waiting
    assert token not in as_alice.get(made["Location"]).text
    assert invitations.find(token).role == "moderator"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"uses": "0"}, "from 1 to 100"),
        ({"uses": "many"}, "from 1 to 100"),
        ({"email": "lena"}, "This is not an email address."),
        ({"role": "king"}, "not one of the available choices"),
    ],
)
def test_new_that_is_not_valid_keeps_what_was_typed(wrong, words, as_alice):
    facts = {"role": "member", "days": "7", "uses": "3", "email": "lena@studio.example"} | wrong

    answer = as_alice.post(reverse("invitations.new"), facts)

    assert answer.status_code == 422
    assert words in answer.text
    assert facts["uses"] in answer.text
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("many", [1, 3])
def test_index_asks_the_same_number_of_queries(many, as_alice, alice, django_assert_num_queries):
    for _ in range(many):
        invitations.make(administrator=alice, role="member", days=7)

    with django_assert_num_queries(5):
        as_alice.get(reverse("invitations.index"))


def test_index_before_what_is_no_id_is_not_found(as_alice):
    assert as_alice.get(reverse("invitations.index"), {"before": "x"}).status_code == 404


def test_revocation_makes_the_link_worthless(as_alice, link):
    as_alice.post(reverse("invitations.revocation", args=[Invitation.objects.get().pk]))

    answer = Client().get(link)

    assert answer.status_code == 410
    assert "This invitation was taken back." in answer.text


def test_join_lets_in_once(link):
    browser = Client()
    assert "You are invited by Alice." in browser.get(link).text

    answer = browser.post(link, LENA)

    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert browser.get("/").status_code == 200
    lena = User.objects.get(email="lena@example.com")
    assert UserSession.objects.get().user == lena
    again = Client().post(link, LENA | {"email": "eve@example.com"})
    assert again.status_code == 410
    assert "This invitation has been used." in again.text


def test_join_bound_address_cannot_be_chosen(alice):
    _, token = invitations.make(administrator=alice, role="member", days=7, email="lena@studio.example")
    path = reverse("invitations.join", args=[token])
    assert re.search(r'<input[^>]*value="lena@studio.example"[^>]*disabled', Client().get(path).text)

    Client().post(path, LENA | {"email": "eve@example.com"})

    assert User.objects.filter(email="lena@studio.example").exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Enter your name."),
        ({"email": "no"}, "This is not an email address."),
        ({"email": "ALICE@example.com"}, "Someone already uses this address."),
        ({"password": "12345"}, "This password is too short."),
        ({"password": ""}, "Choose a password."),
    ],
)
def test_join_that_is_not_valid_keeps_what_was_typed(wrong, words, link):
    answer = Client().post(link, LENA | wrong)

    assert answer.status_code in (400, 409, 422)
    assert words in answer.text
    assert User.objects.count() == 1


def test_join_of_somebody_who_is_in_makes_nobody(link, as_bob, bob):
    assert "You are signed in as Bob." in as_bob.get(link).text

    as_bob.post(link, LENA)

    assert not User.objects.filter(name="Lena").exists()
    assert Invitation.objects.get().used == 0


def test_join_guesses_are_counted_like_tries_to_sign_in(link, db):
    guess = reverse("invitations.join", args=["x" * 22])

    answers = [Client().post(guess, LENA).status_code for _ in range(11)]

    assert answers == [404] * 10 + [429]
    locked = Client().post(link, LENA)
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) > 0
