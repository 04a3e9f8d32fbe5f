"""The composer in a browser: the picker, the one row, what a switch gives back, drafts, and a phone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import PHONE, axe
from tests.e2e.people import draw, sign_in
from tests.e2e.studio import Studio

LABELS = (
    "[...document.querySelectorAll('#composer [role=option] .pickable__name')].map(name => name.textContent)"
)
OVERFLOW = """(() => {
    const row = document.querySelector(".composer__settings")
    const tops = new Set([...row.querySelectorAll(":scope > *, .picker__face, .fold__face")]
        .map(part => part.getBoundingClientRect()).filter(box => box.width)
        .map(box => Math.round(box.top + box.height / 2)))
    return [row.scrollWidth - row.clientWidth, tops.size]
})()"""


def choose(page: Page, name: str) -> None:
    """Choose the first model of this name from the panel."""
    page.locator("#picker-face").click()
    chosen = page.locator(".pickable", has=page.get_by_text(name, exact=True)).first
    chosen.click()
    expect(page.locator("#picker-face .picker__name")).to_have_text(name)
    expect(chosen).to_have_attribute("aria-selected", "true")


def test_picker_is_searched_and_chosen_from_with_the_keyboard(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    face = page.locator("#picker-face")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(face).to_be_focused()

    page.keyboard.press("Enter")
    search = page.get_by_role("combobox", name="Find a model")
    expect(search).to_be_focused()
    page.keyboard.type("gpt openai 2")
    expect(page.locator(".pickable:visible")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(face).to_contain_text("Sandbox GPT Image 2")
    expect(face).to_be_focused()
    expect(page.get_by_role("dialog", name="Choose a model")).to_be_hidden()
    expect(page.locator("#shape")).to_be_attached()
    page.keyboard.press("Enter")
    expect(search).to_be_focused()
    search.fill("nobody")
    expect(page.get_by_text("No model is called that.")).to_be_visible()
    assert axe(page, within="#composer") == []
    page.keyboard.press("Escape")  # empties the search
    page.keyboard.press("Escape")
    expect(face).to_be_focused()


def test_picker_arrows_walk_without_choosing(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    choose(page, "Sandbox Flux")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/composer/" in request.url else None)

    page.locator("#picker-face").click()
    page.keyboard.press("ArrowDown")
    active = page.get_by_role("combobox", name="Find a model").get_attribute("aria-activedescendant")

    assert page.locator(f"#{active} .pickable__name").inner_text() == "Sandbox Sketch"
    assert asked == []


def test_row_never_wraps_whatever_the_model_takes(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    found = {}
    for name in dict.fromkeys(page.evaluate(LABELS)):
        choose(page, name)
        for width in (1440, 1280, 1024):
            page.set_viewport_size({"width": width, "height": 900})
            found[name, width] = page.evaluate(OVERFLOW)

    assert {case: said for case, said in found.items() if said != [0, 1]} == {}


def test_row_with_a_collection_of_a_long_name_does_not_wrap(studio: Studio, page: Page) -> None:
    name = "The final choice for the brochure of the year after next"
    sign_in(page, studio)
    page.goto(f"{studio.url}/collections/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make it").click()
    page.goto(studio.url)
    choose(page, "Sandbox GPT Image")

    page.get_by_label("Where its pictures go").select_option(label=f"Into {name}")
    found = {}
    for width in (1440, 1360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = page.evaluate(OVERFLOW)

    assert found == {width: [0, 1] for width in found}


def test_more_opens_below_and_nothing_above_it_moves(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    choose(page, "Sandbox GPT Image 2")
    more, button = page.get_by_label("More settings"), page.locator("#generate")
    before = (page.locator("label.more").bounding_box(), button.bounding_box())

    more.press("Space")

    expect(page.get_by_label("Compression")).to_be_visible()
    assert (page.locator("label.more").bounding_box(), button.bounding_box()) == before


def test_many_shapes_stand_behind_a_button_that_says_the_chosen_one(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    choose(page, "Sandbox Canvas Pro")
    face = page.locator(".fold__face")

    face.click()
    page.get_by_title("Landscape 16:9").click()
    page.get_by_title("2K").click()
    page.keyboard.press("Escape")

    expect(face).to_contain_text("16:9, 2K")
    assert (
        page.evaluate("Object.fromEntries(new FormData(document.querySelector('#composer')))")["aspect_ratio"]
        == "16:9"
    )


def test_switch_there_and_back_gives_back_what_was_set_aside(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    choose(page, "Sandbox Flux")
    page.get_by_label("More settings").check(force=True)
    page.get_by_label("Seed").fill("42")
    page.get_by_label("Quality").select_option("hd")
    page.get_by_title("Portrait").click()

    choose(page, "Sandbox Canvas")
    expect(page.locator(".composer__aside")).to_contain_text("seed 42: Sandbox Canvas takes none")
    page.reload()
    choose(page, "Sandbox Flux")

    expect(page.locator(".composer__aside")).to_contain_text(
        "Back again: size 1024×1792, quality hd, seed 42."
    )
    expect(page.get_by_label("Seed")).to_have_value("42")
    expect(page.get_by_label("Quality")).to_have_value("hd")


def test_use_prompt_over_an_unsent_draft_offers_undo(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    draw(page, "A red fox to be used again")
    prompt = page.get_by_label("Prompt", exact=True)
    undo = page.get_by_role("button", name="Undo")
    card = page.locator(".run", has_text="to be used again").first

    prompt.fill("Half a thought, never sent")
    card.get_by_role("link", name="Use prompt").click()
    expect(prompt).to_have_value("A red fox to be used again")
    expect(prompt).to_be_focused()
    undo.click()
    expect(prompt).to_have_value("Half a thought, never sent")
    expect(undo).to_be_hidden()

    page.goto(f"{studio.url}{card.get_by_role('link', name='Use prompt').get_attribute('href')}")
    expect(prompt).to_have_value("A red fox to be used again")
    expect(prompt).to_be_focused()
    undo.click()
    expect(prompt).to_have_value("Half a thought, never sent")

    prompt.fill("A red fox to be used again")
    card.get_by_role("link", name="Use prompt").click()
    expect(undo).to_be_hidden()


def test_use_prompt_of_a_private_run_makes_the_next_private(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    composer = page.locator("#composer")
    composer.locator(".seen label", has_text="Only me").click()
    draw(page, "A walled garden for one person")
    composer.locator(".seen label", has_text="Team").click()

    page.locator(".run", has_text="for one person").get_by_role("link", name="Use prompt").click()

    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A walled garden for one person")
    expect(composer.get_by_label("Only me")).to_be_checked()


def test_without_javascript_a_chip_and_the_list_of_models_keep_what_was_typed(
    studio: Studio, open_page: Callable[..., Page]
) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, studio)
    page.get_by_label("Prompt", exact=True).fill("A lighthouse")
    expect(page.locator("#picker-face")).to_be_hidden()

    page.get_by_role("button", name="oil painting").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A lighthouse, oil painting")
    models = page.locator("[name=model]")
    offered = models.locator("option", has_text="Sandbox GPT Image 2")  # its usual time may follow
    models.select_option(value=offered.get_attribute("value"))
    page.get_by_role("button", name="Show settings").click()

    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A lighthouse, oil painting")
    expect(page.get_by_role("button", name="Shape")).to_be_visible()


def test_phone_card_is_short_and_a_new_sheet_comes_into_view(
    studio: Studio, open_page: Callable[..., Page]
) -> None:
    page = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    sign_in(page, studio)
    heights = {}
    for name in dict.fromkeys(page.evaluate(LABELS)):
        choose(page, name)
        page.reload()
        if page.locator("#more").count():
            page.locator("#more").uncheck(force=True)
        heights[name] = page.locator("#composer").bounding_box()["height"]
    assert {name: height for name, height in heights.items() if height > 400} == {}

    choose(page, "Sandbox Flux")
    page.locator("#more").check(force=True)
    for label, value in (("Negative prompt", "fog"), ("Seed", "7"), ("Steps", "20"), ("Guidance", "3")):
        page.get_by_label(label).fill(value)
    choose(page, "Sandbox Poster")
    expect(page.locator(".composer__aside")).to_contain_text("Set aside")
    assert page.locator("#composer").bounding_box()["height"] <= 400
    assert axe(page, within="#composer") == []

    choose(page, "Sandbox Flux")
    page.locator("#more").uncheck(force=True)
    page.get_by_label("Prompt", exact=True).fill("Tall birches on a phone")
    page.get_by_label("How many").fill("4")
    page.locator("#generate").tap()
    sheet = page.locator(".run", has_text="Tall birches").first.locator(".sheet")

    expect(sheet).to_be_in_viewport(ratio=0.8)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
