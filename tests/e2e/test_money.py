"""Money in a browser: prices are pasted, a budget is made, the button says the cost, more is asked for and granted."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import draw, sign_in
from tests.e2e.studio import Studio

OFFICE = {
    "/administration/prices/": "Prices",
    "/administration/budgets/": "Budgets",
    "/administration/budgets/new/": "New budget",
    "/administration/usage/": "Usage",
}
OWN = {"/usage/": "Usage and budget", "/usage/more/": "Ask for more"}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_pages_of_money_are_readable_and_fit(
    studio: Studio, open_page: Callable[..., Page], viewport, scheme
):
    page = open_page(viewport=VIEWPORTS[viewport], color_scheme=scheme)
    sign_in(page, studio, "administrator")

    for path, title in (OFFICE | OWN).items():
        page.goto(f"{studio.url}{path}")
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_price_budget_cost_more_and_its_grant(studio: Studio, open_page: Callable[..., Page]):
    office, page = open_page(), open_page()
    sign_in(office, studio, "administrator")
    office.goto(f"{studio.url}/administration/prices/")
    table = office.get_by_label("Prices", exact=True)
    lines = [line.rpartition("\t")[0] for line in table.input_value().splitlines()[1:]]
    table.fill("\n".join(f"{line}\t$0.04" for line in lines))
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_text("changed.")).to_be_visible()
    office.goto(f"{studio.url}/administration/budgets/new/")
    office.get_by_label("Whose").select_option("Each member")
    office.get_by_label("How much").fill("0.10")
    office.get_by_role("button", name="Make it").click()
    expect(office.get_by_role("heading", name="Each member")).to_be_visible()

    sign_in(page, studio, "member")
    page.get_by_label("How many").fill("2")
    page.get_by_label("How many").press("Tab")
    expect(page.locator("#cost")).to_have_text("about $0.08")
    expect(page.locator("#left")).to_contain_text("$0.10 left")
    page.get_by_role("button", name="One more").click()
    expect(page.locator("#cost")).to_have_text("Over budget")
    page.get_by_role("link", name="Ask for more").click()
    page.get_by_label("Of which budget").select_option(index=1)
    page.get_by_label("How much more").fill("0.50")
    page.get_by_label("What for").fill("The spring poster")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("You are told when an administrator answers")).to_be_visible()

    office.goto(f"{studio.url}/notices/")
    office.get_by_role("button", name="Grant it").first.click()
    expect(office.get_by_text("Granted. They are told.")).to_be_visible()
    page.goto(studio.url)
    expect(page.locator("#left")).to_contain_text("$0.60 left")
    draw(page, "A lake", n=2)
    page.goto(f"{studio.url}/usage/")
    expect(page.get_by_text("$0.08").first).to_be_visible()
    office.goto(f"{studio.url}/administration/budgets/")
    office.get_by_role("button", name="End it").first.click()
