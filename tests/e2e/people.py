"""What people do in the browser, in the words of the tests."""

from playwright.sync_api import Page, expect

from tests.e2e.studio import Person, Studio

WHOLE = 30_000
"""Milliseconds a generation may take on a busy machine."""


def sign_in(page: Page, studio: Studio, role: str = "member") -> Person:
    """Open Create as a newcomer, so that no other test's pictures, choices or drafts are there; returns who it is."""
    person = studio.newcomer(role)
    page.context.add_cookies([{"name": "sessionid", "value": person.session, "url": studio.url}])
    page.goto(studio.url)
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()
    return person


ALREADY_MADE = 409


def sign_in_by_form(page: Page, studio: Studio, email: str, password: str) -> None:
    page.goto(f"{studio.url}/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()


def draw(page: Page, prompt: str, *, n: int = 1) -> None:
    """Write the prompt, choose how many, press the button and wait for the pictures."""
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_label("How many").fill(str(n))
    with page.expect_response(lambda answer: answer.url.endswith("/generations/")) as answered:
        page.get_by_role("button", name="Generate").click()
    if answered.value.status == ALREADY_MADE:
        page.get_by_role("button", name="Make it again anyway").click()
    card = page.locator(".run", has_text=prompt).first
    expect(card.locator(".frame img")).to_have_count(n, timeout=WHOLE)


def natural_widths(page: Page, selector: str) -> list[int]:
    """Return the true pixel width of each picture once all of them have loaded; 0 would be a broken one."""
    page.wait_for_function(
        "selector => [...document.querySelectorAll(selector)].every(i => i.complete && i.naturalWidth)",
        arg=selector,
    )
    return page.eval_on_selector_all(selector, "images => images.map(image => image.naturalWidth)")
