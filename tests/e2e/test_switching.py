"""Changing the model in a browser: what would be posted is what the server chose, whatever stood there before."""

from playwright.sync_api import Page

from tests.e2e.people import sign_in
from tests.e2e.studio import Studio

MODELS = "[...document.querySelector('#composer [name=model]').options].map(option => option.value)"
SWITCH = """async model => {
    const form = document.querySelector("#composer")
    for (const list of form.querySelectorAll("select:not([name=model])")) list.selectedIndex = list.length - 1
    for (const tile of form.querySelectorAll("[type=radio]")) tile.checked = true
    for (const box of form.querySelectorAll("[name=n], [name=seed]")) box.value = 7
    const answered = new Promise(done => document.addEventListener("htmx:after:request",
        ({detail}) => document.addEventListener("htmx:after:swap", () => setTimeout(() => done(detail.ctx.text)),
            {once: true}), {once: true}))
    form.elements.model.value = model
    form.elements.model.dispatchEvent(new Event("change", {bubbles: true}))
    const page = new DOMParser().parseFromString(await answered, "text/html")
    const said = form => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"))
    return [said(document.querySelector("#composer")), said(page.querySelector("#composer"))]
}"""


def every_pair(names: list[str]) -> list[str]:
    """Return a walk over these names in which each follows each other one."""
    return [
        name for place, one in enumerate(names) for other in names[place + 1 :] for name in (one, other)
    ] + names[:1]


def test_switch_between_any_two_models_posts_what_the_server_chose(studio: Studio, page: Page) -> None:
    sign_in(page, studio)
    names = page.evaluate(MODELS)

    differ = []
    for model in every_pair(names):
        posted, rendered = page.evaluate(SWITCH, model)
        if posted != rendered:
            differ.append((posted, rendered))

    assert len(names) >= 10
    assert differ == []
