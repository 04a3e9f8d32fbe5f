"""Sign in, sign out, password, and the first run."""

import re
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.urls import reverse

from studio.models import AuditEntry, Role, Tries, User
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
    assert "The email address or the password is wrong." in response.text


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


# T16: too many tries


def sign_in(client: Client, email: str, password: str = "wrong", **extra) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def test_t16_sixth_try_is_refused_on_the_studios_own_page_with_the_time_to_wait(client, bob, refusals):
    for name in ("bob", "Bob", "BOB", "bOb", "boB"):
        assert sign_in(client, f"{name}@example.com").status_code == 200

    response = sign_in(client, bob.email, PASSWORD)

    assert response.status_code == 429
    assert 298 <= int(response["Retry-After"]) <= 301
    assert "Too many attempts. Try again in 5 minutes." in response.text
    assert 'value="bob@example.com"' in response.text
    assert 'action="/login/"' in response.text
    assert "_auth_user_id" not in client.session
    assert [(line["event"], line["address"]) for line in refusals] == [("security.auth_locked", "127.0.0.1")]
    assert AuditEntry.objects.get(action="auth.locked").subject == str(bob.pk)


def test_t16_refusal_keeps_where_the_person_wanted_to_go(client, bob):
    for _ in range(6):
        response = client.post("/login/", {"login": bob.email, "password": "wrong", "next": "/gallery/"})

    assert '<input type="hidden" name="next" value="/gallery/">' in response.text


def test_t16_unknown_people_are_told_the_same_after_the_same_work(client, bob, settings):
    settings.PASSWORD_HASHERS = ["tests.views.test_accounts.Counting"]
    bob.set_password(PASSWORD)
    bob.save()
    answers = {}

    for email in (bob.email, "nobody@example.com"):
        Counting.hashed = 0
        texts = [sign_in(Client(REMOTE_ADDR="203.0.113.9"), email).text.replace(email, "?") for _ in range(6)]
        texts = [re.sub(r'value="\w{64}"|"X-CSRFToken": "\w+"', "", text) for text in texts]
        answers[email] = (texts, Counting.hashed)
        Tries.objects.all().delete()

    assert answers[bob.email] == answers["nobody@example.com"]
    assert answers[bob.email][1] == 5


class Counting(MD5PasswordHasher):
    """Counts how often a password was hashed: that is what takes the time."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        Counting.hashed += 1
        return super().encode(password, salt)


def test_t16_owner_comes_in_by_a_known_browser_while_strangers_guess(bob):
    home, stranger = Client(REMOTE_ADDR="203.0.113.1"), Client(REMOTE_ADDR="198.51.100.7")
    sign_in(home, bob.email, PASSWORD)
    home.post(reverse("account_logout"))
    for _ in range(6):
        locked = sign_in(stranger, bob.email)

    response = sign_in(home, bob.email, PASSWORD)

    assert (locked.status_code, response.status_code) == (429, 302)
    assert sign_in(Client(REMOTE_ADDR="203.0.113.2"), bob.email, PASSWORD).status_code == 429


def test_t16_browser_known_for_one_person_is_not_for_another(bob, charlie):
    guesser = Client(REMOTE_ADDR="203.0.113.1")
    sign_in(guesser, charlie.email, PASSWORD)
    guesser.post(reverse("account_logout"))
    for _ in range(5):
        sign_in(Client(REMOTE_ADDR="203.0.113.2"), bob.email)

    assert sign_in(guesser, bob.email, PASSWORD).status_code == 429


def test_t16_cookie_of_a_known_browser_names_nobody_and_no_script_reads_it(client, bob):
    sign_in(client, bob.email, PASSWORD)

    cookie = client.cookies["known"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "bob" not in urlsafe_b64decode(cookie.value.partition(":")[0] + "==").decode()


def test_t16_admin_has_no_door_of_its_own(client, alice):
    for _ in range(3):
        response = client.post("/admin/login/", {"username": alice.email, "password": PASSWORD})

    assert (response.status_code, response.url) == (302, "/login/?next=%2Fadmin%2Flogin%2F")
    assert "_auth_user_id" not in client.session
    assert client.post("/login/?next=/admin/", {"login": alice.email, "password": PASSWORD}).url == "/admin/"


def test_t16_row_43_nobody_comes_in_where_tries_cannot_be_counted(client, bob):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE studio_tries RENAME TO away")

    response = sign_in(client, bob.email, PASSWORD)

    assert response.status_code == 503
    assert "Nobody can sign in at the moment. Try again in a minute." in response.text
    assert "_auth_user_id" not in client.session


# T17: sessions


def test_t17_session_gets_a_new_name_when_its_person_signs_in(client, bob):
    client.get("/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = session.session_key

    sign_in(client, bob.email, PASSWORD)

    assert client.session.session_key != planted
    assert browser(planted).get("/").status_code == 302


def test_t17_session_that_was_signed_out_cannot_be_used_again(as_bob):
    old = as_bob.session.session_key

    as_bob.post(reverse("account_logout"))

    assert browser(old).get("/").url == "/login/?next=/"


def browser(session: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = session
    return client


# One's password


NEW = "another long pass phrase"


def change(client: Client, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> Any:
    fields = {"current": current, "new": new, "again": new if again is None else again}
    return client.post(reverse("accounts.password"), fields)


def test_password_changed_says_so_and_leads_back(as_bob, bob):
    response = change(as_bob)

    bob.refresh_from_db()
    page = as_bob.get(response.url).text
    assert (response.status_code, bob.check_password(NEW)) == (303, True)
    assert "Your password is changed. You are signed out everywhere else." in page
    assert 'href="/">Back to the studio</a>' in page
    assert AuditEntry.objects.get(action="person.password_changed").actor == bob


def test_t17_password_change_ends_every_other_session_and_renames_this_one(as_bob, bob):
    elsewhere = Client()
    elsewhere.force_login(bob)
    old = as_bob.session.session_key

    change(as_bob)

    assert elsewhere.get("/").status_code == 302
    assert browser(old).get("/").status_code == 302
    assert as_bob.get("/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"current": "wrong"}, "current", "This is not your current password."),
        ({"current": ""}, "current", "Enter the password you have now."),
        ({"new": "short"}, "new", "This password is too short. It must contain at least 10 characters."),
        ({"new": ""}, "new", "Choose a new password."),
        ({"again": "something else"}, "again", "This is not the same as the new password above."),
    ],
)
def test_password_wrong_is_said_at_its_field_and_keeps_the_old_one(as_bob, bob, wrong, field, sentence):
    response = change(as_bob, **wrong)

    bob.refresh_from_db()
    assert response.status_code in (400, 422)
    assert f'id="id_{field}_error"><li>{sentence}</li>' in response.text
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', response.text)
    assert response.text.count("aria-invalid") == 1
    assert bob.check_password(PASSWORD)
    assert NEW not in response.text


def test_password_guessed_too_often_is_refused_with_the_time_to_wait(as_bob, bob):
    for _ in range(5):
        change(as_bob, current="wrong")

    response = change(as_bob)

    bob.refresh_from_db()
    assert (response.status_code, int(response["Retry-After"]) > 50) == (429, True)
    assert "Too many attempts. Try again in 1 minute." in response.text
    assert bob.check_password(PASSWORD)


def test_menu_shows_administration_to_administrators_only(as_alice, as_bob):
    address = f'href="{reverse("admin:index")}"'

    assert address in as_alice.get("/").text
    assert address not in as_bob.get("/").text
