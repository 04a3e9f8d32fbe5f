"""What open pages cost while their cards wait for pictures, and how soon a picture that is stored is seen."""

import html
import statistics
import threading
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright

from studio.models import Generation, Image, ImageModel, State, User
from studio.services import budgets
from tests.bench import measures
from tests.bench.client import HTMX, LIVE, WATCH, Browser
from tests.e2e.browser import find, flags
from tests.e2e.studio import Studio

BEAT = 0.8
"""Seconds between two questions of one page, as in live.js."""

SEEN = """text => new Promise(done => {
  const look = () => {
    const run = [...document.querySelectorAll(".run")].find(each => each.querySelector("h2").textContent === text)
    const pictures = [...(run?.querySelectorAll(".frame__link img") ?? [])]
    pictures.some(each => each.complete && each.naturalWidth) ? done(Date.now()) : requestAnimationFrame(look)
  }
  look()
})"""
"""Resolves with the time at which the first picture of this prompt stands on the page."""


class Open(threading.Thread):
    """One page that is open and asks for all its live cards, as live.js does."""

    def __init__(self, one: Studio, cookies: dict[str, str], start: float, seconds: float) -> None:
        super().__init__()
        self.browser = Browser(one.url, cookies)
        page = self.browser.page("/")
        self.address = html.unescape(LIVE.findall(page)[0])
        self.watches = WATCH.findall(page)
        self.start_at, self.seconds = start, seconds
        self.answers: dict[int, int] = {}
        self.times: list[float] = []

    def run(self) -> None:
        began = time.monotonic() + self.start_at
        due = began
        while due < began + self.seconds:
            time.sleep(max(0, due - time.monotonic()))
            self.ask()
            due += BEAT

    def ask(self) -> None:
        query = "".join(f"&c={watch}" for watch in self.watches)
        began = time.perf_counter()
        status, content = self.browser.ask("GET", self.address + query, headers=HTMX)
        self.times.append((time.perf_counter() - began) * 1000)
        self.answers[status] = self.answers.get(status, 0) + 1
        if status == 200:
            self.watches = WATCH.findall(content.decode()) or self.watches


def watch(
    one: Studio, model: ImageModel, cookies_of: Any, *, pages: int, cards: int, seconds: float
) -> dict[str, Any]:
    """Let `cards` active cards stand open on so many pages; return what asking for them costs."""
    people = [User.objects.create_user(f"{pages}-{i}@studio.example", name=f"Page {i}") for i in range(pages)]
    for person in people:
        budgets.allowance(person=person)
        for number in range(cards // pages):
            measures.submit(person, model, f"open {pages} {person.name} {number}", 1)
    rows = Generation.objects.filter(owner__in=people)
    while rows.filter(state=State.SENT).count() < cards:
        time.sleep(0.1)
    crowd = [
        Open(one, cookies_of(person), BEAT * number / pages, seconds) for number, person in enumerate(people)
    ]
    watched = sum(len(each.watches) for each in crowd)
    before, began = measures.cpu_seconds(one), time.monotonic()
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    took = time.monotonic() - began
    after = measures.cpu_seconds(one)
    times = sorted(ms for each in crowd for ms in each.times)
    answers = {code: sum(each.answers.get(code, 0) for each in crowd) for code in (200, 204)}
    return {
        "cards": watched,
        "pages": pages,
        "still_active": rows.active().count(),
        "requests_per_second": round(len(times) / took, 1),
        "unchanged": answers[204],
        "sent_anew": answers[200],
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "core_percent": {name: round((after[name] - before.get(name, 0)) / took * 100, 1) for name in after},
    }


def stored_to_seen(one: Studio, email: str, runs: int) -> list[float]:
    """Return the milliseconds from each picture's row to its frame in a browser."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find(), args=flags())
        page = chromium.new_context().new_page()
        page.goto(f"{one.url}/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", "a long pass phrase for alice")
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{one.url}/")
        seen = {f"seen {number}": _seen_after(page, f"seen {number}") for number in range(runs + 2)}
        chromium.close()
    rows = Image.objects.filter(generation__prompt__text__in=seen).order_by("-saved_at")
    stored = dict(rows.values_list("generation__prompt__text", "saved_at"))
    return [seen[text] - stored[text].timestamp() * 1000 for text in list(seen)[2:]]  # the first ones warm up


def _seen_after(page: Page, text: str) -> float:
    """Ask for a picture; return when it stands on the page, in milliseconds since 1970."""
    page.fill("textarea[name=prompt]", text)
    page.keyboard.press("Control+Enter")
    return float(page.evaluate(SEEN, text))
