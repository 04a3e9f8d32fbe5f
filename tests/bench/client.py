"""One client process of the bench: people at their browsers, a script with the official SDK, or an Open WebUI's caller.

Run as `python -m tests.bench.client JSON`; it prints one line of JSON. It knows the studio by its pages alone: it signs
in by the form, sends the composer as it stands, polls as the page says and fetches each original the page names.
"""

import base64
import html
import http.client
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

from openai import OpenAI

HTMX = {"HX-Request": "true"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIVE = re.compile(r'id="live" hidden hx-get="([^"]+)"')
WATCH = re.compile(r'name="c" value="([^"]+)"')
CARD = re.compile(r'id="generation-([0-9a-f-]{36})"')
ORIGINAL = re.compile(r"/media/[0-9a-f-]{36}/(?=[\"?])")
CLOCK = re.compile(r'<ticking-clock data-elapsed="(\d+)" data-usual="(\d+)" data-late="(\d+)"')
SOON, FEW = 0.25, 4
SUBMISSION = re.compile(r'name="submission_id" value="([0-9a-f-]{36})"')


class Browser:
    """One connection and its cookies."""

    def __init__(self, url: str, cookies: dict[str, str] | None = None) -> None:
        self.line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self.cookies = dict(cookies or {})
        self.requests = 0

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.line.request(method, path, body, {"Cookie": cookie, **(headers or {})})
            answer = self.line.getresponse()
            content = answer.read()
        except Exception:
            self.line.close()  # else one that came too late would fail all that follow
            raise
        self.requests += 1
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, content

    def page(self, path: str) -> str:
        status, content = self.ask("GET", path)
        assert status == 200, f"GET {path}: {status}"
        return content.decode()

    def post(self, path: str, fields: dict[str, str], **headers: str) -> tuple[int, bytes]:
        token = {"X-CSRFToken": fields["csrfmiddlewaretoken"]}
        return self.ask("POST", path, urlencode(fields), FORM | token | headers)


class Form(HTMLParser):
    """Reads a form's fields as a browser would send them."""

    def __init__(self, page: str, chosen: str) -> None:
        super().__init__()
        self.chosen, self.inside, self.fields = chosen, False, {}
        self.select, self.area = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self.inside = not self.chosen or a.get("id") == self.chosen
        if not self.inside:
            return
        name, value = a.get("name") or "", a.get("value") or ""
        if tag == "input" and name and (a.get("type") not in ("radio", "checkbox") or "checked" in a):
            self.fields[name] = value
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in a or self.select not in self.fields):
            self.fields[self.select] = value
        elif tag == "textarea":
            self.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.select = "" if tag == "select" else self.select


class Person(threading.Thread):
    """Keeps `at_once` generations running until `each` are done, over one page that polls every `beat` seconds."""

    def __init__(self, task: dict[str, Any], cookies: dict[str, str], number: int) -> None:
        super().__init__()
        self.task, self.number = task, number
        self.browser = Browser(task["url"], cookies)
        page = self.browser.page(f"/?model={task['model']}")
        self.fields = Form(page, "composer").fields
        self.live = html.unescape(LIVE.findall(page)[0])
        self.open: dict[str, tuple[float, set[str]]] = {}
        self.watches: dict[str, str] = {}
        self.clocks: dict[str, tuple[float, int, int]] = {}
        self.times: list[float] = []
        self.failed = self.unchanged = self.changed = 0
        self.browser.requests = 0

    def run(self) -> None:
        left, beat = self.task["each"], self.task["beat"]
        due = time.monotonic() + beat
        while left or self.open:
            while left and len(self.open) < self.task["at_once"]:
                left -= 1
                self.submit(left)
            time.sleep(max(0, due - time.monotonic()))
            if self.watches:
                self.look()
            due = max(due + min(beat, SOON if self.expects() else beat), time.monotonic())

    def submit(self, left: int) -> None:
        words = f"{self.task['words']} {self.number} {left}"
        started = time.monotonic()
        fields = self.fields | {"prompt": words, "n": str(self.task["n"])}
        status, content = self.browser.post("/generations/", fields, **HTMX)
        text = content.decode()
        if status != 200:
            self.failed += 1
            return
        self.fields["submission_id"] = SUBMISSION.findall(text)[-1]
        self.open[CARD.findall(text)[0]] = (started, set())
        self.read(text)

    def expects(self) -> bool:
        """Say whether one of a few cards may be finished at any moment, as live.js does."""
        now = time.monotonic()
        return len(self.watches) <= FEW and any(
            usual / 2 < now - sent <= late for sent, usual, late in self.clocks.values()
        )

    def look(self) -> None:
        """Ask for all live cards at once, as the page does."""
        query = "".join(f"&c={watch}" for watch in self.watches.values())
        status, content = self.browser.ask("GET", self.live + query, headers=HTMX)
        self.unchanged += status == 204
        self.changed += status == 200
        self.read(content.decode())

    def read(self, text: str) -> None:
        for article in text.split("<article ")[1:]:
            [card] = CARD.findall(article)[:1]
            watch = WATCH.findall(article)
            self.watches.pop(card, None)
            self.watches |= {card: watch[0]} if watch else {}
            self.clocks.pop(card, None)
            for elapsed, usual, late in CLOCK.findall(article) if watch else ():
                self.clocks[card] = time.monotonic() - int(elapsed), int(usual), int(late)
            if card in self.open:
                self.fetch(card, article)

    def fetch(self, card: str, article: str) -> None:
        """Fetch the originals that are new on the card."""
        started, got = self.open[card]
        for address in dict.fromkeys(ORIGINAL.findall(article)):
            if address not in got:
                status, content = self.browser.ask("GET", address)
                got |= {address} if status == 200 and len(content) > 1_000_000 else set()
        if len(got) == self.task["n"]:
            self.times.append(time.monotonic() - started)
            del self.open[card]
        elif card not in self.watches:
            self.failed += 1
            del self.open[card]


class Script(threading.Thread):
    """Asks for `each` answers one after the other; `ask` returns the pictures of one."""

    def __init__(self, task: dict[str, Any], number: int) -> None:
        super().__init__()
        self.task, self.number, self.times, self.failed = task, number, [], 0
        self.ask: Callable[[str], Iterator[bytes]] = {"sdk": self.sdk, "rival": self.rival}[task["who"]]()

    def run(self) -> None:
        for turn in range(self.task["each"]):
            started = time.monotonic()
            try:
                pictures = list(self.ask(f"{self.task['words']} {self.number} {turn}"))
            except Exception as error:
                print(error, file=sys.stderr)
                pictures = []
            if len(pictures) == self.task["n"] and min(map(len, pictures)) > 1_000_000:
                self.times.append(time.monotonic() - started)
            else:
                self.failed += 1

    def sdk(self) -> Callable[[str], Iterator[bytes]]:
        client = OpenAI(base_url=self.task["relay"], api_key="bench-key-0123", max_retries=0)

        def ask(prompt: str) -> Iterator[bytes]:
            answer = client.images.generate(model="gpt-image-bench", prompt=prompt, n=self.task["n"])
            yield from (base64.b64decode(image.b64_json or "") for image in answer.data or [])

        return ask

    def rival(self) -> Callable[[str], Iterator[bytes]]:
        """Open WebUI's own calls: it draws within the request and answers with addresses of files."""
        browser, keys = Browser(self.task["rival"]), self.task["rival_keys"]
        headers = {"Authorization": f"Bearer {keys[self.number // self.task['at_once']]}"}

        def fetch(method: str, path: str, body: str | None = None) -> bytes:
            status, content = browser.ask(method, path, body, headers | {"Content-Type": "application/json"})
            if status != 200:
                raise RuntimeError(f"{method} {path}: {status}: {content[:200]!r}")
            return content

        def ask(prompt: str) -> Iterator[bytes]:
            asked = json.dumps({"prompt": prompt, "n": self.task["n"]})
            for image in json.loads(fetch("POST", "/api/v1/images/generations", asked)):
                yield fetch("GET", urlsplit(image["url"]).path)

        return ask


def sign_in(task: dict[str, Any]) -> dict[str, Any]:
    """Return the cookies of each person."""
    found = []
    for email in task["people"]:
        browser = Browser(task["url"])
        fields = Form(browser.page("/login/"), "").fields
        status, _ = browser.post("/login/", fields | {"login": email, "password": task["password"]})
        assert status == 302, f"{email} could not sign in: {status}"
        found.append(browser.cookies)
    return {"cookies": found}


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Let all start at once; return what they saw. Making them ready is not part of the time."""
    studio = task["who"] == "studio"
    crowd: list[Any] = [
        Person(task, task["cookies"][i], task["first"] + i) if studio else Script(task, task["first"] + i)
        for i in range(task["threads"])
    ]
    started, cpu = time.monotonic(), time.process_time()
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    said = {
        name: sum(getattr(each, name, 0) for each in crowd) for name in ("failed", "unchanged", "changed")
    }
    said["requests"] = sum(each.browser.requests for each in crowd) if studio else 0
    return said | {
        "times": [seconds for each in crowd for seconds in each.times],
        "seconds": time.monotonic() - started,
        "cpu": time.process_time() - cpu,
    }


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    print(json.dumps(sign_in(asked) if asked["who"] == "door" else run(asked)))
