"""The administrators' relay pages in a browser: with and without JavaScript, by keyboard, on every screen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import sign_in
from tests.e2e.studio import Studio


@pytest.fixture
def administrator(open_page: Callable[..., Page], studio: Studio) -> Callable[..., Page]:
    """A function that opens the list of relays as an administrator, with Playwright's options."""

    def open_relays(**options: object) -> Page:
        page = open_page(**options)
        sign_in(page, studio, "administrator")
        page.goto(f"{studio.url}/administration/relays/")
        expect(page.get_by_role("heading", name="Relays", level=1)).to_be_visible()
        return page

    return open_relays


def add_relay(page: Page, studio: Studio, name: str, *, key: str = "sk-not-the-right-key") -> None:
    """Add a relay of the sandbox's; a test changes only its own."""
    page.goto(f"{studio.url}/administration/relays/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Base URL").fill(f"{studio.url}/sandbox/routeway/v1")
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Add relay").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def delete_relay(page: Page, name: str) -> None:
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("status")).to_have_text(f"{name} is deleted.")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_pages_fit_the_screen_and_axe_finds_nothing_grave(administrator, studio, viewport, scheme):
    page = administrator(viewport=viewport, color_scheme=scheme)
    addresses = [page.url, f"{page.url}new/"]
    page.get_by_role("link", name="Sandbox", exact=True).click()
    addresses += [page.url, str(page.locator(".listed__name").first.get_attribute("href"))]

    found: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(address if address.startswith("http") else studio.url + address)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[address] = [*axe(page), *(["wider than the screen"] if wider > 0 else [])]

    assert found == {address: [] for address in addresses}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_relay_is_tested_read_paused_and_resumed(administrator, studio, script):
    page = administrator(java_script_enabled=script)
    name = f"Rehearsal {script}"
    add_relay(page, studio, name, key=(studio.folder / "var" / "sandbox_key").read_text())

    page.get_by_role("button", name="Test").click()
    expect(page.locator("#probe")).to_contain_text(re.compile(r"\d+ models?, \d+ draws? images"))
    page.get_by_role("button", name="Read models").click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile(r"\d+ models?, \d+ draws? images"))
    page.get_by_label("Why?").fill("A rehearsal")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator(".health")).to_have_text("Paused: A rehearsal")
    page.get_by_role("button", name="Resume").click()

    expect(page.locator(".health")).not_to_contain_text("Paused")
    delete_relay(page, name)


def test_list_is_put_in_order_by_keyboard_and_the_focus_stays(administrator):
    page = administrator()
    before = page.locator(".relay__name").all_inner_texts()
    button = page.get_by_role("button", name=f"Move {before[1]} up", exact=True)

    button.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".relay__name").first).to_have_text(before[1])
    expect(button).to_be_focused()
    page.get_by_role("button", name=f"Move {before[1]} down", exact=True).press("Enter")
    expect(page.locator(".relay__name").first).to_have_text(before[0])


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_choosing_a_dialect_fills_its_usual_address_and_keeps_what_was_typed(administrator, script):
    page = administrator(java_script_enabled=script)
    page.get_by_role("link", name="Add a relay").first.click()
    address = page.get_by_label("Base URL")
    page.get_by_label("Name").fill("Atelier")
    expect(address).to_have_value("https://api.routeway.ai/v1")

    for dialect, usual in {"openai": "https://api.openai.com/v1", "generic": ""}.items():
        page.get_by_label("Dialect", exact=True).select_option(dialect)
        if not script:
            page.get_by_role("button", name="Fill in its usual address").click()
        expect(address).to_have_value(usual)
    address.fill("https://mine.example/v1")
    page.get_by_label("Dialect", exact=True).select_option("chat")
    if not script:
        page.get_by_role("button", name="Fill in its usual address").click()
    page.wait_for_timeout(300)

    expect(address).to_have_value("https://mine.example/v1")
    expect(page.get_by_label("Name")).to_have_value("Atelier")
    expect(page.get_by_label("Dialect", exact=True)).to_have_value("chat")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_enter_in_the_form_adds_the_relay_and_fills_nothing(administrator, watch, script):
    watch.forgive(r"the server responded with a status of 4\d\d")
    page = administrator(java_script_enabled=script)
    page.get_by_role("link", name="Add a relay").first.click()

    page.get_by_label("Name").press("Enter")

    expect(page.get_by_text("Give the relay a name.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_relay_with_a_bad_key_says_why_until_it_is_deleted(administrator, studio, script):
    page = administrator(java_script_enabled=script)
    name = f"{'W' * 50} {script}"
    sentence = f"The models of {name} could not be read. The key was refused (401)."

    add_relay(page, studio, name)
    page.reload()

    expect(page.locator(".trouble")).to_contain_text(sentence)
    page.get_by_role("link", name="Create", exact=True).click()
    expect(page.locator(".banner")).to_contain_text(sentence)
    page.get_by_role("link", name=f"Look at {name}").click()
    page.get_by_role("link", name="Enter the key again").click()
    expect(page.get_by_label("Key")).to_be_in_viewport()
    delete_relay(page, name)
    expect(page.locator(".banner", has_text=name)).to_have_count(0)


@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_longest_names_without_a_space_fit_every_page(administrator, studio, viewport):
    page = administrator(viewport=viewport)
    name = f"{viewport['width']:W>60}"
    add_relay(page, studio, name)
    expect(page.locator(".trouble")).to_be_visible()
    detail = page.url.partition("#")[0]

    wide = {}
    for address in (detail, f"{detail}deletion/", f"{studio.url}/administration/relays/", studio.url):
        page.goto(address)
        wide[address] = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert {address: pixels for address, pixels in wide.items() if pixels > 0} == {}
    page.goto(detail)
    delete_relay(page, name)
