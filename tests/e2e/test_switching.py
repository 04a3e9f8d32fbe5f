"""Changing the model in a browser: what would be posted is what the server chose, whatever stood there before."""

import os
import re
from collections.abc import Iterable, Iterator

from playwright.sync_api import Page, expect

from tests.e2e.people import draw, sign_in
from tests.e2e.studio import Studio

MODELS = "[...document.querySelector('#composer [name=model]').options].map(option => option.value)"
SWITCH = """async model => {
    const form = document.querySelector("#composer")
    for (const list of form.querySelectorAll("select:not([name=model])")) list.selectedIndex = list.length - 1
    for (const tile of form.querySelectorAll("[type=radio]")) tile.checked = true
    for (const box of form.querySelectorAll("[name=n], [name=seed]")) box.value = 7
    const answered = new Promise(done => {
        const listen = ({detail}) => { // the price is asked for too: only the composer's own answer counts
            if (!detail.ctx.text?.includes('id="composer"')) return
            document.removeEventListener("htmx:after:request", listen)
            const answer = () => setTimeout(() => done(detail.ctx.text), 50)
            document.addEventListener("htmx:after:swap", answer, {once: true})
        }
        document.addEventListener("htmx:after:request", listen)
    })
    form.elements.model.value = model
    form.elements.model.dispatchEvent(new Event("change", {bubbles: true}))
    const page = new DOMParser().parseFromString(await answered, "text/html")
    const said = form => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"))
    return [said(document.querySelector("#composer")), said(page.querySelector("#composer"))]
}"""


FORM = """[...document.querySelectorAll("#composer :is(input, select, textarea)")]
    .filter(field => field.type !== "hidden" && field.name && !["model", "prompt"].includes(field.name))
    .map(field => [field.name, field.type, field.max, field.options
        ? [...field.options].map(option => option.value).join() : field.type === "radio" ? field.value : ""].join())
    .sort().join(";")"""
EVERY_PAIR = bool(os.environ.get("EVERY_PAIR"))


def every_pair(names: list[str]) -> list[str]:
    """Return a walk over these names in which each follows each other one."""
    return [
        name for place, one in enumerate(names) for other in names[place + 1 :] for name in (one, other)
    ] + names[:1]


def switch(page: Page, models: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Change to each of these models; say which, what would be posted, and what the server chose."""
    for model in models:
        yield model, *page.evaluate(SWITCH, model)


def test_switch_between_any_two_models_posts_what_the_server_chose(studio: Studio, page: Page) -> None:
    """Each model is entered and left; then each form follows each other form. EVERY_PAIR: each model each other one."""
    sign_in(page, studio)
    names = page.evaluate(MODELS)
    differ, forms = [], {}

    for model, posted, rendered in switch(page, names):
        differ += [(model, posted, rendered)] if posted != rendered else []
        forms.setdefault(page.evaluate(FORM), model)
    one_of_each = names if EVERY_PAIR else list(forms.values())
    for model, posted, rendered in switch(page, every_pair(one_of_each)):
        differ += [(model, posted, rendered)] if posted != rendered else []

    assert len(names) >= 10
    assert len(forms) >= 5
    assert differ == []


def test_generate_leaves_the_settings_as_they_were_chosen(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    page.evaluate(SWITCH, page.locator("[name=model] option", has_text="Sandbox Flux").get_attribute("value"))
    page.get_by_label("Quality").select_option("hd")
    page.get_by_title("Landscape").click()

    draw(page, "Dunes at noon, wide and fine", n=2)
    page.locator("#generate").click()
    page.get_by_role("button", name="Make it again anyway").click()

    again = page.locator(".run", has_text="wide and fine")
    expect(again).to_have_count(2)
    expect(again.first).to_contain_text(re.compile(r"Sandbox Flux, hd\s*1792×1024"))
    expect(again.first.locator(".frame")).to_have_count(2)
