"""Looking at pictures: the viewer's keys, zoom and acts, the gallery's place, and the history of prompts."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PHONE, axe
from tests.e2e.people import draw, sign_in
from tests.e2e.studio import Studio


class Painter(NamedTuple):
    """What they are called, and what a browser knows in which they are signed in."""

    name: str
    state: Any


@pytest.fixture(scope="module")
def painter(studio: Studio, browser) -> Painter:
    """Somebody with four pictures of either of two prompts, drawn once for this file."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    name = sign_in(page, studio).name
    for prompt in ("A lighthouse in fog", "Salt pans at noon"):
        draw(page, prompt, n=4)
    state = context.storage_state()
    context.close()
    return Painter(name, state)


@pytest.fixture
def desk(open_page: Callable[..., Page], painter) -> Page:
    return open_page(storage_state=painter.state)


def opened(page: Page, studio: Studio, path: str, number: int) -> None:
    page.goto(studio.url + path)
    page.locator("a[data-viewer]").nth(number).click()
    expect(page.locator("image-viewer")).to_be_visible()
    page.wait_for_load_state("networkidle")  # its keys are heard once it has settled


def test_viewer_keys_survive_walking_by_arrow_and_by_button(studio: Studio, desk: Page) -> None:
    opened(desk, studio, "/gallery/?view=mine", 1)

    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        before = desk.url
        desk.keyboard.press(key)
        expect(desk).not_to_have_url(before)
    before = desk.url
    desk.get_by_role("link", name="Next picture").click()
    expect(desk).not_to_have_url(before)
    desk.keyboard.press("?")

    expect(desk.locator(".keys__sheet")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("i")
    expect(desk.get_by_role("complementary", name="Details")).to_be_hidden()
    expect(desk.get_by_role("link", name="Close", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("key", "leads"),
    [("r", r"/\?remix="), ("m", r"/comparisons/new/\?prompt="), ("p", r"/\?prompt="), ("a", r"/\?from=")],
)
def test_viewer_key_leads_on(studio: Studio, desk: Page, key: str, leads: str) -> None:
    opened(desk, studio, "/gallery/?view=mine", 0)

    desk.keyboard.press(key)

    expect(desk).to_have_url(re.compile(leads))
    expect(desk.get_by_label("Prompt", exact=True)).to_have_value("Salt pans at noon")


def test_viewer_wheel_goes_nearer_and_a_drag_moves_it(studio: Studio, desk: Page) -> None:
    opened(desk, studio, "/gallery/?view=mine", 0)
    frame = desk.locator("[data-zoom]")
    desk.wait_for_function("() => document.querySelector('[data-original]').complete")
    whole = frame.bounding_box()["width"]

    desk.mouse.move(500, 450)
    for _ in range(6):
        desk.mouse.wheel(0, -240)
    nearer = frame.bounding_box()
    desk.mouse.down()
    desk.mouse.move(420, 400, steps=4)
    desk.mouse.up()
    moved = frame.bounding_box()

    assert nearer["width"] > 1.5 * whole
    assert (round(moved["x"] - nearer["x"]), round(moved["y"] - nearer["y"])) == (-80, -50)
    desk.keyboard.press("Escape")
    expect(desk.locator(".viewer__stage--full")).to_have_count(0)
    assert abs(frame.bounding_box()["width"] - whole) < 1


def test_viewer_copies_the_picture_and_the_prompt(studio: Studio, desk: Page) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(desk, studio, "/gallery/?view=mine", 0)

    desk.get_by_role("button", name="Copy image").click()
    expect(desk.get_by_role("button", name="Copied")).to_be_visible()
    kinds = desk.evaluate("navigator.clipboard.read().then(items => items.flatMap(item => item.types))")
    desk.get_by_role("button", name="Copy the prompt").click()
    desk.wait_for_function("() => navigator.clipboard.readText().then(text => text === 'Salt pans at noon')")

    assert kinds == ["image/png"]


def test_viewer_offers_many_collections_of_long_names_one_below_the_other(studio: Studio, desk: Page) -> None:
    for number in range(8):
        desk.goto(f"{studio.url}/collections/new/")
        desk.get_by_label("Name").fill(
            f"{number} for the brochure of the year after next, in portrait and in full"
        )
        desk.get_by_role("button", name="Make it").click()
    opened(desk, studio, "/gallery/?view=mine", 0)

    desk.get_by_text("Collect", exact=True).click()

    offers = desk.locator(".kept__offer")
    expect(offers).to_have_count(8)
    held = "offers => offers.filter(each => each.scrollHeight <= each.clientHeight + 1).length"
    assert offers.evaluate_all(held) == 8


def test_trash_from_a_viewer_over_create_shows_on_the_card(studio: Studio, desk: Page) -> None:
    desk.goto(studio.url)
    card = desk.locator(".run", has_text="A lighthouse in fog")
    card.locator("a[data-viewer]").first.click()

    desk.get_by_role("button", name="Trash").click()
    expect(desk.get_by_role("button", name="Restore")).to_be_visible()
    expect(card.locator(".frame--missing")).to_have_text("In the trash")
    desk.get_by_role("button", name="Restore").click()

    expect(card.locator(".frame--missing")).to_have_count(0)


def test_gallery_comes_back_to_the_place_that_was_left(studio: Studio, desk: Page) -> None:
    desk.set_viewport_size({"width": 600, "height": 420})
    desk.goto(f"{studio.url}/gallery/?view=mine")
    tile = desk.locator(".tile").nth(5)
    tile.scroll_into_view_if_needed()
    desk.mouse.wheel(0, 120)
    desk.wait_for_function("() => history.state?.place?.tile")
    desk.wait_for_timeout(400)
    place = desk.evaluate("history.state.place")

    desk.get_by_role("link", name="Prompts", exact=True).click()
    expect(desk).to_have_title(re.compile("Prompts"))
    desk.go_back()

    expect(desk.locator(f"[id='{place['tile']}']")).to_be_visible()
    top = desk.locator(f"[id='{place['tile']}']").evaluate("tile => tile.getBoundingClientRect().top")
    assert abs(top - place["top"]) < 2


def test_prompts_shows_twelve_rows_and_their_actions_on_focus(studio: Studio, desk: Page, painter) -> None:
    desk.goto(f"{studio.url}/prompts/")
    row = desk.locator(".past", has_text="Salt pans at noon")

    assert row.bounding_box()["height"] <= 61
    row.get_by_role("link", name="Remix").focus()
    expect(row.get_by_role("link", name="Use prompt")).to_have_css("pointer-events", "auto")
    desk.get_by_label("Search the prompts").fill(f"-lighthouse {painter.name} noon")
    expect(desk.locator(".past__text")).to_have_text(["Salt pans at noon"])
    assert axe(desk) == []


def test_prompts_on_a_phone_open_their_actions_from_one_mark(
    studio: Studio, open_page: Callable[..., Page], painter
) -> None:
    page = open_page(storage_state=painter.state, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"{studio.url}/prompts/")
    row = page.locator(".past").first

    row.get_by_role("button", name="What to do with it").tap()

    expect(row.get_by_role("link", name="Use all")).to_be_in_viewport()
    assert axe(page) == []


def test_gallery_on_a_phone_is_bare_and_its_viewer_keeps_close_in_sight(
    studio: Studio, open_page: Callable[..., Page], painter
) -> None:
    page = open_page(storage_state=painter.state, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"{studio.url}/gallery/?view=mine")
    expect(page.locator(".tile__foot").first).to_be_hidden()

    page.locator(".tile__link").first.tap()
    page.get_by_role("link", name="Receipt as JSON").scroll_into_view_if_needed()

    expect(page.get_by_role("link", name="Close", exact=True)).to_be_in_viewport()
    assert axe(page, within="image-viewer") == []


def test_viewer_acts_by_keyboard_keep_the_focus_where_one_was(studio: Studio, desk: Page) -> None:
    opened(desk, studio, "/gallery/?view=mine", 2)
    viewer = desk.locator("image-viewer")
    favourite, stars = viewer.get_by_role("button", name="Favourite"), viewer.get_by_label("4 of 5")
    shows = viewer.locator(".kept__alt > summary")

    favourite.press("Enter")
    expect(favourite).to_have_attribute("aria-pressed", "true")
    expect(favourite).to_be_focused()
    stars.press("Enter")
    expect(stars).to_have_attribute("aria-pressed", "true")
    expect(stars).to_be_focused()
    shows.press("Enter")
    viewer.get_by_label("What it shows").fill("A tower above the sea")
    viewer.locator(".kept__alt").get_by_role("button", name="Save").press("Enter")

    expect(shows).to_contain_text("A tower above the sea")
    expect(shows).to_be_focused()
