"""Rules in a browser: written and tried, then a prompt that is blocked, reworded and drawn, warned of, and held."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PHONE, Watch, axe
from tests.e2e.people import WHOLE, draw, sign_in
from tests.e2e.studio import Studio


@pytest.fixture
def office(studio: Studio, open_page: Callable[..., Page]) -> Iterator[Page]:
    """An administrator at the rules; afterwards there are none, for the other tests of this studio."""
    page = open_page()
    sign_in(page, studio, "administrator")
    page.goto(f"{studio.url}/moderation/rules/")
    yield page
    page.goto(f"{studio.url}/moderation/rules/")
    for address in page.eval_on_selector_all(".rule__link", "links => links.map(link => link.href)"):
        page.goto(address.replace("/edit/", "/deletion/"))
        page.get_by_role("button", name="Delete for good").click()


def write(page: Page, studio: Studio, act: str, words: str, sentence: str = "") -> None:
    """Write a rule and use it."""
    page.goto(f"{studio.url}/moderation/rules/new/")
    page.get_by_label("Name", exact=True).fill(f"{act} {words}")
    page.get_by_role("radio", name=act, exact=True).check()
    page.get_by_label("Words and phrases").fill(words)
    page.get_by_label("What the writer reads").fill(sentence)
    page.get_by_role("button", name="Save and use").click()
    expect(page.get_by_text("saved and in use")).to_be_visible()


def test_rule_is_tried_before_it_is_used(studio: Studio, office: Page, page: Page) -> None:
    sign_in(page, studio)
    draw(page, "Poster for 0stmark, alpine lake")

    office.get_by_role("link", name="Add a rule").click()
    office.get_by_label("Name", exact=True).fill("Client names")
    office.get_by_label("Words and phrases").fill("ostmark")
    office.get_by_role("button", name="Try it").click()

    expect(office.locator("#tried")).to_contain_text("Would hold 1 of the last")
    expect(office.locator("#tried mark")).to_have_text("0stmark")
    expect(office.get_by_label("Words and phrases")).to_have_value("ostmark")
    assert axe(office) == []
    office.goto(f"{studio.url}/moderation/rules/")
    expect(office.get_by_text("No rules yet")).to_be_visible()


def test_prompt_is_blocked_with_its_words_marked_reworded_and_drawn(
    studio: Studio, office: Page, page: Page, watch: Watch
) -> None:
    write(office, studio, "Block", "northpeak", "No client's name here.")
    assert axe(office) == []
    sign_in(page, studio)
    box, marked = page.get_by_label("Prompt", exact=True), page.locator("#screened mark")

    box.press_sequentially("The N0rthpeak logo")

    expect(marked).to_have_text("N0rthpeak")  # while typing
    expect(page.locator("#screened")).to_contain_text("No client's name here.")
    watch.forgive("status of 422")
    page.get_by_role("button", name="Generate").click()
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_value("The N0rthpeak logo")
    expect(marked).to_have_text("N0rthpeak")
    expect(page.locator(".run")).to_have_count(0)
    assert axe(page) == []
    draw(page, "A lake, no logo")
    expect(page.locator("#screened")).to_be_empty()


def test_warned_writer_goes_on_and_held_prompt_waits(
    studio: Studio, office: Page, page: Page, watch: Watch
) -> None:
    write(office, studio, "Warn", "westmark", "Is this meant?")
    write(office, studio, "Hold", "ostmark", "Clients wait for a moderator.")
    sign_in(page, studio)
    watch.forgive("status of 422")

    page.get_by_label("Prompt", exact=True).fill("A westmark lake")
    page.get_by_label("How many").fill("1")
    expect(page.locator("#screened")).to_contain_text("Is this meant?")
    page.locator("#generate").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Generate anyway").click()
    expect(page.locator(".run .frame img")).to_have_count(1, timeout=WHOLE)
    expect(page.locator("#screened")).to_be_empty()

    page.get_by_label("Prompt", exact=True).fill("An ostmark lake")
    page.locator("#generate").click()
    card = page.locator(".run", has_text="An ostmark lake").first
    expect(card.locator(".state")).to_contain_text("Waiting for a moderator")
    expect(card).to_contain_text("Clients wait for a moderator.")
    assert axe(page) == []
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_contain_text("Nothing was charged")


def test_blocked_prompt_without_javascript_keeps_what_was_typed(
    studio: Studio, office: Page, open_page: Callable[..., Page], watch: Watch
) -> None:
    write(office, studio, "Warn", "sudmark")
    page = open_page(java_script_enabled=False, viewport=PHONE)
    sign_in(page, studio)
    watch.forgive("status of 422")

    page.get_by_label("Prompt", exact=True).fill("A Südmark lake")
    page.locator("#generate").click()
    expect(page.locator("#screened mark")).to_have_text("Südmark")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A Südmark lake")
    page.get_by_role("button", name="Generate anyway").click()

    expect(page.locator(".run", has_text="A Südmark lake")).to_be_visible()
