"""The office in a browser: health, audit, settings and notices without an error, readable in every size and scheme."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import sign_in
from tests.e2e.studio import Studio

PAGES = {
    "/administration/": "Health",
    "/administration/audit/": "Audit",
    "/administration/settings/": "Settings",
    "/notices/": "Notices",
    "/notices/choices/": "What reaches me",
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_pages_of_the_office_are_readable_and_fit(
    studio: Studio, open_page: Callable[..., Page], viewport, scheme
):
    page = open_page(viewport=VIEWPORTS[viewport], color_scheme=scheme)
    sign_in(page, studio, "administrator")

    for path, title in PAGES.items():
        page.goto(f"{studio.url}{path}")
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_entry_of_the_audit_opens_by_the_keyboard_and_leads_to_its_like(studio: Studio, page: Page):
    sign_in(page, studio, "administrator")
    page.goto(f"{studio.url}/administration/settings/")
    page.get_by_label("Message of the day").fill("Be kind")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{studio.url}/administration/audit/")
    page.locator(".entry summary", has_text="Team chose").first.focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="Be kind")).to_be_visible()
    page.get_by_role("link", name="team.chose", exact=True).first.click()

    expect(page.get_by_label("Action")).to_have_value("team.chose")
    page.goto(f"{studio.url}/administration/settings/")
    page.get_by_label("Message of the day").fill("")
    page.get_by_role("button", name="Save").click()


def test_notice_that_is_read_leaves_the_number_in_the_bar(
    studio: Studio, page: Page, open_page: Callable[..., Page]
):
    sign_in(page, studio, "administrator")
    page.goto(f"{studio.url}/administration/settings/")
    page.get_by_label("What everybody reads").fill("Lunch <b>at noon</b>")
    page.get_by_role("button", name="Announce").click()
    banner = page.get_by_role("complementary", name="Announcement")
    expect(banner).to_contain_text("Lunch <b>at noon</b>")

    page.get_by_role("link", name="1 new notice").click()
    page.get_by_role("button", name="Mark all read").click()

    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    expect(page.get_by_text("New: ")).to_have_count(0)
    page.get_by_role("button", name="Put the announcement away").click()
    expect(banner).to_have_count(0)
    page.goto(f"{studio.url}/administration/settings/")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_label("What everybody reads")).to_be_visible()


def test_bell_counts_what_is_new_without_a_reload(studio: Studio, page: Page, open_page: Callable[..., Page]):
    page.clock.install()
    sign_in(page, studio)
    page.goto(f"{studio.url}/gallery/")
    number = page.locator(".bell input")
    before = number.input_value()
    other = open_page()
    sign_in(other, studio, "administrator")
    other.goto(f"{studio.url}/administration/settings/")
    other.get_by_label("What everybody reads").fill("Dinner at eight")
    other.get_by_role("button", name="Announce").click()

    page.clock.run_for(25_000)

    expect(number).not_to_have_value(before)
    expect(page.locator(".bell__count")).to_be_visible()
    other.get_by_role("button", name="Take it back").click()


def test_drawing_stopped_waits_and_goes_on(studio: Studio, page: Page, open_page: Callable[..., Page]):
    sign_in(page, studio, "administrator")
    page.goto(f"{studio.url}/administration/settings/")
    page.get_by_label("Why, for everybody to read").fill("The bill is unpaid")
    page.get_by_role("button", name="Stop drawing for everybody").click()
    member = open_page()
    sign_in(member, studio)
    expect(member.get_by_text("Waits: drawing is stopped")).to_be_visible()
    member.get_by_label("Prompt", exact=True).fill("A lake that waits")
    member.get_by_role("button", name="Generate").click()
    card = member.locator(".run", has_text="A lake that waits").first
    expect(card).to_contain_text("drawing is stopped for everybody. The bill is unpaid")

    page.get_by_role("button", name="Let drawing go on").click()

    expect(card.locator(".frame img").first).to_be_visible(timeout=30_000)


def test_bell_opens_the_newest_notices_over_the_page_and_closes_again(studio: Studio, page: Page):
    sign_in(page, studio, "administrator")
    bell, peek = page.locator(".bell__link"), page.get_by_role("region", name="Notices")

    bell.click()
    expect(peek.get_by_role("link", name="All notices")).to_be_visible()
    assert axe(page) == []
    bell.click()
    expect(peek).to_be_hidden()
    bell.press("Enter")
    expect(peek).to_be_visible()
    page.keyboard.press("Escape")
    expect(peek).to_be_hidden()
    bell.press("Enter")
    peek.get_by_role("link", name="All notices").click()

    expect(page.get_by_role("heading", name="Notices", level=1)).to_be_visible()
