"""The whole story of one picture, in the browsers of five people: invited, blocked, reworded, held, approved, drawn,
reported, hidden, appealed against, restored; with what each of them is told, and what the audit says of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import WHOLE, sign_in
from tests.e2e.studio import ADMINISTRATOR, Studio

PASSWORD = "a long pass phrase for ada"


ACTS = [
    *[
        "Rule added",
        "Rule added",
        "Invitation made",
        "Person joined",
        "Generation submitted",
        "Generation approved",
    ],
    *[
        "Case approved",
        "Generation done",
        "Image reported",
        "Case hidden",
        "Case appealed",
        "Case overturned",
    ],
]
"""What the audit says in the end, oldest first."""


@pytest.fixture
def studio(launch: Callable[..., Studio]) -> Studio:
    """A studio of its own: its rules and its audit are everybody's."""
    email, password = ADMINISTRATOR
    return launch(STUDIO_ADMIN_EMAIL=email, STUDIO_ADMIN_PASSWORD=password)


def notices(page: Page, studio: Studio) -> list[str]:
    page.goto(f"{studio.url}/notices/")
    return [text.removeprefix("New:").strip() for text in page.locator(".notice__head").all_inner_texts()]


def make_rule(page: Page, studio: Studio, name: str, act: str, words: str, sentence: str) -> None:
    page.goto(f"{studio.url}/moderation/rules/new/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("radio", name=act).check()
    page.get_by_label("Words and phrases").fill(words)
    page.get_by_label("What the writer reads").fill(sentence)
    page.get_by_role("button", name="Save and use").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_story_from_the_invitation_to_the_restored_picture(
    studio: Studio, open_page: Callable[..., Page], watch
):
    watch.forgive(r"the server responded with a status of (422|404)")
    alice, mona, nils, bob, ada = (open_page() for _ in range(5))
    sign_in(alice, studio, "administrator")
    sign_in(mona, studio, "moderator")
    sign_in(nils, studio, "moderator")
    sign_in(bob, studio)
    make_rule(alice, studio, "Names of clients", "Block", "Acme Zebra", "Leave the names of clients out.")
    make_rule(alice, studio, "Weapons", "Hold", "halberd", "Somebody looks at weapons first.")

    # Invited and in
    alice.goto(f"{studio.url}/administration/people/new/")
    alice.get_by_label("Only for this address").fill("ada@studio.example")
    alice.get_by_role("button", name="Make the link").click()
    ada.goto(alice.locator(".once__link").inner_text())
    ada.get_by_label("Name").fill("Ada Story")
    ada.get_by_label("Password").fill(PASSWORD)
    ada.get_by_role("button", name="Join").click()

    # Blocked, and reworded into what is held
    prompt = ada.get_by_label("Prompt", exact=True)
    ada.get_by_label("How many").fill("1")
    prompt.fill("A poster for Acme Zebra in the rain")
    expect(ada.locator("mark", has_text="Acme Zebra")).to_be_visible()
    ada.get_by_role("button", name="Generate").click()
    expect(ada.get_by_text("Leave the names of clients out.").first).to_be_visible()
    expect(prompt).to_have_value("A poster for Acme Zebra in the rain")
    prompt.fill("A knight with a halberd in the rain")
    ada.get_by_role("button", name="Generate").click()
    card = ada.locator(".run", has_text="A knight with a halberd").first
    expect(card).to_contain_text("Waiting for a moderator")
    expect(card).to_contain_text("Somebody looks at weapons first.")

    # Approved, and drawn by itself
    mona.goto(f"{studio.url}/moderation/?tab=held")
    expect(mona.locator(".case mark", has_text="halberd")).to_be_visible()
    mona.get_by_role("button", name=re.compile("^Approve")).click()
    expect(card.locator(".frame img")).to_have_count(1, timeout=WHOLE)

    # Reported, and hidden from the team
    bob.goto(f"{studio.url}/gallery/?view=team")
    bob.locator("a:has(img[alt*='halberd'])").first.click()
    expect(bob.get_by_role("link", name="Report")).to_be_visible()
    picture = bob.url
    bob.get_by_role("link", name="Report").click()
    bob.get_by_text("Something else", exact=True).click()
    bob.get_by_label("Anything moderators should know").fill("The client saw it.")
    bob.get_by_role("button", name="Send report").click()
    mona.goto(f"{studio.url}/moderation/?tab=reports")
    expect(mona.locator(".voices")).to_contain_text("The client saw it.")
    mona.get_by_label("Reason, ").fill("Not before the client has agreed.")
    mona.get_by_role("button", name=re.compile("^Hide")).click()
    expect(mona.get_by_role("button", name=re.compile("^Undo"))).to_be_visible()
    assert bob.goto(picture).status == 404
    assert ada.goto(picture).status == 200

    # Told, appealed, answered by another moderator
    assert notices(bob, studio)[0] == "Your report led to a hidden picture"
    assert notices(ada, studio)[0] == "A moderator hid your picture from the team"
    ada.locator(".notice", has_text="hid your picture").get_by_role("button").click()
    expect(ada.get_by_text("Not before the client has agreed.")).to_be_visible()
    ada.get_by_label("Why", exact=False).fill("The client has agreed since.")
    ada.get_by_role("button", name="Appeal").click()
    expect(ada.get_by_text("You have appealed.")).to_be_visible()
    mona.goto(f"{studio.url}/moderation/?tab=appeals")
    expect(mona.get_by_text("The client has agreed since.")).to_be_visible()
    expect(mona.get_by_text("You have a part in this case. Another moderator decides it.")).to_be_visible()
    nils.goto(f"{studio.url}/moderation/?tab=appeals")
    nils.get_by_role("button", name=re.compile("^Take the decision back")).click()
    expect(nils.get_by_role("status")).to_contain_text("Taken back.")
    assert bob.goto(picture).status == 200
    assert notices(ada, studio)[0] == "Your appeal was accepted"

    # And all of it is in the audit
    alice.goto(f"{studio.url}/administration/audit/")
    assert alice.locator(".entry__what strong").all_inner_texts()[len(ACTS) - 1 :: -1] == ACTS
