"""The main job, with the real processes: the first link, a prompt, four pictures, the gallery, the history."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import DESKTOP, PHONE, SCHEMES, Watch, axe
from tests.e2e.people import WHOLE, draw, natural_widths, sign_in, sign_in_by_form
from tests.e2e.studio import ADMINISTRATOR, Studio

PROMPT = "A watercolor painting of a mountain lake at dawn, low mist"


def test_main_job_first_day_draws_four_pictures_that_last(fresh_studio: Studio, page: Page, launch) -> None:
    page.goto(fresh_studio.first_link())
    page.get_by_label("Name").fill("Alice Brandt")
    page.get_by_label("Email").fill(ADMINISTRATOR[0])
    page.get_by_label("Password").fill(ADMINISTRATOR[1])
    page.get_by_role("button", name="Open the studio").click()

    draw(page, PROMPT, n=4)

    card = page.locator(".run").first
    expect(card.locator(".run__meta")).to_contain_text("1024×1024", timeout=WHOLE)
    expect(card.get_by_role("heading")).to_have_text(PROMPT)
    assert all(natural_widths(page, ".run .frame img"))

    page.get_by_role("link", name="Gallery").click()
    expect(page.locator(".tile img")).to_have_count(4)
    assert all(natural_widths(page, ".tile img"))

    page.get_by_role("link", name="Prompts").click()
    expect(page.locator("main")).to_contain_text(PROMPT)
    assert all(natural_widths(page, "main img"))

    page.goto(fresh_studio.first_link())
    expect(page.locator("main")).not_to_contain_text("Open the studio")


def test_main_job_next_day_pictures_are_still_there(
    launch: Callable[..., Studio], page: Page, tmp_path
) -> None:
    email, password = ADMINISTRATOR
    account = {"STUDIO_ADMIN_EMAIL": email, "STUDIO_ADMIN_PASSWORD": password}
    first = launch(tmp_path, SANDBOX_URL_LIFETIME="1", **account)
    sign_in_by_form(page, first, email, password)
    draw(page, PROMPT, n=2)
    page.goto("about:blank")
    first.stop()

    second = launch(tmp_path, **account)
    page.goto(f"{second.url}/gallery/")

    expect(page.locator(".tile img")).to_have_count(2)
    assert all(natural_widths(page, ".tile img"))


def test_create_without_javascript_draws_and_shows_the_picture(
    studio: Studio, open_page: Callable[..., Page]
) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, studio)
    page.get_by_label("Prompt", exact=True).fill("Calm sea under a full moon, without scripts")
    page.get_by_label("How many").fill("1")
    page.get_by_role("button", name="Generate").click()

    for _ in range(60):
        page.wait_for_timeout(500)
        page.reload()
        if page.locator(".run").first.locator(".frame img").count():
            break

    expect(page.locator(".run").first).to_contain_text("without scripts")
    expect(page.locator(".run").first.locator(".frame img")).to_have_count(1)
    page.goto(f"{studio.url}/gallery/?view=mine")
    page.locator(".tile__link").first.click()
    expect(page.locator(".viewer__prompt")).to_have_text("Calm sea under a full moon, without scripts")
    page.get_by_role("link", name="Close").click()
    expect(page).to_have_url(re.compile("/gallery/"))


def test_create_mod_enter_sends_and_double_click_makes_one(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("Desert dunes at noon, sent by key")
    page.get_by_label("How many").fill("1")

    prompt.press("Control+Enter")

    expect(page.locator(".run", has_text="sent by key")).to_have_count(1)
    expect(page.locator(".run").first.locator(".frame img")).to_have_count(1, timeout=WHOLE)

    prompt.fill("A birch in fog, clicked twice")
    page.get_by_role("button", name="Generate").dblclick()

    twice = page.locator(".run", has_text="clicked twice").first
    expect(twice.locator(".frame img")).to_have_count(1, timeout=WHOLE)
    page.reload()
    expect(page.locator(".run", has_text="clicked twice")).to_have_count(1)


def test_create_second_click_hits_nothing_that_came_under_the_pointer(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    page.get_by_label("Prompt", exact=True).fill("A dune that moves the page")
    page.get_by_label("How many").fill("1")

    page.get_by_role("button", name="Generate").click()
    expect(page.locator(".run", has_text="moves the page")).to_have_count(1)
    page.get_by_role("link", name="Compare models").hover()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)

    expect(page.locator(".run").first.locator(".frame img")).to_have_count(1, timeout=WHOLE)
    assert page.url == f"{studio.url}/"
    page.get_by_role("link", name="Compare models").click()
    expect(page).to_have_url(re.compile("/comparisons/new/"))


def test_create_draft_survives_a_reload(studio: Studio, page: Page) -> None:
    sign_in(page, studio)

    page.get_by_label("Prompt", exact=True).fill("Half a thought about")
    page.wait_for_timeout(600)
    page.reload()

    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Half a thought about")


def test_create_refused_prompt_says_so_and_offers_a_way_on(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    page.get_by_label("Prompt", exact=True).fill("Something forbidden [refuse]")
    page.get_by_role("button", name="Generate").click()

    card = page.locator(".run").first

    expect(card).to_contain_text("safety system refused this prompt", timeout=WHOLE)


def test_create_empty_prompt_is_a_sentence_and_keeps_the_form(
    studio: Studio, page: Page, watch: Watch
) -> None:
    watch.forgive("422")
    sign_in(page, studio)
    page.get_by_label("Prompt", exact=True).fill("")
    page.get_by_label("How many").fill("3")

    page.get_by_role("button", name="Generate").click()

    expect(page.locator("#composer .errorlist").first).to_be_visible()
    expect(page.get_by_label("How many")).to_have_value("3")


def test_viewer_opens_over_the_gallery_and_walks_with_keys(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    draw(page, "Two of a kind for the viewer", n=2)
    page.goto(f"{studio.url}/gallery/?view=mine")

    page.locator(".tile__link").first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog.locator(".viewer__prompt")).to_have_text("Two of a kind for the viewer")
    first = page.url
    assert re.search(r"/images/[0-9a-f-]{36}/", first)

    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(first)
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(first)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/gallery/"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_axe_finds_nothing_serious(
    studio: Studio, open_page: Callable[..., Page], viewport: dict[str, int], scheme: str
) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    page.goto(f"{studio.url}/login/")
    found = {"login": axe(page)}
    sign_in(page, studio, "administrator")
    draw(page, "A meadow of poppies", n=1)
    found["create"] = axe(page)
    for name in ("gallery", "prompts", "password"):
        page.goto(f"{studio.url}/{name}/")
        found[name] = axe(page)
    page.goto(f"{studio.url}/gallery/?view=mine")
    page.goto(f"{studio.url}{page.locator('.tile__link').first.get_attribute('href')}")
    found["viewer"] = axe(page)

    assert found == {name: [] for name in found}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
