"""Inviting somebody in a browser: the link is made, opened, and they are in; then they are suspended."""

from collections.abc import Callable
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import sign_in
from tests.e2e.studio import Studio

PASSWORD = "a long pass phrase for lena"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_invited_person_joins_and_is_suspended_while_signed_in(
    studio: Studio, open_page: Callable[..., Page], watch, script
):
    watch.forgive(r"the server responded with a status of 403")
    email = f"lena-{script}@studio.example".lower()
    alice, lena = open_page(java_script_enabled=script), open_page(java_script_enabled=script)
    sign_in(alice, studio, "administrator")

    alice.goto(f"{studio.url}/administration/people/")
    alice.get_by_role("link", name="Invite", exact=True).click()
    alice.get_by_label("Only for this address").fill(email)
    alice.get_by_role("button", name="Make the link").click()
    expect(alice.get_by_text("The link is shown only this once.")).to_be_visible()
    link = alice.locator(".once__link").inner_text()

    lena.goto(link)
    expect(lena.get_by_label("Email")).to_have_value(email)
    lena.get_by_label("Name").fill("Lena Novak")
    lena.get_by_label("Password").fill(PASSWORD)
    lena.get_by_role("button", name="Join").click()
    expect(lena.get_by_label("Prompt", exact=True)).to_be_visible()

    alice.goto(f"{studio.url}/administration/people/?q={email}")
    alice.get_by_role("link", name="Lena Novak").click()
    alice.get_by_label("Reason").fill("Client work.")
    alice.get_by_role("button", name="Suspend").click()
    expect(alice.get_by_role("button", name="Restore")).to_be_visible()
    lena.goto(f"{studio.url}/gallery/")
    expect(lena.get_by_text("Your account is suspended.")).to_contain_text("The reason: Client work.")


def test_search_over_people_narrows_the_list_and_the_address(studio: Studio, page: Page):
    person = sign_in(page, studio, "administrator")
    page.goto(f"{studio.url}/administration/people/")

    page.get_by_label("Name or address").fill(person.email)

    expect(page.locator(".people tbody tr")).to_have_count(1)
    page.get_by_label("State").select_option("suspended")
    expect(page.get_by_text("Nobody matches")).to_be_visible()
    assert "state=suspended" in page.url


PAGES = [
    "administration/people/",
    "administration/people/new/",
    "administration/people/invitations/",
    "person",
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_pages_about_people_fit_the_screen_and_axe_finds_nothing_grave(
    studio: Studio, open_page: Callable[..., Page], viewport, scheme
):
    page = open_page(viewport=viewport, color_scheme=scheme)
    person = sign_in(page, studio, "administrator")

    for name in PAGES:
        if name == "person":
            page.goto(f"{studio.url}/administration/people/?q={person.email}")
            page.locator(".person__name").click()
            expect(page.get_by_role("heading", name="Sessions")).to_be_visible()
        else:
            page.goto(f"{studio.url}/{name}")
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name


@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_own_page_has_no_grave_fault_and_makes_a_copy_to_take_along(
    studio: Studio, open_page: Callable[..., Page], viewport
):
    page = open_page(viewport=viewport)
    person = sign_in(page, studio)
    page.goto(f"{studio.url}/account/")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    page.get_by_role("button", name="Make a copy").click()
    expect(page.get_by_text("Your copy is being made.")).to_be_visible()

    ready = page.get_by_role("link", name="Download (")
    for _ in range(30):
        page.wait_for_timeout(500)
        page.reload()
        if ready.count():
            break
    with page.expect_download() as download:
        ready.click()
    with ZipFile(download.value.path()) as archive:
        assert person.email in archive.read("account.json").decode()
