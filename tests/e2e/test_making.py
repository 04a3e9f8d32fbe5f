"""House presets, grids, help with words and what is already made, in a browser, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import WHOLE, draw, sign_in
from tests.e2e.studio import Studio

PROMPT = "A lighthouse, {light: golden hour|at dusk}, {medium: ink drawing|oil painting|pixel art}"


def wait_for_cells(page: Page, count: int) -> None:
    """Wait for the table to fill; without JavaScript a person asks again."""
    look_again = page.get_by_role("link", name="Look again")
    for _ in range(60):
        if not look_again.is_visible():
            break
        page.wait_for_timeout(500)
        look_again.click()
    expect(page.locator(".grid__frame img")).to_have_count(count, timeout=WHOLE)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_grid_says_its_sum_and_fills_its_table(
    studio: Studio, open_page: Callable[..., Page], script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    sign_in(page, studio)
    page.get_by_text("Grid", exact=True).and_(page.locator(":visible")).click()

    page.get_by_label("Prompt", exact=True).fill(PROMPT + ("" if script else ", by hand"))
    if not script:
        page.get_by_role("button", name="Show what it comes to").click()
    expect(page.get_by_text("6 cells, 6 images together.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Draw the grid")).click()

    expect(page.get_by_role("columnheader")).to_have_text(["golden hour", "at dusk"])
    expect(page.get_by_role("rowheader")).to_have_text(["ink drawing", "oil painting", "pixel art"])
    wait_for_cells(page, 6)
    page.goto(f"{studio.url}/")
    expect(page.locator(".grid__peek img")).to_have_count(6)


def test_preset_is_written_chosen_and_kept_to(studio: Studio, open_page: Callable[..., Page]) -> None:
    administrator, page = open_page(), open_page()
    sign_in(administrator, studio, "administrator")
    sign_in(page, studio)
    administrator.goto(f"{studio.url}/administration/presets/new/")
    administrator.get_by_label("Name").fill("Evening covers")
    administrator.get_by_label("Size", exact=True).fill("1024x1024")
    administrator.get_by_label("Size Locked").check()
    administrator.get_by_label("Added to every prompt").fill("warm evening light")
    administrator.get_by_role("button", name="Save").click()
    expect(administrator.get_by_text("Evening covers: saved.")).to_be_visible()
    assert axe(administrator) == []

    page.reload()
    page.locator("[name=preset]").select_option("Evening covers")
    expect(page.get_by_role("note", name="House preset Evening covers")).to_contain_text("1024×1024")
    expect(page.locator("[name=size]")).to_have_count(0)
    assert axe(page) == []
    draw(page, "A bakery in the rain")

    expect(page.locator(".run__prompt").first).to_have_text("A bakery in the rain, warm evening light")
    administrator.get_by_role("link", name="Evening covers").click()
    administrator.get_by_role("link", name="Put away").click()
    administrator.get_by_role("button", name="Put away").click()
    expect(administrator.get_by_text("Evening covers is put away.")).to_be_visible()


def test_help_adds_words_and_what_is_made_is_shown_before_it_is_made_again(
    studio: Studio, page: Page
) -> None:
    sign_in(page, studio)
    page.get_by_label("Prompt", exact=True).fill("A heron")
    page.get_by_role("button", name="More words").click()
    page.get_by_role("dialog", name="Help for writing prompts").get_by_role(
        "button", name="watercolor"
    ).click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A heron, watercolor")
    page.keyboard.press("Escape")
    draw(page, "A heron, watercolor")

    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("status", name="Already made").get_by_role("img")).to_have_count(1)
    assert axe(page) == []
    page.get_by_role("button", name="Make it again anyway").click()

    expect(page.locator("#feed .frame img")).to_have_count(2, timeout=WHOLE)
    expect(page.get_by_role("status", name="Already made")).to_have_count(0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_the_form_of_a_grid_fits_every_screen(
    studio: Studio, open_page: Callable[..., Page], viewport: str, scheme: str
) -> None:
    page = open_page(viewport=VIEWPORTS[viewport], color_scheme=scheme)
    sign_in(page, studio)
    page.goto(f"{studio.url}/grids/new/")
    page.get_by_label("Prompt", exact=True).fill(PROMPT)
    expect(page.get_by_text("6 cells, 6 images together.")).to_be_visible()

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["Grid", "Compare models"])
def test_grid_and_comparison_begin_with_what_stands_in_the_composer(
    studio: Studio, page: Page, name: str
) -> None:
    sign_in(page, studio)
    page.get_by_label("Prompt", exact=True).fill("A pear in the snow")
    page.get_by_label("Only me").check(force=True)
    page.get_by_role("link", name=name, exact=True).click()

    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A pear in the snow")
    expect(page.get_by_label("Only me")).to_be_checked()
    assert "pear" not in page.url
