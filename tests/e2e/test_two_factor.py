"""The second factor in a browser: an app's codes, and a passkey that signs in alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import sign_in
from tests.e2e.studio import Person, Studio
from tests.views.test_two_factor import code_now


def at_localhost(studio: Studio) -> str:
    """The studio's address with a name: browsers make no passkeys for bare numbers."""
    return studio.url.replace("127.0.0.1", "localhost")


def prove(page: Page, person: Person) -> None:
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Go on").click()


def leave(page: Page) -> None:
    page.locator(".avatar").click()
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()


def begin_sign_in(page: Page, person: Person) -> None:
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_app_is_set_up_and_asked_for_at_the_next_sign_in(studio: Studio, page: Page, watch):
    watch.forgive(r"status of 422")
    person = sign_in(page, studio)
    page.locator(".avatar").click()
    page.get_by_role("link", name="Two-factor sign-in").click()
    assert axe(page) == []
    page.get_by_role("link", name="Set up an app").click()
    prove(page, person)
    expect(page.get_by_alt_text("The square to scan")).to_be_visible()
    assert axe(page) == []
    page.get_by_text("The camera does not work?").click()
    secret = page.locator("details code").inner_text()

    page.get_by_label("Code").fill(code_now(secret, step=0))
    page.get_by_role("button", name="Turn on").click()

    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert len(re.findall(r"\d{8}", page.locator(".door__codes").inner_text())) == 10
    leave(page)
    begin_sign_in(page, person)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("This code is wrong or has run out.")).to_be_visible()
    page.get_by_label("Code").fill(code_now(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()


def test_passkey_is_added_and_signs_in_alone(studio: Studio, page: Page):
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
    }
    able = {"isUserVerified": True, "automaticPresenceSimulation": True}
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": options | able})
    person = studio.newcomer()
    page.goto(f"{at_localhost(studio)}/login/")
    begin_sign_in(page, person)
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()
    page.goto(f"{at_localhost(studio)}/account/two-factor/passkeys/new/")
    prove(page, person)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{at_localhost(studio)}/account/two-factor/")
    expect(page.get_by_text("Laptop")).to_be_visible()
    assert axe(page) == []
    leave(page)

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_pages_fit_the_screen(studio: Studio, open_page, viewport: str, scheme: str):
    page = open_page(viewport=VIEWPORTS[viewport], color_scheme=scheme)
    person = sign_in(page, studio)
    page.goto(f"{studio.url}/account/two-factor/app/")
    prove(page, person)

    for path in ("app/", "passkeys/new/", "codes/new/", ""):
        page.goto(f"{studio.url}/account/two-factor/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert axe(page) == [], path
