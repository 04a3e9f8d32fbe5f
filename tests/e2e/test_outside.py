"""A link to the outside, from the picture to the client's answer and to its end."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PHONE, axe
from tests.e2e.people import draw, natural_widths, sign_in
from tests.e2e.studio import Studio

PASSWORD = "a pass for the client"


def make_link(page: Page, studio: Studio, *, password: str = "") -> str:
    """Make a link to one's newest picture; returns the address that is shown once."""
    page.goto(f"{studio.url}/gallery/?view=mine")
    page.locator("a[data-viewer]").first.click()
    page.get_by_role("link", name="Outside link").first.click()
    page.get_by_label("Title").fill("Harbour, first round")
    page.get_by_label("Password").fill(password)
    page.get_by_label("Visitors may answer").check()
    page.get_by_role("button", name="Make the link").click()
    return page.locator(".once code").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_client_opens_a_link_answers_and_is_shut_out(
    script: bool, studio: Studio, page: Page, open_page: Callable[..., Page], watch
) -> None:
    watch.forgive("status of 404")
    sign_in(page, studio)
    draw(page, "A harbour in the morning")
    url = make_link(page, studio, password=PASSWORD)
    assert axe(page) == []

    client = open_page(viewport=PHONE, java_script_enabled=script)
    client.goto(url)
    expect(client.get_by_role("heading", name="Pictures for you")).to_be_visible()
    client.get_by_label("Password").fill(PASSWORD)
    client.get_by_role("button", name="Open").click()
    expect(client.get_by_role("heading", name="Harbour, first round")).to_be_visible()
    client.get_by_label("Your name").fill("Lena")
    client.get_by_role("button", name="Begin").click()
    client.get_by_role("button", name="Maybe").click()
    expect(client.get_by_role("button", name="Maybe")).to_have_attribute("aria-pressed", "true")
    client.get_by_text("Note", exact=True).click()
    client.get_by_label("Note to picture 1").fill("Can the sky be darker?")
    client.get_by_role("button", name="Save note").click()
    expect(client.get_by_text("Saved.")).to_be_visible()
    if script:
        assert axe(client) == []
        assert min(natural_widths(client, ".shown img")) > 0
    client.get_by_role("link", name="Picture 1, large").click()
    expect(client.get_by_role("heading", name="1 of 1")).to_be_visible()
    if script:
        assert axe(client) == []
        assert min(natural_widths(client, ".visit__picture img")) > 0

    page.reload()
    expect(page.get_by_text("Can the sky be darker?")).to_be_visible()
    expect(page.get_by_text("Lena")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The link was revoked")).to_be_visible()
    answer = client.reload()
    assert answer is not None
    assert answer.status == 404
    expect(client.get_by_role("heading", name="This link leads nowhere")).to_be_visible()
