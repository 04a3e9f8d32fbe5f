"""Webhooks in the browser: made, tried, looked at, sent again, switched off; with and without JavaScript."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import Watch, axe
from tests.e2e.people import sign_in
from tests.e2e.studio import Studio
from tests.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one


def told(page: Page, script: bool, words: str) -> None:
    """Wait until the newest delivery says so; without JavaScript somebody looks again."""
    row = page.get_by_role("row").nth(1)
    for _ in range(100):
        if script or words in row.inner_text():
            break
        page.wait_for_timeout(100)
        page.reload()
    expect(row).to_contain_text(words, timeout=20_000)


def test_webhook_is_made_tried_sent_again_and_switched_off(
    open_page: Callable[..., Page], launch: Callable[..., Studio], receiver: Receiver, watch: Watch
) -> None:
    watch.forgive("422")  # the empty form
    studio = launch(WEBHOOK_PRIVATE_ALLOW=receiver.spot)
    for script in (True, False):
        page = open_page(java_script_enabled=script)
        sign_in(page, studio)
        story(page, studio, receiver, script=script)


def story(page: Page, studio: Studio, receiver: Receiver, *, script: bool) -> None:
    """What one person does from their first webhook to its end."""

    def looks() -> None:
        assert not script or axe(page) == []

    before = len(receiver.messages)
    page.goto(f"{studio.url}/account/programs/webhooks/")
    looks()

    page.get_by_role("button", name="Make the webhook").click()
    expect(page.locator(".error, .errorlist").first).to_be_visible()
    looks()

    page.get_by_label("Address").fill(receiver.url)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.locator("main")).to_contain_text("whsec_")
    looks()

    receiver.says(500)
    page.get_by_role("button", name="Send a test").click()
    told(page, script, "500")
    looks()

    receiver.says(204)
    told(page, script, "Delivered")  # its second try, five seconds later
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.get_by_role("row")).to_have_count(3)
    looks()

    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("main")).to_contain_text("sent again")
    page.locator(".crumb a").click()
    told(page, script, "Delivered")

    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()
    expect(page.get_by_role("button", name="Send a test")).to_have_count(0)
    looks()

    page.wait_for_timeout(500)
    sent = receiver.messages[before:]
    assert len({message.headers["webhook-id"] for message in sent}) == 1
    assert len(sent) == 3
    assert {json.loads(message.body)["type"] for message in sent} == {"webhook.test"}
