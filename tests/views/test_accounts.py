"""Sign in, sign out, password, and the first run."""

import pytest
from django.test import Client
from django.urls import reverse

from studio.models import Role, User
from studio.services import accounts
from tests.factories import PASSWORD

GOOD = {"name": "Ada", "email": "ADA@example.com", "password": "a long pass phrase"}


@pytest.fixture
def welcome(db) -> str:
    return reverse("accounts.welcome", args=[accounts.first_run_token()])


def test_welcome_with_the_link_makes_the_first_administrator_and_signs_in(client, welcome):
    response = client.post(welcome, GOOD)

    person = User.objects.get()
    assert (response.status_code, response.url) == (302, reverse("generations.index"))
    assert (person.name, person.email, person.role) == ("Ada", "ada@example.com", Role.ADMINISTRATOR)
    assert client.session["_auth_user_id"] == str(person.pk)


def test_welcome_shows_a_form_with_labels(client, welcome):
    response = client.get(welcome)

    assert response.status_code == 200
    for name in ("name", "email", "password"):
        assert f'for="id_{name}"' in response.text


def test_welcome_twice_leads_to_the_sign_in_page(client, welcome):
    client.post(welcome, GOOD)

    again = Client().post(welcome, GOOD | {"email": "eve@example.com"})

    assert (again.status_code, again.url) == (302, reverse("account_login"))
    assert User.objects.count() == 1


def test_welcome_with_another_token_is_not_found(client, db):
    response = client.get(reverse("accounts.welcome", args=["guess"]))

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Enter your name."),
        ({"email": "nobody"}, "This is not an email address."),
        ({"password": ""}, "Choose a password."),
        ({"password": "short"}, "This password is too short."),
    ],
)
def test_welcome_with_a_wrong_value_says_so_and_keeps_the_rest(client, welcome, change, sentence):
    response = client.post(welcome, GOOD | change)

    assert response.status_code in (400, 422)
    assert sentence in response.text
    assert User.objects.count() == 0
    assert GOOD["password"] not in response.text


def test_login_leads_to_create(client, bob):
    response = client.post(reverse("account_login"), {"login": "BOB@example.com", "password": PASSWORD})

    assert (response.status_code, response.url) == (302, reverse("generations.index"))


def test_login_with_a_wrong_password_says_so(client, bob):
    response = client.post(reverse("account_login"), {"login": bob.email, "password": "wrong"})

    assert response.status_code == 200
    assert 'role="alert"' in response.text


def test_login_of_a_suspended_person_is_refused(client, sid):
    response = client.post(reverse("account_login"), {"login": sid.email, "password": PASSWORD})

    assert response.status_code == 403
    assert "Your account is suspended. Contact an administrator." in response.text
    assert "_auth_user_id" not in client.session


def test_logout_asks_first_and_then_ends_the_session(as_bob):
    asked = as_bob.get(reverse("account_logout"))
    done = as_bob.post(reverse("account_logout"))

    assert asked.status_code == 200
    assert (done.status_code, done.url) == (302, reverse("account_login"))
    assert "_auth_user_id" not in as_bob.session


def test_password_change_takes_a_new_one(as_bob, bob):
    new = "another long pass phrase"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}

    response = as_bob.post(reverse("account_change_password"), fields)

    bob.refresh_from_db()
    assert response.status_code == 302
    assert bob.check_password(new)


def test_password_change_with_the_wrong_old_one_keeps_it(as_bob, bob):
    new = "another long pass phrase"
    fields = {"oldpassword": "wrong", "password1": new, "password2": new}

    response = as_bob.post(reverse("account_change_password"), fields)

    bob.refresh_from_db()
    assert response.status_code == 200
    assert "errorlist" in response.text
    assert bob.check_password(PASSWORD)


def test_menu_shows_administration_to_administrators_only(as_alice, as_bob):
    address = f'href="{reverse("admin:index")}"'

    assert address in as_alice.get("/").text
    assert address not in as_bob.get("/").text
