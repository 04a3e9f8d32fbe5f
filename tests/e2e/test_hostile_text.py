"""Text that has broken programs, on every page that shows it, in a browser with the CSP on: nothing runs (T19)."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, Page, Request

from tests.e2e.studio import ADMINISTRATOR, ROOT, Studio
from tests.hostile_text import MARK

ACTORS = ("writer", "mate", "moderator", "administrator", "suspended", "anonymous")


class Guard:
    """Sees whatever a payload could do on a page: open a dialog, ask elsewhere, leave the studio, mark the window."""

    def __init__(self, page: Page, studio: Studio) -> None:
        self.page, self.studio = page, studio
        self.home = urlsplit(studio.url).netloc
        self.seen: list[str] = []
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on("popup", lambda other: self.seen.append(f"popup {other.url}"))

    def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog {dialog.message} at {self.page.url}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob") and url.netloc != self.home:
            self.seen.append(f"asked {request.url} at {self.page.url}")

    def open(self, path: str) -> None:
        """Open a page and let its scripts and its first polls act."""
        self.page.goto(self.studio.url + path, wait_until="load")
        if self.page.evaluate(f"'{MARK}' in window"):
            self.seen.append(f"marked at {path}")
        if self.page.evaluate("location.pathname + location.search") != path:
            self.seen.append(f"{path} led to {self.page.url}")


@pytest.fixture
def told(launch: Callable[..., Studio]) -> tuple[Studio, dict[str, Any]]:
    """A studio of its own, full of such text, and what to look at."""
    email, password = ADMINISTRATOR
    studio = launch(STUDIO_ADMIN_EMAIL=email, STUDIO_ADMIN_PASSWORD=password)
    command = [sys.executable, "-m", "tests.e2e.hostility"]
    answer = subprocess.run(command, cwd=ROOT, env=studio.env, stdout=subprocess.PIPE, check=True)
    return studio, json.loads(answer.stdout)


def test_t19_text_on_every_page_runs_nothing_and_asks_nobody(
    told: tuple[Studio, dict[str, Any]], open_page: Callable[..., Page], watch, whole: bool
):
    """A sample opens every second page, and those where a text is looked for."""
    studio, scene = told
    watch.forgive(r"the server responded with a status of 40[34]")  # its pictures are rows without files
    opened, seen = 0, []
    for who in ACTORS:
        page, actor = open_page(), scene["actors"][who]
        if actor["session"]:
            cookie = {"name": "sessionid", "value": actor["session"], "url": studio.url}
            page.context.add_cookies([cookie])
        guard = Guard(page, studio)
        spots = {path: text for name, path, text in scene["spots"] if name == who}
        assert set(spots) <= set(actor["pages"])
        for path in actor["pages"] if whole else sorted({*actor["pages"][::2], *spots}):
            guard.open(path)
            opened += 1
            if path in spots:
                said = flat(page.locator("body").text_content() or "")
                assert flat(spots[path]) in said, (who, path)
        seen += guard.seen

    assert seen == []
    assert opened > (50 if whole else 25)


def flat(text: str) -> str:
    return " ".join(text.split())
