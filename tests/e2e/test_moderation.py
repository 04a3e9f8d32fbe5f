"""The moderators' desk in a browser: fifty cases from the keyboard alone, without JavaScript, on every screen."""

import re
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.people import sign_in
from tests.e2e.studio import ROOT, Studio

MANY, FEW = 50, 15
"""Cases on the desk, and those of a sample."""

TURN = ["a", "h", "r", "a", "j"]
"""What is pressed on one case after the other; the last only goes on to the next one."""


@pytest.fixture
def desk(open_page: Callable[..., Page], studio: Studio) -> Callable[..., Page]:
    """A function that opens the desk as a moderator, with so many reported pictures that no other test has."""

    def open_desk(count: int, **options: object) -> Page:
        page = open_page(**options)
        reporter = studio.newcomer()
        command = [sys.executable, "-m", "tests.e2e.pile", reporter.email, str(count)]
        subprocess.run(command, cwd=ROOT, env=studio.env, check=True)
        sign_in(page, studio, "moderator")
        page.goto(f"{studio.url}/moderation/?tab=reports&q={reporter.name}")
        expect(page.locator(".case__prompt")).to_contain_text(reporter.name)
        return page

    return open_desk


def left(page: Page) -> int:
    """How many cases are open."""
    found = re.search(r"(\d+) open", page.get_by_role("status").first.inner_text())
    return int(found[1]) if found else 0


def test_fifty_cases_are_decided_from_the_keyboard_alone(desk, whole: bool):
    many = MANY if whole else FEW
    page = desk(many)
    began, decided = time.monotonic(), 0

    for number in range(many):
        before = page.locator(".case__prompt").inner_text()
        if number % 10 == 0:
            page.keyboard.press("e")
            expect(page.locator(".veil__clear")).to_be_visible()
        key = TURN[number % len(TURN)] if number < many - 1 else "a"
        page.keyboard.press(key)
        decided += key != "j"
        if number < many - 1:
            expect(page.locator(".case__prompt")).not_to_have_text(before)
    took = time.monotonic() - began
    print(f"\n{decided} of {many} cases decided from the keyboard in {took:.1f} s, {took / many:.2f} s each")

    expect(page.get_by_role("status").first).to_contain_text(f"{many - decided} open")


def test_decision_is_undone_by_a_key_and_the_keys_are_listed(desk):
    page = desk(2)
    first = page.locator(".case__prompt").inner_text()

    page.keyboard.press("r")
    expect(page.locator(".case__prompt")).not_to_have_text(first)
    expect(page.locator(".queue__row--done")).to_contain_text("Removed by you just now")
    page.keyboard.press("u")

    expect(page.locator(".case__prompt")).to_have_text(first)
    expect(page.locator(".queue__row--done")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator(".keys__list")).to_be_visible()


def test_keys_do_nothing_while_a_note_is_written(desk):
    page = desk(1)

    page.get_by_label("Note").fill("hare")
    page.get_by_label("Note").press("r")

    expect(page.get_by_label("Note")).to_have_value("harer")
    expect(page.locator(".queue__row--done")).to_have_count(0)


def test_desk_works_without_javascript(desk):
    page = desk(2, java_script_enabled=False)
    first = page.locator(".case__prompt").inner_text()

    page.get_by_role("link", name="Show picture").click()
    expect(page.locator(".veil__clear")).to_be_visible()
    page.get_by_role("button", name="Hide from the team").click()

    expect(page.locator(".case__prompt")).not_to_have_text(first)
    expect(page.locator(".queue__row--done")).to_contain_text("Hidden from the team by you just now")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_pages_fit_the_screen_and_axe_finds_nothing_grave(desk, studio, viewport, scheme):
    page = desk(3, viewport=viewport, color_scheme=scheme)
    page.keyboard.press("h")
    expect(page.locator(".queue__row--done")).to_have_count(1)
    addresses = [page.url, f"{page.url}&select=1", f"{studio.url}/moderation/?tab=appeals"]
    addresses += [f"{studio.url}/moderation/reasons/", f"{studio.url}/moderation/?q=nothing-is-called-so"]

    found: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(address)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[address] = [*axe(page), *(["wider than the screen"] if wider > 0 else [])]

    assert found == {address: [] for address in addresses}
