"""Prompts in a browser: the library in the prompt box, and what axe says of the pages."""

from playwright.sync_api import Page, expect

from tests.e2e.pages import axe
from tests.e2e.people import draw, sign_in
from tests.e2e.studio import Studio


def save(page: Page, studio: Studio, title: str, text: str) -> None:
    """Put a prompt into the library."""
    page.goto(f"{studio.url}/library/new/")
    page.locator("[name=title]").fill(title)
    page.locator("[name=text]").fill(text)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def find(page: Page, studio: Studio, words: str) -> None:
    """Open the library in the empty prompt box, and search there until one prompt is left."""
    page.goto(studio.url)
    page.get_by_label("Prompt", exact=True).press("/")
    expect(page.get_by_label("Search the library")).to_be_focused()
    page.keyboard.type(words)
    expect(page.locator("#finder .finder__one")).to_have_count(1)


def test_finder_fills_the_fields_of_a_saved_prompt_with_the_keyboard(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    save(page, studio, "Woodcut of an animal", "A woodcut of {animal} in the snow")
    save(page, studio, "Glass harbour", "A harbour made of glass")
    find(page, studio, "woodcut")

    page.keyboard.press("Enter")
    expect(page.get_by_label("Animal")).to_be_focused()
    page.keyboard.type("a red fox")
    page.keyboard.press("Enter")

    box = page.get_by_label("Prompt", exact=True)
    expect(box).to_have_value("A woodcut of a red fox in the snow")
    expect(box).to_be_focused()
    expect(page.locator("#finder")).to_be_hidden()


def test_finder_takes_a_saved_prompt_without_fields_by_enter(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    save(page, studio, "Porcelain lighthouse", "A lighthouse made of porcelain")
    find(page, studio, "porcelain")

    page.keyboard.press("Enter")

    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A lighthouse made of porcelain")


def test_pages_of_prompts_have_nothing_grave(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    draw(page, "A lake at dawn")
    draw(page, "A lake at night")
    save(page, studio, "Paper boat", "A boat of {paper} on a lake")
    pages = {"library": axe(page)}
    page.goto(f"{studio.url}/library/")
    pages["shelf"] = axe(page)
    page.goto(f"{studio.url}/prompts/")
    pages["index"] = axe(page)
    addresses = page.eval_on_selector_all(
        ".past__text", "links => links.map(link => link.pathname.split('/')[2])"
    )
    page.goto(f"{studio.url}/prompts/{addresses[0]}/")
    pages["detail"] = axe(page)
    page.goto(f"{studio.url}/prompts/difference/?one={addresses[1]}&other={addresses[0]}")
    pages["difference"] = axe(page)

    assert {name: found for name, found in pages.items() if found} == {}
