"""Comparing models in a browser: from the composer to the pick, with and without JavaScript, on every screen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages import PHONE, SCHEMES, VIEWPORTS, axe
from tests.e2e.people import WHOLE, natural_widths, sign_in
from tests.e2e.studio import Studio

MODELS = ("Sandbox Flux", "Sandbox GPT Image 2", "Sandbox Canvas Pro")


def tick(page: Page, *names: str) -> None:
    """Tick exactly these models."""
    for address in page.eval_on_selector_all(".candidate :checked", "boxes => boxes.map(box => box.id)"):
        page.locator(f"#{address}").uncheck()
    for name in names:
        page.locator(".candidate", has=page.get_by_text(name, exact=True)).locator("input").check()
    expect(page.locator(".candidate :checked")).to_have_count(len(names))


def pictures(page: Page) -> Locator:
    return page.locator(".column .frame img")


def names(page: Page) -> list[str]:
    """What the columns are called, each on one line."""
    return [" ".join(name.split()) for name in page.locator(".column__name").all_inner_texts()]


def wait_for_pictures(page: Page, count: int) -> None:
    """Wait for the columns to fill; without JavaScript a person asks again."""
    look_again = page.get_by_role("link", name="Look again")
    for _ in range(60):
        if not look_again.is_visible():
            break
        page.wait_for_timeout(500)
        look_again.click()
    expect(pictures(page)).to_have_count(count, timeout=WHOLE)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_blind_comparison_goes_from_the_composer_to_the_pick(
    studio: Studio, open_page: Callable[..., Page], script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    sign_in(page, studio)
    prompt = f"Three sailing boats in a bay, {'ink' if script else 'pastel'}"
    page.get_by_label("Prompt", exact=True).fill(prompt)

    page.get_by_text("Compare models").and_(page.locator(":visible")).click()
    expect(page.get_by_role("heading", name="Compare models")).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(prompt)
    tick(page, *MODELS)
    page.get_by_label("Hide the names until I pick").check()
    page.get_by_role("button", name=re.compile("^Compare")).and_(page.locator("#compare")).click()

    wait_for_pictures(page, 3)
    assert names(page) == ["Model A", "Model B", "Model C"]
    assert not set(MODELS) & set(page.locator("main").inner_text().splitlines())
    page.get_by_role("button", name="Pick this one B").press("Enter")

    expect(page.locator(".column--picked .column__head")).to_contain_text("Picked")
    assert {name[2:] for name in names(page)} == set(MODELS)
    expect(page.get_by_role("status").filter(has_text="You picked B")).to_be_visible()
    page.goto(studio.url)
    card = page.locator(".run", has_text=prompt)
    expect(card).to_have_count(1)
    expect(card.locator(".cell")).to_have_count(3)


def test_settings_follow_what_is_ticked_and_keep_the_focus(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    page.goto(f"{studio.url}/comparisons/new/")
    page.get_by_label("Prompt", exact=True).fill("A lighthouse")
    tick(page, "Sandbox Flux", "Sandbox Sketch")
    wide = page.locator("[name=shape][value='16:9']")

    page.get_by_role("button", name="Shape").click()
    wide.check(force=True)
    page.keyboard.press("Escape")
    expect(page.locator(".candidate", has_text="Sandbox Sketch")).to_contain_text("16:9 is left out")
    box = page.get_by_role("checkbox", name=re.compile("^Sandbox Poster"))
    box.focus()
    page.keyboard.press("Space")

    expect(page.locator("[name=shape][value='21:9']")).to_have_count(1)
    expect(page.get_by_role("button", name="Shape: 16:9")).to_be_visible()
    expect(box).to_be_focused()
    expect(box).to_be_checked()
    expect(wide).to_be_checked()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A lighthouse")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_pages_fit_the_screen_and_axe_finds_nothing_grave(
    studio: Studio, open_page: Callable[..., Page], viewport: dict[str, int], scheme: str
) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    sign_in(page, studio, "administrator")
    page.goto(f"{studio.url}/comparisons/new/")
    found = {"new": axe(page)}
    page.get_by_label("Prompt", exact=True).fill("Birches in the snow [refuse]")
    tick(page, *MODELS[:2])
    page.locator("#compare").click()
    expect(page.locator(".column .note")).to_have_count(2, timeout=WHOLE)
    found["refused"] = axe(page)
    page.goto(f"{studio.url}/comparisons/new/")
    page.get_by_label("Prompt", exact=True).fill("Birches in the snow")
    tick(page, *MODELS[:2])
    page.locator("#compare").click()
    wait_for_pictures(page, 2)
    found["detail"] = axe(page)

    assert all(natural_widths(page, ".column .frame img"))
    lefts = {round(box["x"]) for box in map(Locator.bounding_box, page.locator(".column").all()) if box}
    assert len(lefts) == (1 if viewport == PHONE else 2)
    assert found == {name: [] for name in found}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
