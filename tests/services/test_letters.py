import socket
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from config.backends import mailers
from studio.models import Letter
from studio.services import letters
from studio.services.people import invitations

pytestmark = pytest.mark.django_db
FORGOTTEN = "/password/forgotten/"


@pytest.fixture
def mailbox(settings) -> None:
    """Mail is set; what is sent lies in `mail.outbox`."""
    settings.HAS_MAIL = True
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    mail.outbox = []


@pytest.fixture
def closed(settings) -> None:
    """Mail is set, and nothing listens there (SAFETY §6, row 43)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.HAS_MAIL = True
    settings.MAILERS, _ = mailers(f"smtp://127.0.0.1:{port}?tls=no")


def again() -> None:
    """Let the pause before the next try be over."""
    Letter.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_post_without_mail_keeps_nothing(settings):
    assert not letters.post(to="lena@example.com", subject="Hello", text="Words")
    assert not Letter.objects.exists()


def test_invitation_for_an_address_is_mailed_and_its_link_lets_in(mailbox, alice):
    invitations.make(administrator=alice, role="member", days=7, email="lena@example.com")
    row = Letter.objects.get()
    assert ("lena" in row.sealed, "join" in row.sealed) == (False, False)

    assert letters.deliver() == 1

    message = mail.outbox[0]
    assert (message.to, message.subject) == (["lena@example.com"], "You are invited to Lightfast")
    path = next(line for line in message.body.splitlines() if "/join/" in line).removeprefix(
        "http://127.0.0.1:8000"
    )
    assert Client().get(path).status_code == 200
    assert not Letter.objects.exists()


@pytest.mark.parametrize("email", ["BOB@example.com", "nobody@example.com", "sid@example.com"])
def test_forgotten_answers_the_same_whoever_is_meant(mailbox, bob, sid, email):
    answer = Client().post(FORGOTTEN, {"email": email}, follow=True)

    assert "If this address is known here, a mail with a link is on its way to it." in answer.text
    letters.deliver()
    assert [message.to for message in mail.outbox] == ([["bob@example.com"]] if "BOB" in email else [])


def test_forgotten_link_sets_a_new_password(mailbox, bob):
    Client().post(FORGOTTEN, {"email": bob.email})
    letters.deliver()
    path = next(line for line in mail.outbox[0].body.splitlines() if "/password/new/" in line)
    new = "a longer pass phrase"

    answer = Client().post(path.removeprefix("http://127.0.0.1:8000"), {"new": new, "again": new})

    assert answer.status_code == 303
    bob.refresh_from_db()
    assert bob.check_password(new)


def test_forgotten_fills_nobodys_inbox(mailbox, bob):
    answers = [Client().post(FORGOTTEN, {"email": bob.email}).status_code for _ in range(4)]

    assert answers == [303] * 3 + [429]
    assert Letter.objects.count() == 3


def test_forgotten_without_mail_is_not_there_and_the_sign_in_says_whom_to_ask(db):
    assert Client().get(FORGOTTEN).status_code == 404
    assert "Ask an administrator of this studio." in " ".join(Client().get("/login/").text.split())


def test_sign_in_offers_the_mail_where_it_is_set(mailbox):
    assert FORGOTTEN in Client().get("/login/").text


def test_row_43_mail_server_is_down_the_act_succeeds_and_the_mail_is_tried_again(closed, alice, settings):
    invitations.make(administrator=alice, role="member", days=7, email="lena@example.com")

    assert letters.deliver() == 0

    row = Letter.objects.get()
    assert (row.tries, row.due_at > timezone.now()) == (1, True)
    assert letters.deliver() == 0
    again()
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    mail.outbox = []
    assert letters.deliver() == 1
    assert len(mail.outbox) == 1


def test_row_43_mail_that_never_goes_out_is_given_up(closed, alice):
    invitations.make(administrator=alice, role="member", days=7, email="lena@example.com")

    for _ in range(letters.TRIES):
        again()
        letters.deliver()

    assert not Letter.objects.exists()


def test_row_44_mail_whose_key_is_gone_holds_up_no_other_and_is_given_up(mailbox, alice, settings):
    invitations.make(administrator=alice, role="member", days=7, email="lena@example.com")
    Letter.objects.update(sealed="not a token")
    invitations.make(administrator=alice, role="member", days=7, email="mia@example.com")

    assert letters.deliver() == 1

    for _ in range(letters.TRIES):
        again()
        letters.deliver()
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("url", "options", "sender"),
    [
        (
            "smtp://a%40b.c:p%2Fw@mail.example:2525",
            ("mail.example", 2525, "a@b.c", "p/w", False, True),
            "a@b.c",
        ),
        ("smtps://u:p@mail.example", ("mail.example", 465, "u", "p", True, False), "studio@mail.example"),
        ("smtp://localhost:25?tls=no&from=s@x.y", ("localhost", 25, "", "", False, False), "s@x.y"),
    ],
)
def test_mailers_reads_one_url(url, options, sender):
    found, name = mailers(url)

    names = ("host", "port", "username", "password", "use_ssl", "use_tls")
    assert tuple(found["default"]["OPTIONS"][each] for each in names) == options
    assert name == sender


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example"])
def test_mailers_refuses_what_is_no_mail_server(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must be"):
        mailers(url)
