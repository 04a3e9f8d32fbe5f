"""How pictures lie and are looked at: rows that leave and come back, the viewer beside its keys, comparing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PHONE, SCHEMES, VIEWPORTS, axe, touch
from tests.e2e.people import draw, natural_widths, sign_in
from tests.e2e.studio import Studio

SHIFTS = """new PerformanceObserver(list => {
    for (const entry of list.getEntries()) window.shifted = (window.shifted ?? 0) + entry.value
}).observe({type: "layout-shift", buffered: true})"""


@pytest.fixture(scope="module")
def painter(studio: Studio, browser) -> Any:
    """What a browser knows in which somebody with eight pictures is signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, studio)
    for prompt in ("Terraces in the rain", "A kiln at night"):
        draw(page, prompt, n=4)
    state = context.storage_state()
    context.close()
    return state


def gallery(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/gallery/?view=mine")
    page.wait_for_load_state("networkidle")


def opened(page: Page, number: int) -> None:
    """Open a picture of the gallery; its keys are heard once it has settled."""
    page.locator("a[data-viewer]").nth(number).click()
    expect(page.locator("image-viewer")).to_be_visible()
    page.wait_for_function("() => customElements.get('image-viewer')")
    page.wait_for_load_state("networkidle")


def looked_at(page: Page) -> str:
    return page.locator("[data-image]").get_attribute("data-image")


def walk(page: Page, key: str) -> None:
    before = looked_at(page)
    page.keyboard.press(key)
    expect(page.locator("[data-image]")).not_to_have_attribute("data-image", before)


def test_rows_far_away_leave_and_come_back_without_a_shift(studio: Studio, open_page, painter) -> None:
    page = open_page(storage_state=painter, viewport={"width": 375, "height": 100})
    page.add_init_script(SHIFTS)
    gallery(page, studio)
    whole = page.evaluate("document.documentElement.scrollHeight")
    tiles = page.eval_on_selector_all(".tile", "tiles => tiles.map(tile => tile.id)")

    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator(f"[id='{tiles[0]}']")).to_have_count(0)
    away = page.evaluate("document.documentElement.scrollHeight")
    page.evaluate("scrollTo(0, 0)")

    expect(page.locator(f"[id='{tiles[0]}']")).to_be_visible()
    assert abs(away - whole) <= 1
    expect(page.locator(f"[id='{tiles[0]}'] .tile__link")).to_have_attribute("href", re.compile("view=mine"))
    assert page.evaluate("window.shifted ?? 0") == 0


def test_viewer_gives_the_focus_to_the_picture_that_was_looked_at_last(
    studio: Studio, open_page, painter
) -> None:
    page = open_page(storage_state=painter)
    gallery(page, studio)

    opened(page, 1)
    walk(page, "ArrowRight")
    walk(page, "ArrowRight")
    last = looked_at(page)
    page.keyboard.press("Escape")

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(f"[id='tile-{last}'] a").first).to_be_focused()


def test_viewer_opened_by_its_address_closes_to_the_list_at_its_picture(
    studio: Studio, open_page, painter
) -> None:
    page = open_page(storage_state=painter)
    gallery(page, studio)
    address = page.locator("a[data-viewer]").nth(6).get_attribute("href")

    page.goto(studio.url + address)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Escape")

    expect(page).to_have_url(re.compile(r"/gallery/\?view=mine&before=.*#tile-"))
    expect(page.locator(".tile").first.locator(".tile__link")).to_have_attribute("href", address)
    expect(page.locator(".tile__link").first).to_be_focused()


def test_viewer_says_that_the_original_failed_and_tries_again(
    studio: Studio, open_page, painter, watch
) -> None:
    watch.forgive("404")
    page = open_page(storage_state=painter)
    page.route("**/media/*/?v=*", lambda route: route.fulfill(status=404, body=""))
    gallery(page, studio)
    page.locator("a[data-viewer]").first.click()

    expect(page.get_by_text("The original could not be loaded. This is its preview.")).to_be_visible()
    page.unroute("**/media/*/?v=*")
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("The original could not be loaded.")).to_be_hidden()
    assert natural_widths(page, "[data-original]")[0] > 0


def test_viewer_has_the_neighbour_before_it_is_asked_for(studio: Studio, open_page, painter) -> None:
    page = open_page(storage_state=painter)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    gallery(page, studio)
    opened(page, 3)
    coming = page.locator("[rel=next]").get_attribute("data-ahead").split()
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').filter(e => e.name.includes('?v=')).length > 2"
    )
    asked_before = set(asked)
    asked.clear()

    walk(page, "ArrowRight")

    assert studio.url + coming[1] in asked_before
    assert page.url not in asked


def test_viewer_sheet_of_keys_closes_before_the_viewer(studio: Studio, open_page, painter) -> None:
    page = open_page(storage_state=painter)
    gallery(page, studio)
    opened(page, 0)

    page.keyboard.press("?")
    expect(page.get_by_text("put beside others, to compare")).to_be_visible()
    assert axe(page, within="image-viewer") == []
    page.keyboard.press("Escape")

    expect(page.get_by_text("put beside others, to compare")).to_be_hidden()
    expect(page.locator("dialog[open]")).to_have_count(1)


def test_viewer_on_a_phone_is_swiped_and_spread(
    studio: Studio, open_page: Callable[..., Page], painter
) -> None:
    page = open_page(storage_state=painter, viewport=PHONE, has_touch=True, is_mobile=True)
    gallery(page, studio)
    page.locator("a[data-viewer]").nth(2).tap()
    page.wait_for_load_state("networkidle")
    first = looked_at(page)

    touch(page, [(300, 200)], [(220, 202)], [(120, 204)])
    expect(page.locator("[data-image]")).not_to_have_attribute("data-image", first)
    page.wait_for_load_state("networkidle")
    whole = page.locator("[data-zoom]").bounding_box()["width"]
    touch(page, [(170, 200), (200, 200)], [(140, 200), (230, 200)], [(90, 200), (280, 200)])

    assert page.locator("[data-zoom]").bounding_box()["width"] > 2 * whole


def test_compare_from_the_viewer_lies_side_by_side_in_step(studio: Studio, open_page, painter) -> None:
    page = open_page(storage_state=painter)
    gallery(page, studio)
    opened(page, 0)
    page.keyboard.press("c")
    expect(page.get_by_role("link", name="1 laid aside")).to_be_visible()
    walk(page, "ArrowRight")
    page.keyboard.press("c")
    page.get_by_role("link", name="Compare 2").click()
    expect(page.locator(".lt__frame")).to_have_count(2)

    page.locator(".lt__frame").first.hover()
    page.mouse.wheel(0, -400)
    moved = page.eval_on_selector_all(
        ".lt__frame img:last-child", "all => all.map(each => getComputedStyle(each).transform)"
    )
    assert moved[0] == moved[1] != "matrix(1, 0, 0, 1, 0, 0)"
    page.keyboard.press("z")
    page.keyboard.press("l")

    expect(page).to_have_url(re.compile("as=slider"))
    page.get_by_label("How much of the first picture is seen").fill("25")
    assert page.locator(".lt__stage").evaluate("stage => stage.style.getPropertyValue('--at')") == "0.25"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
@pytest.mark.parametrize("mode", ["beside", "slider"])
def test_compare_is_readable_in_every_size_and_scheme(
    studio, open_page, painter, viewport, scheme, mode
) -> None:
    page = open_page(storage_state=painter, viewport=viewport, color_scheme=scheme)
    gallery(page, studio)
    hrefs = page.eval_on_selector_all(
        "a[data-viewer]", "links => links.map(link => link.pathname.split('/')[2])"
    )

    page.goto(f"{studio.url}/light-table/?{'&'.join(f'image={pk}' for pk in hrefs[:3])}&as={mode}")
    page.wait_for_load_state("networkidle")

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["/gallery/?view=team", "/prompts/", "/library/"])
def test_search_box_on_a_phone_without_javascript_ends_on_the_screen(
    studio: Studio, open_page: Callable[..., Page], path: str
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=False)
    sign_in(page, studio)

    page.goto(studio.url + path)

    box = page.get_by_role("search").bounding_box()
    assert box
    assert box["x"] + box["width"] <= PHONE["width"]
