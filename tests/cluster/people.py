"""People and programs in front of several web machines: who gets no answer sends the same again, elsewhere."""

import http.client
import json
import random
import re
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlencode
from uuid import uuid4

from tests.bench.client import FORM, Form
from tests.cluster.machines import Machine

PATIENCE = 90.0
ANSWERED = {200, 202, 302, 303}


@dataclass
class Door:
    """What a load balancer is: any web machine that answers."""

    machines: list[Machine]
    turn: int = 0
    refused: int = 0
    unsent: list[str] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, bytes, list[str]]:
        """Return the status, the body and the cookies of one answer of the next machine; raise OSError for none."""
        self.turn += 1
        machine = self.machines[self.turn % len(self.machines)]
        line = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=30)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            return answer.status, answer.read(), answer.headers.get_all("Set-Cookie", [])
        except http.client.HTTPException as error:
            raise ConnectionError from error
        finally:
            line.close()

    def insist(self, ask: Callable[[], tuple[int, bytes, list[str]]]) -> tuple[int, bytes, list[str]]:
        """Ask until somebody answers with what was wanted, as a person who presses the button again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = ask()
                if answer[0] in ANSWERED or time.monotonic() > deadline:
                    return answer
            except OSError:
                if time.monotonic() > deadline:
                    raise
            self.refused += 1
            time.sleep(0.3)


class Browser:
    """A person who is signed in, on whichever machine."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        def once() -> tuple[int, bytes, list[str]]:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            return self.door.ask(method, path, body, {"Cookie": cookie, **(headers or {})})

        status, content, cookies = self.door.insist(once)
        for header in cookies:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return status, content

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, bytes]:
        token = {"X-CSRFToken": fields["csrfmiddlewaretoken"]}
        return self.ask("POST", path, urlencode(fields), FORM | token)

    def sign_in(self, email: str, password: str) -> None:
        fields = Form(self.ask("GET", "/login/")[1].decode(), "").fields
        status, _ = self.post("/login/", fields | {"login": email, "password": password})
        assert status == 302, f"{email} could not sign in: {status}"


def prompt(seconds: tuple[float, float]) -> str:
    """Return words like no others, which the relay draws for about so long."""
    return f"A lighthouse {uuid4()} for {random.uniform(*seconds):.1f} s"


class Person(threading.Thread):
    """Sends the composer `count` times, with a pause in between."""

    def __init__(
        self, browser: Browser, model: str, count: int, seconds: tuple[float, float], pause: float
    ) -> None:
        super().__init__(daemon=True)
        self.browser, self.model, self.count, self.seconds, self.pause = browser, model, count, seconds, pause
        self.prompts: list[str] = []

    def run(self) -> None:
        for _ in range(self.count):
            page = self.browser.ask("GET", f"/?model={self.model}")[1].decode()
            words = prompt(self.seconds)
            fields = Form(page, "composer").fields | {"prompt": words, "n": str(random.randint(1, 3))}
            status, content = self.browser.post("/generations/", fields)
            if status in ANSWERED:
                self.prompts.append(words)
            else:
                self.browser.door.unsent.append(f"{status} {content[:200]!r}")
            time.sleep(self.pause)


class Program(threading.Thread):
    """Sends `count` calls to the programs' door, each with a key by which it may be repeated.

    One that `waits` has the pictures themselves for an answer; `got` says of each prompt which these were.
    """

    def __init__(
        self,
        door: Door,
        token: str,
        model: str,
        count: int,
        seconds: tuple[float, float],
        pause: float,
        *,
        waits: bool = False,
    ) -> None:
        super().__init__(daemon=True)
        self.door, self.token, self.model, self.waits = door, token, model, waits
        self.count, self.seconds, self.pause = count, seconds, pause
        self.prompts: list[str] = []
        self.got: dict[str, list[str]] = {}

    def run(self) -> None:
        for _ in range(self.count):
            words = prompt(self.seconds)
            body = json.dumps({"model": self.model, "prompt": words, "n": 2, "async": not self.waits})
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            headers["Idempotency-Key"] = str(uuid4())
            status, content, _ = self.door.insist(
                lambda body=body, headers=headers: self.door.ask(
                    "POST", "/v1/images/generations", body, headers
                )
            )
            if status in ANSWERED:
                self.prompts.append(words)
                self.got |= {words: sums_of(content)} if self.waits else {}
            else:
                self.door.unsent.append(f"{status} {content[:200]!r}")
            time.sleep(self.pause)


def sums_of(content: bytes) -> list[str]:
    """Return the SHA-256 of each picture of an answer."""
    return sorted(sha256(b64decode(each["b64_json"])).hexdigest() for each in json.loads(content)["data"])


class Looker(threading.Thread):
    """Opens the first page again and again, and notes how long it took until one was there."""

    def __init__(self, browser: Browser, every: float = 0.25) -> None:
        super().__init__(daemon=True)
        self.browser, self.every = browser, every
        self.over = threading.Event()
        self.times: list[float] = []

    def run(self) -> None:
        while not self.over.wait(self.every):
            started = time.monotonic()
            self.browser.ask("GET", "/")
            self.times.append(time.monotonic() - started)


ORIGINAL = re.compile(r"/media/[0-9a-f-]{36}/")


def join(crowd: Iterable[threading.Thread]) -> None:
    for each in crowd:
        each.join(PATIENCE * 2)
        assert not each.is_alive(), "somebody never came to an end"
