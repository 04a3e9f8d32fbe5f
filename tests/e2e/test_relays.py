"""The administrators' relay pages in a browser: with and without JavaScript, by keyboard, on every screen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import sign_in
from tests.e2e.studio import Studio


@pytest.fixture
def administrator(open_page: Callable[..., Page], studio: Studio) -> Callable[..., Page]:
    """A function that opens the list of relays as an administrator, with Playwright's options."""

    def open_relays(**options: object) -> Page:
        page = open_page(**options)
        sign_in(page, studio)
        page.get_by_role("link", name="Relays", exact=True).click()
        expect(page.get_by_role("heading", name="Relays", level=1)).to_be_visible()
        return page

    return open_relays


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_pages_fit_the_screen_and_axe_finds_nothing_grave(administrator, studio, viewport, scheme):
    page = administrator(viewport=viewport, color_scheme=scheme)
    addresses = [page.url, f"{page.url}new/"]
    page.get_by_role("link", name="Sandbox", exact=True).click()
    addresses += [page.url, str(page.locator(".model__name").first.get_attribute("href"))]

    found: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(address if address.startswith("http") else studio.url + address)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[address] = [*axe(page), *(["wider than the screen"] if wider > 0 else [])]

    assert found == {address: [] for address in addresses}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_relay_is_tested_read_paused_and_resumed(administrator, script):
    page = administrator(java_script_enabled=script)
    page.get_by_role("link", name="Sandbox (OpenAI style)", exact=True).click()

    page.get_by_role("button", name="Test").click()
    expect(page.locator("#probe")).to_contain_text(re.compile(r"\d+ models?, \d+ draws? images"))
    page.get_by_role("button", name="Read models").click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile(r"\d+ models?, \d+ draws? images"))
    page.get_by_label("Why?").fill("A rehearsal")
    page.get_by_role("button", name="Pause Sandbox (OpenAI style)").click()
    expect(page.locator(".standing")).to_have_text("Paused: A rehearsal")
    page.get_by_role("button", name="Resume").click()

    expect(page.locator(".standing")).not_to_contain_text("Paused")


def test_list_is_put_in_order_by_keyboard_and_the_focus_stays(administrator):
    page = administrator()
    before = page.locator(".relay__name").all_inner_texts()
    button = page.get_by_role("button", name=f"Move {before[1]} up", exact=True)

    button.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".relay__name").first).to_have_text(before[1])
    expect(button).to_be_focused()
    page.get_by_role("button", name=f"Move {before[1]} down", exact=True).press("Enter")
    expect(page.locator(".relay__name").first).to_have_text(before[0])
