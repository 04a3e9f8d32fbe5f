"""Every page of pictures, prompts and money, furnished and empty, on both screens and in both colours.

Each is one line below: nothing grave for axe; on a desktop nothing wider than the screen, no word cut off.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.pages import SCHEMES, VIEWPORTS, axe
from tests.e2e.studio import ROOT, Person, Studio

MEMBERS = {
    "create": "/",
    "gallery of the team": "/gallery/?view=team",
    "own gallery": "/gallery/?view=mine",
    "favourites": "/gallery/?view=favourites",
    "trash": "/gallery/?view=trash",
    "found": "/gallery/?view=team&q=lighthouse&shape=square",
    "nothing found": "/gallery/?view=team&q=nothingisthis",
    "filters": "/gallery/search/?view=team",
    "collections": "/collections/",
    "new collection": "/collections/new/",
    "import": "/imports/new/",
    "light table, empty": "/light-table/",
    "prompts": "/prompts/",
    "prompts found": "/prompts/?view=team&q=lighthouse",
    "filters of prompts": "/prompts/search/",
    "library": "/library/",
    "new saved prompt": "/library/new/",
    "library in and out": "/library/transfer/",
    "new comparison": "/comparisons/new/",
    "new grid": "/grids/new/",
    "queue": "/queue/",
    "usage": "/usage/",
    "ask for more": "/usage/more/",
    "outside links": "/outside/",
    "notices": "/notices/",
}
OFFICE = {
    "usage of all": "/administration/usage/",
    "prices": "/administration/prices/",
    "budgets": "/administration/budgets/",
    "new budget": "/administration/budgets/new/",
    "bills": "/administration/bills/",
    "presets": "/administration/presets/",
    "new preset": "/administration/presets/new/",
    "rescue": "/administration/rescue/",
    "links of all": "/administration/links/",
}
OWN = ("picture", "beside", "collection", "empty collection", "saved", "version", "prompt", "difference",
       "comparison", "grid", "link", "bill")  # fmt: skip
OUTSIDE = ("visit", "locked")

CUT = """() => [...document.querySelectorAll("main :not(input, textarea, select)")].filter(part => {
    const style = getComputedStyle(part)
    return part.clientWidth > 2 && part.scrollWidth > part.clientWidth + 1 && style.textOverflow !== "ellipsis"
        && style.webkitLineClamp === "none"
        && ["hidden", "clip"].includes(style.overflowX) && !part.querySelector("img") && part.checkVisibility()
}).map(part => `${part.tagName} ${part.className}`)"""


class Furnished:
    """A studio of its own, as what stands in it would be in the way of other tests."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.owner, self.newcomer = studio.newcomer("administrator"), studio.newcomer("administrator")
        command = [sys.executable, "-m", "tests.e2e.furniture", self.owner.email]
        told = subprocess.run(command, cwd=ROOT, env=studio.env, stdout=subprocess.PIPE, check=True)
        self.places: dict[str, str] = json.loads(told.stdout)

    def addresses(self) -> Iterator[tuple[str, str, Person | None]]:
        yield from ((name, path, self.owner) for name, path in (MEMBERS | OFFICE).items())
        yield from ((name, self.places[name], self.owner) for name in OWN)
        yield from ((name, self.places[name], None) for name in OUTSIDE)
        yield from ((f"{name}, for a newcomer", path, self.newcomer) for name, path in MEMBERS.items())


def layout(page: Page) -> list[str]:
    """What is cut off without a sign, or wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*page.evaluate(CUT), *(["wider than the screen"] if wide else [])]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    studio = Studio(tmp_path_factory.mktemp("furnished"))
    studio.start()
    try:
        yield Furnished(studio)
    finally:
        studio.stop()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_every_page_is_readable_and_whole(
    furnished: Furnished, open_page: Callable[..., Page], viewport: str, scheme: str
) -> None:
    page = open_page(viewport=VIEWPORTS[viewport], color_scheme=scheme)
    found: dict[str, Any] = {}

    for name, path, person in furnished.addresses():
        page.context.clear_cookies()
        if person:
            cookie = {"name": "sessionid", "value": person.session, "url": furnished.studio.url}
            page.context.add_cookies([cookie])
        answer = page.goto(f"{furnished.studio.url}{path}")
        wrong = [*axe(page), *(layout(page) if viewport == "desktop" else [])]
        wrong += [f"{answer.status}"] if answer and answer.status != 200 else []
        found |= {name: wrong} if wrong else {}

    assert found == {}, json.dumps(found, indent=1)
