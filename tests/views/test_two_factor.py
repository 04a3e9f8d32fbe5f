"""The second factor: an app's codes, recovery codes, passkeys' pages, and who must have one."""

import re
from base64 import b32encode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse

from studio.models import AuditEntry, User
from tests.factories import PASSWORD, make_image
from tests.passkeys import make_passkey

SECRET = b32encode(b"twenty bytes, really").decode()
LOGIN = reverse("account_login")
CODE = reverse("mfa_authenticate")
INDEX = reverse("mfa_index")
APP = reverse("mfa_activate_totp")
AGAIN = reverse("account_reauthenticate")


def code_now(secret: str = SECRET, step: int = 1) -> str:
    """What an app shows; of the three steps that are taken, the middle one."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[step]))


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("at", "id").values_list("action", flat=True))


def prove(client: Client) -> None:
    """Enter the password once more."""
    assert client.post(AGAIN, {"password": PASSWORD}).status_code == 302


@pytest.fixture
def with_app(bob) -> User:
    """Bob, whose phone shows codes."""
    TOTP.activate(bob, SECRET)
    return bob


@pytest.fixture
def halfway(with_app, client) -> Client:
    """A browser in which bob's password was right."""
    response = client.post(LOGIN, {"login": with_app.email, "password": PASSWORD})
    assert (response.status_code, response.url) == (302, CODE)
    return client


def test_index_without_a_factor_offers_an_app_and_a_passkey(as_bob):
    page = as_bob.get(INDEX).text

    assert reverse("mfa_activate_totp") in page
    assert reverse("mfa_add_webauthn") in page
    assert "Recovery codes" not in page


def test_add_app_asks_for_the_password_first(as_bob):
    response = as_bob.get(APP)

    assert (response.status_code, response.url.partition("?")[0]) == (302, AGAIN)


def test_add_app_with_its_code_turns_it_on_seals_the_secret_and_shows_recovery_codes(
    as_bob, django_capture_on_commit_callbacks
):
    prove(as_bob)
    secret = re.search(r"<code>([A-Z2-7]+)</code>", as_bob.get(APP).text)[1]

    with django_capture_on_commit_callbacks(execute=True):
        response = as_bob.post(APP, {"code": code_now(secret)}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    assert len(re.findall(r"<li><code>\d{8}</code></li>", response.text)) == 10
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    assert acts() == ["person.app_added"]


def test_add_app_with_a_wrong_code_is_said_and_turns_nothing_on(as_bob):
    prove(as_bob)
    as_bob.get(APP)

    response = as_bob.post(APP, {"code": "000000"})

    assert response.status_code == 422
    assert "This code is wrong or has run out." in response.text
    assert not Authenticator.objects.exists()


def test_sign_in_with_password_alone_is_not_in(halfway):
    assert SESSION_KEY not in halfway.session
    assert halfway.get("/").status_code == 302


def test_sign_in_with_the_code_is_in_and_known_later(halfway, with_app):
    response = halfway.post(CODE, {"code": code_now()})

    assert (response.status_code, response.url) == (302, "/")
    assert halfway.session[SESSION_KEY] == str(with_app.pk)
    assert "known" in response.cookies


def test_sign_in_with_a_code_twice_is_refused_also_by_another_process(halfway, with_app):
    code = code_now()
    halfway.post(CODE, {"code": code})
    cache.clear()  # what another process would know
    other = Client()
    other.post(LOGIN, {"login": with_app.email, "password": PASSWORD})

    response = other.post(CODE, {"code": code})

    assert response.status_code == 422
    assert "This code has been used. Wait for the next one." in response.text
    assert SESSION_KEY not in other.session


def test_sign_in_with_wrong_codes_is_counted_and_told_in_the_audit(halfway, with_app):
    for _ in range(5):
        assert "wrong or has run out" in halfway.post(CODE, {"code": "000000"}).text

    response = halfway.post(CODE, {"code": code_now()})

    assert response.status_code == 422
    assert "Too many attempts. Try again in 5 minutes." in response.text
    assert AuditEntry.objects.get(action="auth.locked").detail == {"by": "second factor", "seconds": 300}


def test_sign_in_with_a_recovery_code_works_once(halfway, with_app):
    code = RecoveryCodes.activate(with_app).generate_codes()[0]
    assert halfway.post(CODE, {"code": code}).status_code == 302
    cache.clear()
    other = Client()
    other.post(LOGIN, {"login": with_app.email, "password": PASSWORD})

    assert other.post(CODE, {"code": code}).status_code == 422


def test_sign_in_code_page_without_the_password_leads_to_the_sign_in_page(client, db):
    response = client.get(CODE)

    assert (response.status_code, response.url) == (302, LOGIN)


def test_password_again_wrong_is_counted(as_bob):
    for _ in range(5):
        assert as_bob.post(AGAIN, {"password": "wrong"}).status_code == 422

    assert "Too many attempts" in as_bob.post(AGAIN, {"password": PASSWORD}).text


def test_remove_app_takes_the_recovery_codes_with_it(as_bob, with_app):
    RecoveryCodes.activate(with_app)
    prove(as_bob)

    response = as_bob.post(reverse("mfa_deactivate_totp"))

    assert (response.status_code, response.url) == (302, INDEX)
    assert not Authenticator.objects.exists()
    assert acts()[-1] == "person.app_removed"


def test_passkey_again_offers_the_passkey(as_bob, bob):
    make_passkey(bob)

    page = as_bob.get(reverse("mfa_reauthenticate_webauthn")).text

    assert "Use a passkey once more" in page
    assert '"allowCredentials"' in page


def test_passkey_that_was_not_used_is_not_believed(as_bob, bob):
    make_passkey(bob)
    as_bob.get(reverse("mfa_reauthenticate_webauthn"))

    response = as_bob.post(reverse("mfa_reauthenticate_webauthn"), {"credential": "{}"})

    assert (response.status_code, response.url) == (302, LOGIN)


def test_name_passkey_gives_it_another_name(as_bob, bob):
    key = make_passkey(bob)
    prove(as_bob)

    response = as_bob.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Old laptop"})

    assert (response.status_code, response.url) == (302, reverse("mfa_list_webauthn"))
    key.refresh_from_db()
    assert key.data["name"] == "Old laptop"


def test_remove_passkey_asks_and_removes(as_bob, bob):
    key = make_passkey(bob)
    prove(as_bob)
    address = reverse("mfa_remove_webauthn", args=[key.pk])

    assert "Laptop" in as_bob.get(address).text
    assert as_bob.post(address).status_code == 302
    assert not Authenticator.objects.exists()
    assert acts() == ["person.passkey_removed"]


def test_administrator_takes_a_lost_factor_off_and_the_password_is_enough(as_alice, as_bob, with_app, client):
    page = as_alice.get(reverse("people.detail", args=[with_app.pk])).text
    assert "They sign in with an app." in page

    response = as_alice.post(reverse("people.factors_removal", args=[with_app.pk]))

    assert (response.status_code, response.url) == (303, reverse("people.detail", args=[with_app.pk]))
    assert acts()[-1] == "person.factors_removed"
    assert as_bob.get("/").status_code == 302
    client.post(LOGIN, {"login": with_app.email, "password": PASSWORD})
    assert client.session[SESSION_KEY] == str(with_app.pk)


# STUDIO_REQUIRE_2FA: the middleware is made when the handler is, so each client below is made inside the setting


def test_required_of_everyone_page_leads_to_the_factors_with_the_reason(bob):
    with override_settings(REQUIRE_2FA="everyone"):
        client = Client()
        client.force_login(bob)

        response = client.get("/", follow=True)

    assert response.redirect_chain == [(INDEX, 302)]
    assert "This studio asks you for a second factor. Add one to go on." in response.text


def test_required_of_everyone_htmx_is_sent_there_too(bob):
    with override_settings(REQUIRE_2FA="everyone"):
        client = Client(headers={"HX-Request": "true"})
        client.force_login(bob)

        response = client.post("/generations/", {"prompt": "a lake"})

    assert (response.status_code, response["HX-Redirect"]) == (401, INDEX)


def test_required_of_everyone_pictures_are_not_sent_without(bob, model):
    image = make_image(bob, model)
    with override_settings(REQUIRE_2FA="everyone"):
        client = Client()
        client.force_login(bob)

        response = client.get(reverse("media.original", args=[image.pk]))
        stranger = Client().get(reverse("media.original", args=[image.pk]))

    assert (response.status_code, response["Location"]) == (302, INDEX)
    assert stranger.status_code == 404


@pytest.mark.parametrize(("who", "status"), [("bob", 200), ("mona", 200), ("alice", 302)])
def test_required_of_administrators_others_go_on(who, status, request):
    person = request.getfixturevalue(who)
    with override_settings(REQUIRE_2FA="administrators"):
        client = Client()
        client.force_login(person)

        response = client.get("/prompts/")

    assert response.status_code == status


def test_required_and_had_pages_open_and_the_last_factor_stays(with_app, plain_model):
    with override_settings(REQUIRE_2FA="everyone"):
        client = Client()
        client.force_login(with_app)
        assert client.get("/").status_code == 200
        prove(client)

        response = client.post(reverse("mfa_deactivate_totp"))

    assert response.status_code == 422
    assert "this is your last. Add another first." in response.text
    assert Authenticator.objects.get().type == "totp"


def test_required_and_had_last_passkey_stays(bob):
    key = make_passkey(bob)
    with override_settings(REQUIRE_2FA="everyone"):
        client = Client()
        client.force_login(bob)
        prove(client)

        response = client.post(reverse("mfa_remove_webauthn", args=[key.pk]))

    assert response.status_code == 409
    assert "this is your last. Add another first." in response.text
    assert Authenticator.objects.exists()


def test_required_and_had_is_kept_in_the_session(with_app):
    with override_settings(REQUIRE_2FA="everyone"):
        client = Client()
        client.force_login(with_app)
        client.get("/prompts/")

    assert client.session["has_second_factor"] is True


@override_settings(FIELD_KEYS=["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="])
def test_sign_in_with_a_secret_of_lost_field_keys_says_whom_to_ask(halfway):
    response = halfway.post(CODE, {"code": "123456"})

    assert response.status_code == 503
    assert "An administrator can take it off your account." in response.text


@override_settings(REQUIRE_2FA="administrators")
def test_required_again_after_a_role_without_it_looks_again(with_app, as_bob, plain_model):
    User.objects.filter(pk=with_app.pk).update(role="administrator")
    opened = as_bob.get("/").status_code
    User.objects.filter(pk=with_app.pk).update(role="member")
    as_bob.get("/")
    Authenticator.objects.all().delete()

    User.objects.filter(pk=with_app.pk).update(role="administrator")

    assert (opened, as_bob.get("/").status_code) == (200, 302)
