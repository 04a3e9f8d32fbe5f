"""Pictures that were made elsewhere, from the upload to the gallery, worked off by a real worker."""

import io
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PHONE, axe
from tests.e2e.people import WHOLE, natural_widths, sign_in
from tests.e2e.studio import Studio
from tests.media import naughty
from tests.services.imports.test_working import picture


def holiday(folder: Path) -> Path:
    """A ZIP of three pictures with their prompts, the same one twice, and one that is no picture."""
    path, wide = folder / "holiday by the sea with a very long name.zip", naughty.png(640, 360)
    files = {f"sd/{n}.png": picture(40 * n, f"A harbour, study {n}", side=512) for n in range(3)}
    files |= {"sd/again.png": files["sd/0.png"], "sea_from_the_hill.png": wide, "moving.gif": b"GIF89a"}
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())
    return path


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_zip_is_brought_in_and_told_of(
    script: bool, studio: Studio, page: Page, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    sign_in(page, studio)
    browser = page if script else open_page(java_script_enabled=False)
    if not script:
        browser.context.add_cookies(page.context.cookies())
    browser.goto(f"{studio.url}/imports/new/")
    assert not script or axe(browser) == []
    browser.get_by_label("Pictures, or one ZIP of them").set_input_files(holiday(tmp_path))
    browser.get_by_label("Or into a new one, named").fill("From the sea")

    browser.get_by_role("button", name="Bring them in").click()

    browser.wait_for_url("**/imports/*-*/")
    for _ in range(40):
        if browser.get_by_text("All of it was looked at.").is_visible():
            break
        browser.wait_for_timeout(500)
        if not script:
            browser.reload()
    expect(browser.get_by_text("4 pictures kept")).to_be_visible()
    expect(browser.get_by_text("1 was here already")).to_be_visible()
    expect(browser.get_by_text("It is a GIF.")).to_be_visible()
    if script:
        assert axe(browser) == []
        assert min(natural_widths(browser, ".import img")) > 0
        browser.set_viewport_size(PHONE)
        assert browser.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    browser.get_by_role("button", name="Choose all of them").click()
    expect(browser.get_by_text("4 selected")).to_be_visible()
    browser.goto(f"{studio.url}/gallery/?view=mine&q=harbour")
    expect(browser.locator(".tile")).to_have_count(3)


def test_strips_do_not_stretch_the_gallery(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    page.goto(f"{studio.url}/imports/new/")
    strips = [
        {"name": f"{width} by {height}.png", "mimeType": "image/png", "buffer": naughty.png(width, height)}
        for width, height in ((40, 3000), (3000, 40))
    ]
    page.get_by_label("Pictures, or one ZIP of them").set_input_files(strips)
    page.get_by_role("button", name="Bring them in").click()
    expect(page.get_by_text("2 pictures kept")).to_be_visible(timeout=WHOLE)

    page.goto(f"{studio.url}/gallery/?view=mine")

    boxes = [tile.bounding_box() for tile in page.locator(".tile").all()]
    assert [48 < box["height"] < 500 for box in boxes if box] == [True, True]
