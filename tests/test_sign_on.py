"""Single sign-on against a provider that answers over real HTTP: who comes in, and with which role."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config import sign_on
from studio.models import AuditEntry, Role, User
from studio.services.people import invitations, own
from tests.factories import PASSWORD
from tests.oidc import CLIENT, SECRET, OpenIDProvider
from tests.passkeys import make_passkey

BEGIN = reverse("openid_connect_login", args=["office"])
ADA = {
    "sub": "1",
    "email": "Ada@Example.com",
    "email_verified": True,
    "name": "Ada Lovelace",
    "groups": ["painters"],
}


@pytest.fixture
def provider() -> Iterator[OpenIDProvider]:
    with OpenIDProvider() as provider:
        provider.says = dict(ADA)
        yield provider


@pytest.fixture
def service(provider, settings, db) -> dict[str, Any]:
    """The one service that the studio knows; tests add its rules."""
    one: dict[str, Any] = {"id": "office", "name": "Office", "server": provider.url}
    one |= {"client_id": CLIENT, "client_secret": SECRET}
    settings.SSO = [one]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [sign_on.app(one)]}}
    return one


def come_in(client: Client) -> HttpResponse:
    """Press the button, sign in at the provider, and come back as the browser does."""
    away = client.post(BEGIN)
    assert away.status_code == 302
    back = httpx.get(away["Location"]).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def test_sign_in_page_offers_the_service(client, service):
    page = client.get(reverse("account_login")).text

    assert "Sign in with Office" in page
    assert f'action="{BEGIN}"' in page


def test_sign_in_page_without_services_offers_none(client, db):
    assert "Sign in with" not in client.get(reverse("account_login")).text.replace(
        "Sign in with a passkey", ""
    )


def test_newcomer_of_a_let_in_domain_is_made_a_member_and_is_in(client, service):
    service["domains"] = ["example.com"]

    response = come_in(client)

    assert (response.status_code, response["Location"]) == (302, "/")
    person = User.objects.get()
    assert (person.email, person.name, person.role) == ("ada@example.com", "Ada Lovelace", Role.MEMBER)
    assert client.session[SESSION_KEY] == str(person.pk)
    assert not person.has_usable_password()
    assert AuditEntry.objects.get().action == "person.came_in"
    assert SocialAccount.objects.get().extra_data == {}


def test_code_is_bound_to_the_browser_that_asked(client, service, provider):
    service["domains"] = ["example.com"]
    come_in(client)

    assert provider.asked[0]["code_verifier"][0]
    assert provider.asked[0]["redirect_uri"] == [
        f"http://testserver{reverse('openid_connect_callback', args=['office'])}"
    ]


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"domains": ["example.org"]},
        {"groups": ["sculptors"]},
        {"domains": ["example.com"], "groups": ["sculptors"]},
    ],
    ids=["no rule", "other domain", "other group", "domain without the group"],
)
def test_newcomer_whom_no_rule_lets_in_reads_so(client, service, rules, refusals):
    service |= rules

    response = come_in(client)

    assert response.status_code == 403
    assert "Office knows you, and you are not let in here." in response.text
    assert not User.objects.exists()
    assert not is_in(client)
    assert [line["event"] for line in refusals] == ["security.sign_on_refused"]


@pytest.mark.parametrize("said", [{"email_verified": False}, {"email_verified": None}, {"email": ""}])
def test_address_that_is_not_verified_is_nobodys(client, service, provider, alice, said):
    service["domains"] = ["example.com"]
    provider.says |= {"email": alice.email} | said

    response = come_in(client)

    assert response.status_code == 403
    assert "does not say that your address is yours" in response.text
    assert not is_in(client)


def test_service_that_never_says_verified_can_be_trusted_by_setting(client, service, provider):
    service |= {"domains": ["example.com"], "email_is_verified": True}
    del provider.says["email_verified"]

    come_in(client)

    assert is_in(client)


def test_person_who_is_here_comes_in_without_any_rule(client, service, provider, bob):
    provider.says["email"] = bob.email.upper()

    come_in(client)

    assert client.session[SESSION_KEY] == str(bob.pk)
    assert User.objects.count() == 1


def test_whoever_took_the_address_before_cannot_come_in_any_more(client, service, provider, bob, as_bob):
    service["roles"] = {"administrator": ["painters"]}
    SocialAccount.objects.create(user=bob, provider="office", uid="bob")
    make_passkey(bob)
    own.move(person=bob, email="ada@example.com", password=PASSWORD)

    come_in(client)

    assert client.session[SESSION_KEY] == str(bob.pk)
    bob.refresh_from_db()
    assert bob.is_administrator
    assert not bob.has_usable_password()
    assert as_bob.get("/account/").status_code == 302
    assert [row.uid for row in SocialAccount.objects.all()] == ["1"]
    assert not Authenticator.objects.exists()
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("who", ["alice", "lena"])
def test_administrators_and_those_invited_to_their_address_keep_their_password(
    client, service, provider, alice, who
):
    row, _ = invitations.make(administrator=alice, role="member", days=7, email="lena@example.com")
    lena = invitations.accept(invitation=row, name="Lena", email="", password=PASSWORD)
    person = {"alice": alice, "lena": lena}[who]
    provider.says["email"] = person.email

    come_in(client)

    assert client.session[SESSION_KEY] == str(person.pk)
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_person_is_known_again_after_their_address_changed(client, service, provider, bob):
    provider.says["email"] = bob.email
    come_in(client)
    provider.says["email"] = "bob.new@example.com"
    again = Client()

    come_in(again)

    assert again.session[SESSION_KEY] == str(bob.pk)


def test_person_who_left_the_group_is_no_longer_let_in(client, service, provider):
    service["groups"] = ["painters"]
    come_in(client)
    provider.says["groups"] = []
    later = Client()

    response = come_in(later)

    assert response.status_code == 403
    assert not is_in(later)


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["admins", "mods"], Role.ADMINISTRATOR),
        (["mods"], Role.MODERATOR),
        ("mods", Role.MODERATOR),
        ([], Role.MEMBER),
    ],
)
def test_role_is_the_highest_of_the_groups(client, service, provider, groups, role):
    service |= {"domains": ["example.com"], "claim": "roles"}
    service["roles"] = {"administrator": ["admins"], "moderator": ["mods"]}
    provider.says["roles"] = groups

    come_in(client)

    assert User.objects.get().role == role


def test_role_follows_the_groups_at_the_next_sign_in(client, service, provider, mona, alice):
    provider.says |= {"email": mona.email, "groups": []}
    service["roles"] = {"moderator": ["mods"]}

    come_in(client)

    mona.refresh_from_db()
    assert mona.role == Role.MEMBER
    entry = AuditEntry.objects.get(action="person.edited")
    assert (entry.subject, entry.actor) == (str(mona.pk), None)


def test_role_of_the_last_administrator_stays(client, service, provider, alice):
    provider.says |= {"email": alice.email, "groups": []}
    service["roles"] = {"administrator": ["admins"]}

    come_in(client)

    alice.refresh_from_db()
    assert alice.role == Role.ADMINISTRATOR
    assert is_in(client)


def test_suspended_person_reads_so_and_is_not_in(client, service, provider, sid):
    provider.says["email"] = sid.email

    response = come_in(client)

    assert response.status_code == 403
    assert "suspended" in response.text
    assert not is_in(client)


def test_person_whose_suspension_is_over_comes_in(client, service, provider, bob):
    over = timezone.now() - timedelta(minutes=1)
    User.objects.filter(pk=bob.pk).update(is_active=False, suspended_until=over)
    provider.says["email"] = bob.email

    come_in(client)

    assert is_in(client)


def test_person_with_a_second_factor_is_asked_for_it(client, service, provider, bob):
    Authenticator.objects.create(user=bob, type="totp", data={"secret": "sealed"})
    provider.says["email"] = bob.email

    response = come_in(client)

    assert response["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)


def test_whoever_turns_back_is_told_that_nothing_happened(client, service, provider):
    provider.turns_back = True

    response = come_in(client)

    assert response.status_code == 200
    assert "You turned back before you were signed in." in response.text


def test_answer_that_was_not_asked_for_signs_nobody_in(client, service):
    response = client.get(
        reverse("openid_connect_callback", args=["office"]), {"code": "once", "state": "made up"}
    )

    assert response.status_code == 502
    assert not is_in(client)


def test_service_that_is_away_is_said(client, service, provider, settings):
    provider.__exit__()

    response = client.post(BEGIN)

    assert response.status_code == 502
    assert "gave no answer that can be read" in response.text


def test_signed_in_person_cannot_tie_somebody_elses_account_to_theirs(
    as_bob, bob, service, provider, charlie
):
    provider.says["email"] = charlie.email
    away = as_bob.post(f"{BEGIN}?process=connect")
    back = httpx.get(away["Location"]).headers["Location"]

    as_bob.get(back.removeprefix("http://testserver"))

    assert as_bob.session[SESSION_KEY] == str(charlie.pk)
    assert SocialAccount.objects.get().user == charlie


GOOD = {"id": "a", "name": "A", "server": "https://a.example", "client_id": "c", "client_secret": "s"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"server": ""}, "STUDIO_SSO, 'a': server is missing."),
        ({"domains": "example.com"}, "STUDIO_SSO, 'a': domains must be a list."),
        ({"domain": ["example.com"]}, "STUDIO_SSO, 'a': domain means nothing."),
        ({"id": "a/b"}, "STUDIO_SSO, 'a/b': the id may have letters, digits and hyphens."),
        ({"roles": {"boss": ["x"]}}, "STUDIO_SSO, 'a': there is no role boss."),
        ({"server": "ftp://a.example"}, "STUDIO_SSO, 'a': server must be an https address."),
    ],
)
def test_services_with_a_mistake_stop_the_start_and_say_which(change, complaint):
    with pytest.raises(ImproperlyConfigured) as error:
        sign_on.services(json.dumps([GOOD | change]))

    assert str(error.value) == complaint


@pytest.mark.parametrize("text", ["{", "{}", "[1]", f"[{','.join(['{}'] * 2)}]"])
def test_services_that_are_no_list_stop_the_start(text):
    with pytest.raises(ImproperlyConfigured):
        sign_on.services(text)
