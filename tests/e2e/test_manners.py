"""Small manners of the pages: recent prompts by key, news for a person who looks elsewhere, the viewer's Escape."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import PHONE, Watch, touch
from tests.e2e.people import WHOLE, draw, sign_in
from tests.e2e.studio import Studio

LOOKS_ELSEWHERE = "document.hasFocus = () => false"
NOTIFICATIONS_ALLOWED = """
window.told = []
window.Notification = class {
    static permission = "granted"
    constructor(title, options) { window.told.push(`${title} ${options.body}`) }
}"""


def test_create_alt_arrows_walk_the_recent_prompts_and_come_back(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    draw(page, "The older of two prompts")
    draw(page, "The newer of two prompts")
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("Half a thought")

    walked = []
    for key in ("Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowDown", "Alt+ArrowDown", "Alt+ArrowDown"):
        prompt.press(key)
        walked.append(prompt.input_value())

    newer, older = "The newer of two prompts", "The older of two prompts"
    assert walked == [newer, older, newer, "Half a thought", "Half a thought"]


def test_create_enter_while_an_input_method_composes_sends_nothing(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("まだ書いている")
    cards = page.locator(".run").count()

    prompt.evaluate(
        """box => box.dispatchEvent(new KeyboardEvent("keydown",
        {key: "Enter", ctrlKey: true, isComposing: true, bubbles: true, cancelable: true}))"""
    )
    page.wait_for_timeout(500)

    assert page.locator(".run").count() == cards
    expect(prompt).to_have_value("まだ書いている")


def test_create_too_long_a_prompt_is_not_cut_but_said(studio: Studio, page: Page, watch: Watch) -> None:
    watch.forgive("status of 422")
    sign_in(page, studio)
    prompt = page.get_by_label("Prompt", exact=True)

    prompt.fill("a lake " * 1000)
    prompt.press("Control+Enter")

    expect(page.get_by_text("A prompt has at most 4,000 characters; this one has ")).to_be_visible()
    expect(prompt).to_have_value(re.compile("^(a lake ){999}a lake ?$"))


def test_create_without_a_prompt_leads_back_to_its_box(studio: Studio, page: Page, watch: Watch) -> None:
    watch.forgive("status of 422")
    sign_in(page, studio)

    page.get_by_role("button", name="Generate").click()

    expect(page.get_by_text("Write what you want to see.")).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()


def test_create_each_tab_keeps_its_own_draft(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    page.get_by_label("Prompt", exact=True).fill("Typed in the first")
    other = page.context.new_page()
    other.goto(studio.url)
    other.get_by_label("Prompt", exact=True).fill("Typed in the second")

    page.reload()

    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Typed in the first")


def test_notices_are_reached_without_a_script(
    studio: Studio, page: Page, open_page: Callable[..., Page]
) -> None:
    sign_in(page, studio)
    plain = open_page(java_script_enabled=False)
    plain.context.add_cookies(page.context.cookies())
    plain.goto(studio.url)

    plain.get_by_role("link", name="Notices").click()

    expect(plain).to_have_url(f"{studio.url}/notices/")


def test_form_of_a_session_that_ended_is_filled_again_after_signing_in(studio: Studio, page: Page) -> None:
    person = sign_in(page, studio)
    page.goto(f"{studio.url}/library/new/")
    page.get_by_label("Title").fill("A lake")
    page.get_by_label("Prompt", exact=True).fill("A lake of {colour}")
    page.get_by_label("The team sees it").check()

    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill("not the one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_label("Title")).to_have_value("A lake")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A lake of {colour}")
    expect(page.get_by_label("The team sees it")).to_be_checked()
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("")


def test_create_title_and_notification_tell_of_success_and_failure(studio: Studio, page: Page) -> None:
    page.add_init_script(LOOKS_ELSEWHERE)
    page.add_init_script(NOTIFICATIONS_ALLOWED)
    sign_in(page, studio)

    draw(page, "A picture nobody waits for")
    expect(page).to_have_title(re.compile("^✓ Ready – Create"), timeout=WHOLE)
    page.get_by_label("Prompt", exact=True).fill("Something forbidden [refuse]")
    page.get_by_role("button", name="Generate").click()
    expect(page).to_have_title(re.compile("^! Trouble – Create"), timeout=WHOLE)

    ready, trouble = page.evaluate("window.told")
    assert ready == "Your picture is ready. A picture nobody waits for"
    assert trouble.startswith("The relay's safety system refused this prompt.")


def test_create_title_is_plain_again_once_the_person_looks(studio: Studio, page: Page) -> None:
    page.add_init_script(LOOKS_ELSEWHERE)
    sign_in(page, studio)
    draw(page, "A picture that is looked at later")
    expect(page).to_have_title(re.compile("^✓ Ready"), timeout=WHOLE)

    page.evaluate("document.hasFocus = () => true; window.dispatchEvent(new Event('focus'))")

    expect(page).to_have_title(re.compile("^Create"))


def test_menu_switch_turns_notifications_off_and_on(studio: Studio, page: Page) -> None:
    page.add_init_script(
        NOTIFICATIONS_ALLOWED.replace("static", "static async requestPermission() {}; static", 1)
    )
    sign_in(page, studio)
    page.get_by_role("button", name="your account").click()
    switch = page.get_by_role("switch", name="Notify me")
    expect(switch).to_be_checked()

    switch.click()
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()


def test_viewer_escape_leaves_the_full_size_first(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    draw(page, "A picture to look at closely")
    page.locator(".run").first.locator(".frame__link").click()
    page.locator("[data-zoom]").click()
    expect(page.locator(".viewer__stage--full")).to_have_count(1)

    page.keyboard.press("Escape")
    expect(page.locator(".viewer__stage--full")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.press("Escape")

    expect(page.locator("dialog[open]")).to_have_count(0)


def test_viewer_swipe_walks_and_a_tremble_does_not(studio: Studio, open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    sign_in(page, studio)
    draw(page, "Two to swipe between", n=2)
    page.locator(".run").first.locator(".frame__link").first.click()
    picture = page.locator("[data-zoom] img").last
    expect(picture).to_be_visible()
    first = page.url

    touch(page, [(200, 200)], [(210, 200)], [(220, 200)])
    page.wait_for_timeout(300)
    assert page.url == first
    touch(page, [(300, 200)], [(220, 202)], [(120, 204)])
    expect(page).not_to_have_url(first)
    page.wait_for_load_state("networkidle")
    touch(page, [(80, 200)], [(160, 202)], [(260, 204)])

    expect(page).to_have_url(first)
