"""At the doors in a browser: one's password, the switch for notifications, a door that is shut."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import sign_in, sign_in_by_form
from tests.e2e.studio import Studio

FORBIDDEN = """
window.Notification = class { static permission = "denied"; static requestPermission = async () => "denied" }
"""
ASKS = """
window.Notification = class {
    static permission = "default"
    static requestPermission = async () => (window.Notification.permission = "denied")
}
"""
MISSING = "delete window.Notification"
SWITCH = "Notify me when pictures are done"
NEW = "another long pass phrase"


def open_menu(page: Page) -> None:
    page.locator(".avatar").click()


@pytest.mark.parametrize(
    ("browser_is", "sentence"),
    [
        (FORBIDDEN, "Your browser forbids it. Allow notifications for this site in the browser’s settings."),
        (MISSING, "Your browser shows no notifications here: it wants https for them."),
    ],
    ids=["forbidden", "missing"],
)
def test_notify_switch_says_that_the_browser_forbids_it(studio: Studio, page: Page, browser_is, sentence):
    page.add_init_script(browser_is)
    sign_in(page, studio)

    open_menu(page)

    switch = page.get_by_role("switch", name=SWITCH)
    expect(switch).to_be_disabled()
    expect(switch).to_have_accessible_description(sentence)
    expect(page.get_by_text(sentence)).to_be_visible()


def test_notify_switch_says_so_when_the_browser_has_just_been_told_no(studio: Studio, page: Page):
    page.add_init_script(ASKS)
    sign_in(page, studio)
    open_menu(page)
    why = page.get_by_text("Your browser forbids it.")
    expect(why).to_be_hidden()

    page.get_by_role("switch", name=SWITCH).click()

    expect(why).to_be_visible()
    expect(page.get_by_role("switch", name=SWITCH)).not_to_be_checked()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_password_is_changed_and_changed_back(studio: Studio, open_page: Callable[..., Page], watch, script):
    watch.forgive(r"the server responded with a status of 4\d\d")
    page = open_page(java_script_enabled=script)
    person = studio.newcomer()
    sign_in_by_form(page, studio, person.email, person.password)

    for current, new in ((person.password, NEW), (NEW, person.password)):
        page.goto(f"{studio.url}/password/")
        page.get_by_label("Current password").fill("not this one")
        page.get_by_label("New password", exact=True).fill(new)
        page.get_by_label("New password again").fill(new)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("This is not your current password.")).to_be_visible()
        expect(page.get_by_label("Current password")).to_be_focused()

        page.get_by_label("Current password").fill(current)
        page.get_by_label("New password", exact=True).fill(new)
        page.get_by_label("New password again").fill(new)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("status")).to_contain_text("Your password is changed.")

    page.get_by_role("link", name="Back to the studio").click()
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_password_page_fits_the_screen_and_axe_finds_nothing_grave(
    studio: Studio, open_page: Callable[..., Page], viewport, scheme
):
    page = open_page(viewport=viewport, color_scheme=scheme)
    sign_in(page, studio)

    page.goto(f"{studio.url}/password/")

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
