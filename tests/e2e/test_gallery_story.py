"""One picture's way through the gallery: found, looked at, kept, shown to a client, answered, and taken back."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import PHONE, axe
from tests.e2e.people import draw, natural_widths, sign_in
from tests.e2e.studio import Studio


def search(page: Page, studio: Studio, words: str) -> None:
    """Look for words among one's own pictures."""
    page.goto(f"{studio.url}/gallery/?view=mine")
    page.get_by_label("Search the pictures").fill(words)
    page.get_by_label("Search the pictures").press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]q="))


def open_the_next(page: Page) -> str:
    """Open the first picture that was found and walk to the one after it; returns its id."""
    page.locator("a[data-viewer]").first.click()
    expect(page.locator("image-viewer")).to_be_visible()
    page.wait_for_load_state("networkidle")
    first = page.locator("[data-image]").get_attribute("data-image")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-image]")).not_to_have_attribute("data-image", str(first))
    return str(page.locator("[data-image]").get_attribute("data-image"))


def keep(page: Page, *, collection: str) -> None:
    """Favourite the picture at hand, and put it into a new collection."""
    viewer = page.locator("image-viewer")
    page.keyboard.press(".")
    expect(viewer.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    viewer.locator(".kept__fold summary", has_text="Collect").click()
    viewer.get_by_label("A new collection").fill(collection)
    viewer.get_by_role("button", name="Make it").click()
    expect(viewer.get_by_role("link", name=collection)).to_be_visible()


def share_outside(page: Page) -> str:
    """From a collection's page, make a link on which visitors may answer; returns the address that is shown once."""
    page.get_by_role("link", name="Outside link", exact=True).click()
    page.get_by_label("Title").fill("Lighthouses, first round")
    page.get_by_label("Visitors may answer").check()
    page.get_by_role("button", name="Make the link").click()
    return page.locator(".once code").inner_text()


def answer(client: Page) -> None:
    """Say yes to the picture, with a note."""
    client.get_by_label("Your name").fill("Lena")
    client.get_by_role("button", name="Begin").click()
    client.get_by_role("button", name="Yes").click()
    expect(client.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")
    client.get_by_text("Note", exact=True).click()
    client.get_by_label("Note to picture 1").fill("This one for the cover.")
    client.get_by_role("button", name="Save note").click()
    expect(client.get_by_text("Saved.")).to_be_visible()


def test_picture_is_found_kept_shown_outside_answered_and_taken_back(
    studio: Studio, page: Page, open_page: Callable[..., Page], watch
) -> None:
    watch.forgive("status of 404")
    owner = sign_in(page, studio)
    draw(page, "A lighthouse in fog", n=3)
    draw(page, "Salt pans at noon")

    search(page, studio, "lighth -salt")
    expect(page.locator(".asked__count")).to_have_text("3 pictures")
    expect(page.locator("#rows .tile")).to_have_count(3)
    pk = open_the_next(page)
    keep(page, collection="Lighthouses")
    page.keyboard.press("Escape")
    expect(page.locator(f"[id='tile-{pk}'] [aria-pressed=true]")).to_have_count(1)
    page.goto(f"{studio.url}/gallery/?view=favourites")
    expect(page.locator("#rows .tile")).to_have_count(1)

    page.goto(f"{studio.url}/collections/")
    page.get_by_role("link", name="Lighthouses").click()
    expect(page.locator("#pictures .tile")).to_have_count(1)
    page.locator("#pictures .circle").check()
    expect(page.locator("#grip .grip__count")).to_have_text("1 selected")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#grip")).to_be_hidden()
    assert axe(page) == []
    url = share_outside(page)

    client = open_page(viewport=PHONE)
    assert client.context.cookies() == []
    client.goto(url)
    expect(client.get_by_role("heading", name="Lighthouses, first round")).to_be_visible()
    assert min(natural_widths(client, ".shown img")) > 0
    shown = client.content()
    assert "in fog" not in shown
    assert owner.name not in shown
    answer(client)
    assert axe(client) == []

    page.reload()
    expect(page.get_by_text("This one for the cover.")).to_be_visible()
    expect(page.locator(".tally__count", has_text="Yes")).to_have_text("Yes 1")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The link was revoked")).to_be_visible()
    gone = client.goto(url)
    assert gone is not None
    assert gone.status == 404
    expect(client.get_by_role("heading", name="This link leads nowhere")).to_be_visible()


def test_pictures_of_a_collection_are_put_in_order_by_dragging(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    page.goto(f"{studio.url}/collections/new/")
    page.get_by_label("Name").fill("Cranes")
    page.locator("main form").get_by_role("button").last.click()
    page.get_by_role("link", name="Generate into it").click()
    draw(page, "A harbour crane", n=3)
    page.goto(f"{studio.url}/collections/")
    page.get_by_role("link", name="Cranes").click()
    page.get_by_role("link", name="Arrange").click()
    pictures = page.locator(".arranged__one")
    expect(pictures).to_have_count(3)
    before = pictures.evaluate_all("all => all.map(one => one.id)")

    with page.expect_navigation():
        pictures.nth(2).drag_to(pictures.nth(0), target_position={"x": 4, "y": 40})

    assert pictures.evaluate_all("all => all.map(one => one.id)") == [before[2], *before[:2]]
    page.reload()
    assert pictures.evaluate_all("all => all.map(one => one.id)") == [before[2], *before[:2]]
