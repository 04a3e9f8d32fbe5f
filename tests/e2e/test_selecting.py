"""Choosing many pictures: circles, Shift, the mouse's frame, a long press, all that match; what is done with them."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import DESKTOP, PHONE, axe
from tests.e2e.people import draw, sign_in
from tests.e2e.studio import Studio


@pytest.fixture(scope="module")
def painter(studio: Studio, browser) -> Any:
    """What a browser knows of somebody with eight pictures, drawn once for this file."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    sign_in(page, studio)
    for prompt in ("A lighthouse in fog", "Salt pans at noon"):
        draw(page, prompt, n=4)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def gallery(open_page: Callable[..., Page], painter, studio: Studio) -> Page:
    page = open_page(storage_state=painter)
    page.goto(f"{studio.url}/gallery/?view=mine")
    page.wait_for_load_state("networkidle")
    return page


def tile(page: Page, number: int):
    return page.locator("#rows .tile").nth(number)


def choose(page: Page, number: int) -> None:
    tile(page, number).hover()
    tile(page, number).locator(".circle").click()


def expect_chosen(page: Page, count: int) -> None:
    expect(page.locator("#grip .grip__count")).to_have_text(f"{count} selected")
    assert page.locator("#rows .tile > .circle:checked").count() == count


def test_circle_click_and_shift_choose_and_escape_ends(gallery: Page) -> None:
    choose(gallery, 1)
    expect_chosen(gallery, 1)
    tile(gallery, 4).locator(".tile__link").click(modifiers=["Shift"])
    expect_chosen(gallery, 4)
    tile(gallery, 2).locator(".tile__link").click()
    expect_chosen(gallery, 3)
    assert axe(gallery) == []

    gallery.keyboard.press("Escape")

    expect(gallery.locator("#grip")).to_be_hidden()
    assert gallery.locator(".circle:checked").count() == 0


def test_day_and_everything_choose_all_and_one_can_be_left_out(gallery: Page) -> None:
    gallery.get_by_label("Select all of Today").click()
    expect_chosen(gallery, 8)
    gallery.get_by_role("button", name="all 8 that match").click()
    choose(gallery, 0)
    expect_chosen(gallery, 7)
    gallery.reload()

    expect_chosen(gallery, 7)
    gallery.keyboard.press("Escape")


def test_frame_of_the_mouse_chooses_what_it_touches(gallery: Page) -> None:
    boxes = [tile(gallery, number).bounding_box() for number in (0, 1)]
    right = boxes[1]["x"] + boxes[1]["width"] / 2

    gallery.mouse.move(boxes[0]["x"] - 30, boxes[0]["y"] + 30)
    gallery.mouse.down()
    gallery.mouse.move(right, boxes[0]["y"] + 60, steps=5)
    gallery.mouse.up()

    expect_chosen(gallery, 2)
    gallery.keyboard.press("Escape")


def test_favourite_shows_on_the_frames_and_is_undone(gallery: Page) -> None:
    for number in (0, 2):
        choose(gallery, number)
    expect_chosen(gallery, 2)

    gallery.locator("#grip").get_by_role("button", name="Favourite").click()

    expect(gallery.locator("#grip .grip__count")).to_have_text("2 pictures among your favourites.")
    expect(gallery.locator("#rows [aria-pressed=true]")).to_have_count(2)
    gallery.get_by_role("button", name="Undo").click()
    expect(gallery.locator("#rows [aria-pressed=true]")).to_have_count(0)
    gallery.keyboard.press("Escape")


def test_trash_greys_the_frames_in_their_place_and_is_undone(gallery: Page) -> None:
    for number in (1, 3):
        choose(gallery, number)
    expect_chosen(gallery, 2)

    gallery.get_by_role("button", name="Trash").click()

    expect(gallery.locator("#rows .tile--gone")).to_have_count(2)
    gallery.get_by_role("button", name="Undo").click()
    expect(gallery.locator("#rows .tile--gone")).to_have_count(0)


def test_collect_makes_a_collection_of_them(gallery: Page) -> None:
    choose(gallery, 0)
    expect_chosen(gallery, 1)

    gallery.get_by_role("button", name="Collect").click()
    gallery.get_by_label("Name of a new collection").fill("Lighthouses")
    gallery.get_by_role("button", name="Make it").click()

    expect(gallery.locator("#grip .grip__count")).to_have_text("One picture added.")
    gallery.keyboard.press("Escape")


def test_download_fetches_a_zip_of_them_and_says_how_far_it_is(gallery: Page) -> None:
    for number in (0, 1, 2):
        choose(gallery, number)
    expect_chosen(gallery, 3)
    gallery.locator("#grip").get_by_role("button", name="Download").click()

    with gallery.expect_download() as found:
        gallery.get_by_role("button", name="With the prompt inside each file").click()

    with zipfile.ZipFile(io.BytesIO(found.value.path().read_bytes())) as archive:
        assert archive.testzip() is None
        assert len([name for name in archive.namelist() if name.startswith("pictures/")]) == 3
    expect(gallery.locator("#grip .grip__count")).to_contain_text("All of it has left: 3 of 3")


def test_long_press_chooses_on_a_phone_and_a_tap_goes_on(
    open_page: Callable[..., Page], painter, studio: Studio
) -> None:
    page = open_page(storage_state=painter, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"{studio.url}/gallery/?view=mine")
    page.wait_for_load_state("networkidle")
    box = tile(page, 0).bounding_box()
    touch = page.context.new_cdp_session(page)
    point = {"x": box["x"] + 60, "y": box["y"] + 40}

    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    page.wait_for_timeout(700)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect_chosen(page, 1)
    tile(page, 1).locator(".tile__link").tap()

    expect_chosen(page, 2)
    assert axe(page) == []


def test_ticks_without_a_script_lead_to_a_page_with_everything_that_can_be_done(
    open_page: Callable[..., Page], painter, studio: Studio
) -> None:
    page = open_page(storage_state=painter, java_script_enabled=False)
    page.goto(f"{studio.url}/gallery/?view=mine")
    for number in (0, 5):
        tile(page, number).locator(".circle").check()

    page.get_by_role("button", name="Go on with the ticked pictures").click()
    page.get_by_role("button", name="Favourite").click()

    expect(page.locator(".grip__count")).to_have_text("2 pictures among your favourites.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".grip__count")).to_have_text("2 pictures no longer among your favourites.")
