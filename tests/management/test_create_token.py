"""manage.py create_token: what the page offers, from a shell; the last line is the token."""

from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.utils import timezone

from studio.models import Budget, Token
from studio.models.tokens import Gateway
from studio.services import tokens
from tests.management.test_commands import run

pytestmark = pytest.mark.django_db


def make(person, *options: str) -> Token:
    secret = run("create_token", f"--user={person.email}", "--name=Nightly", *options).splitlines()[-1]
    return Token.objects.get(digest=tokens.digest_of(secret))


def test_create_token_plain_draws_and_is_good_until_it_is_revoked(bob):
    row = make(bob)

    assert (row.person, row.name, row.scope, row.reach, row.expires_at) == (bob, "Nightly", "draw", "", None)
    assert not Budget.objects.exists()


def test_create_token_takes_what_the_page_offers(bob):
    row = make(
        bob,
        "--scope=read",
        "--days=30",
        "--reach=member",
        "--cap=12.50",
        "--unit=USD",
        "--period=week",
        "--strict",
    )

    assert (row.scope, row.reach, row.strict) == ("read", "member", True)
    assert timedelta(days=29) < row.expires_at - timezone.now() < timedelta(days=31)
    own = Budget.objects.of_token(row.pk).get()
    assert (own.cap, own.unit, own.period, own.strict) == (12_500_000, "USD", "week", True)


def test_create_token_shared_by_a_gateway_keeps_its_key_sealed(alice, monkeypatch):
    monkeypatch.setenv("WEBUI_KEY", "a-key-of-open-webui-that-is-long-enough")

    signed = make(alice, "--gateway=openwebui", "--gateway-key-env=WEBUI_KEY")
    named = make(alice, "--gateway=header", "--gateway-header=X-User-Email")

    assert signed.gateway == Gateway.OPEN_WEBUI
    assert "a-key" not in signed.gateway_sealed
    assert named.gateway_header == "X-User-Email"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--days=0"], "--days is a number from 1 to 3650."),
        (["--days=4000000"], "--days is a number from 1 to 3650."),
        (["--cap=some"], "--cap: Write a number, for example 25 or 12.50."),
        (["--cap=1.5"], "--cap: Write a whole number: nothing is smaller than one of these."),
        (
            ["--gateway=header", "--gateway-header=Cookie"],
            "--gateway-header: Name the header that says who asks.",
        ),
        (
            ["--gateway=header", "--gateway-header=X-User"],
            "Only administrators make tokens that speak for others.",
        ),
        (["--name=" + "x" * 61], "--name: A name has at most 60 characters."),
        (["--user=sid@example.com"], "Nobody with the address sid@example.com can sign in here."),
    ],
)
def test_create_token_what_cannot_be_is_said_and_nothing_is_made(bob, sid, options, sentence):
    with pytest.raises(CommandError) as refused:
        make(bob, *options)

    assert str(refused.value) == sentence
    assert not Token.objects.exists()
