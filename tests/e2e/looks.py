"""Takes the pictures of the documents anew: `python -m tests.e2e.looks [NAME …]`, all of them without a name.

Each sheet has a row for each page: a desktop and a phone, light and dark, and lies in docs/images as WebP.
"""

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browser import find, flags
from tests.e2e.pages import DESKTOP, PHONE
from tests.e2e.people import sign_in_by_form
from tests.e2e.studio import ROOT, Studio
from tests.receiver import Receiver

Act = Callable[[Page], object]
PASSWORD = "look-at-the-pictures"
IMAGES = ROOT / "docs" / "images"
HEIGHT, GAP, QUALITY = 350, 6, 70
VIEWS = [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]
NEWCOMER, NOBODY, BOB = "nora", "nobody", "bob"


def nothing(page: Page) -> None:
    """Look at the page as it comes."""


def choose(model: str) -> Act:
    """Choose a model in the composer."""

    def act(page: Page) -> None:
        with page.expect_response("**/composer/"):
            page.locator("select[name=model]").select_option(label=model, force=True)
        page.wait_for_timeout(400)

    return act


def shapes(page: Page) -> None:
    choose_first(page, "Sandbox Canvas")
    page.locator(".fold__face").click()
    page.wait_for_timeout(300)


def choose_first(page: Page, begins: str) -> None:
    options = page.locator("select[name=model] option").all_inner_texts()
    choose(next(each for each in options if each.startswith(begins)))(page)


def blocked(page: Page) -> None:
    """Send a prompt that a rule blocks."""
    page.get_by_label("Prompt", exact=True).fill("A harbour in the style of a living painter")
    page.get_by_role("button", name="Generate").click()
    page.locator("#composer mark").first.wait_for()


SHEETS: dict[str, list[tuple[str, str, Act]]] = {
    "create": [("alice", "/", nothing)],
    "shapes": [("alice", "/", shapes)],
    "finding": [("alice", "/gallery/?view=team", nothing), ("alice", "/gallery/?view=team&q=light", nothing),
                ("alice", "picture", nothing), ("alice", "beside", nothing)],
    "making": [("alice", "/prompts/", nothing), ("alice", "tree", nothing), ("alice", "/library/", nothing),
               ("alice", "saved", nothing), ("alice", "grid", nothing)],
    "outside": [("alice", "collection", nothing), ("alice", "link", nothing), (NOBODY, "visit", nothing)],
    "empty": [(NEWCOMER, "/gallery/?view=mine", nothing), (NEWCOMER, "/gallery/?view=team&q=zeppelin", nothing),
              (NEWCOMER, "/prompts/?view=mine", nothing), (NEWCOMER, "/library/?view=mine", nothing),
              (NEWCOMER, "/light-table/", nothing)],
    "money": [("alice", "/comparisons/new/", nothing), ("alice", "/queue/", nothing), ("alice", "/usage/", nothing)],
    "trouble": [("alice", "/prompts/?view=mine&q=storm", nothing), ("alice", "trouble", nothing),
                ("alice", "bill", nothing)],
    "relays": [("alice", "/administration/relays/", nothing), ("alice", "relay", nothing)],
    "moderation": [("mona", "/moderation/", nothing)],
    "rules": [("alice", "/moderation/rules/", nothing), (BOB, "/", blocked), (BOB, "held", nothing)],
    "people": [("alice", "/administration/people/", nothing), ("alice", "bob", nothing)],
    "administration": [("alice", "/administration/", nothing), ("alice", "/administration/audit/", nothing),
                       ("alice", "/administration/settings/", nothing)],
    "doors": [(NOBODY, "join", nothing), ("alice", "/notices/", nothing), ("alice", "/account/two-factor/", nothing)],
    "programs": [("alice", "/account/programs/", nothing), ("alice", "/account/programs/reference/", nothing)],
    "webhooks": [("alice", "hook", nothing), ("alice", "delivery", nothing)],
    "tokens": [("alice", "/administration/tokens/", nothing), ("alice", "/administration/rescue/", nothing)],
}  # fmt: skip
FORMS = {
    "chat": "Sandbox Plate",
    "openai": "Sandbox GPT Image 2",
    "routmy": "Sandbox Canvas",
    "routeway": "Sandbox Flux",
}
"""The last one stays chosen."""


class Looks:
    """The pages of one dressed studio, by whoever looks at them."""

    def __init__(self, studio: Studio, browser: Browser, places: dict[str, str]) -> None:
        self.studio, self.browser, self.places = studio, browser, places
        self.states: dict[str, object] = {NOBODY: None}

    def state(self, who: str) -> object:
        if who not in self.states:
            page = self.browser.new_page()
            sign_in_by_form(page, self.studio, f"{who}@demo.example", PASSWORD)
            self.states[who] = page.context.storage_state()
            page.close()
        return self.states[who]

    @contextmanager
    def page(self, who: str, path: str, view: tuple) -> Iterator[Page]:
        size, scheme = view
        small = size == PHONE
        context = self.browser.new_context(
            viewport=size, color_scheme=scheme, storage_state=self.state(who), locale="en-GB",
            reduced_motion="reduce", has_touch=small, is_mobile=small,
        )  # fmt: skip
        page = context.new_page()
        page.goto(self.studio.url + self.places.get(path, path))
        page.wait_for_load_state("networkidle")
        yield page
        context.close()

    def row(self, who: str, path: str, act: Act) -> list[Image.Image]:
        made = []
        for view in VIEWS:
            with self.page(who, path, view) as page:
                act(page)
                picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            made.append(
                picture.resize((round(picture.width * HEIGHT / picture.height), HEIGHT), Image.LANCZOS)
            )
        return made

    def sheet(self, name: str) -> Path:
        rows = [self.row(*each) for each in SHEETS[name]]
        width = max(sum(each.width + GAP for each in row) for row in rows) - GAP
        whole = Image.new("RGB", (width, len(rows) * (HEIGHT + GAP) - GAP), "#8a8a8a")
        for number, row in enumerate(rows):
            left = 0
            for each in row:
                whole.paste(each, (left, number * (HEIGHT + GAP)))
                left += each.width + GAP
        whole.save(path := IMAGES / f"looks-{name}.webp", quality=QUALITY, method=6)
        return path

    def front(self) -> Iterator[Path]:
        """The two pictures of README, and the form of each dialect."""
        for name, place in (("create", "/"), ("gallery", "/gallery/?view=team")):
            with self.page("alice", place, VIEWS[0]) as page:
                picture = (
                    Image.open(io.BytesIO(page.screenshot()))
                    .convert("RGB")
                    .resize((1200, 750), Image.LANCZOS)
                )
            picture.save(path := IMAGES / f"{name}.webp", quality=QUALITY, method=6)
            yield path
        for name, model in FORMS.items():
            with self.page("alice", "/", VIEWS[0]) as page:
                choose_first(page, model)
                page.get_by_label("Prompt", exact=True).fill("A garden")
                if page.locator("label.more").count():
                    page.locator("label.more").click()
                picture = Image.open(io.BytesIO(page.locator("#composer").screenshot())).convert("RGB")
            picture.save(path := IMAGES / f"form-{name}.webp", quality=QUALITY, method=6)
            yield path


@contextmanager
def dressed() -> Iterator[tuple[Studio, dict[str, str]]]:
    """A studio with the demo's people and pictures, and everything that the pages show."""
    with tempfile.TemporaryDirectory() as folder, Receiver() as receiver:
        receiver.says(204, 500, 204, 503, 204)
        studio = Studio(Path(folder), WEBHOOK_PRIVATE_ALLOW=receiver.spot)
        studio.start()
        try:
            studio.manage("demo")
            command = [sys.executable, "-m", "tests.e2e.dressing", receiver.url]
            told = subprocess.run(command, cwd=ROOT, env=studio.env, stdout=subprocess.PIPE, check=True)
            yield studio, json.loads(told.stdout)
        finally:
            studio.stop()


def main() -> None:
    wanted = sys.argv[1:] or ["front", *SHEETS]
    with dressed() as (studio, places), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=flags())
        looks = Looks(studio, browser, places)
        for name in wanted:
            for path in looks.front() if name == "front" else [looks.sheet(name)]:
                print(path.name, f"{path.stat().st_size // 1024} KB", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
