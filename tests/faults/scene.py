"""One person, one relay that misbehaves on order, and a worker in this process; the page is read by a browser."""

import base64
import json
import random
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connections
from django.test import Client
from PIL import Image as Canvas

from studio.models import Generation, ImageModel, Relay, SlotState, User
from studio.relays import DIALECTS, open_relay
from studio.relays.network.fetch import Pace
from studio.services import generations
from studio.services.drawing import run
from studio.services.orders import Order
from studio.services.relays import edit
from tests.factories import make_user
from tests.money import check_ledger, money_of
from tests.relays.chaos import reply

Step = list[Any]
Play = list[Step]
Plays = Sequence[Play]
RESET: Step = ["reset"]
KEY = "sk-chaos-0123456789wxyz"
SIZE = "4096x4096"
PACE = Pace(whole=30.0, pause=0.01)
ASKED = {"size": SIZE, "quality": "high", "style": "vivid", "background": "opaque"}

OTHERS = {"size": "1024x1024", "quality": "low", "style": "natural", "background": "auto"}
"""What a form would choose by itself."""


@dataclass(frozen=True)
class ChaosRelay:
    """The relay's process: where it answers, and the folder of its ledger and its plays."""

    url: str
    folder: Path

    def plan(self, key: str, name: str, *plays: Play) -> None:
        """Write down what is done with the requests for `/key/…/name`, one play after the other."""
        place = self.folder / key / f"{name}.json"
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(plays))

    def ledger(self, key: str) -> list[dict[str, Any]]:
        rows = map(json.loads, (self.folder / "ledger.jsonl").read_text().splitlines())
        return [row for row in rows if row["key"] == key]


def send(data: bytes) -> Step:
    return ["send", base64.b64encode(data).decode()]


def flood(data: bytes, every: float = 0.0) -> Step:
    return ["flood", base64.b64encode(data).decode(), every]


def wait(seconds: float) -> Step:
    return ["wait", seconds]


def answer(status: int, value: Any, headers: dict[str, str] | None = None) -> Play:
    """An answer with this JSON value, or with these very bytes."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return [send(reply(status, body, headers))]


def error(status: int, headers: dict[str, str] | None = None, **said: Any) -> Play:
    """An answer with OpenAI's kind of error."""
    return answer(
        status, {"error": {"message": "No.", "type": "error", "param": None, "code": None} | said}, headers
    )


@cache
def png(seed: int = 1) -> bytes:
    """A picture of noise, so that its base64 text has every letter, padding and more than one line."""
    file = BytesIO()
    Canvas.frombytes("RGB", (65, 48), random.Random(seed).randbytes(65 * 48 * 3)).save(file, "PNG")
    return file.getvalue()


def b64(data: bytes | None = None) -> str:
    return base64.b64encode(data or png()).decode()


def drawn(*pictures: str) -> Play:
    """A good answer: base64 texts and web addresses, as they are."""
    return answer(200, {"data": [{"url" if "://" in text else "b64_json": text} for text in pictures]})


@dataclass(frozen=True)
class Scene:
    """`key` is the first step of every path, so each scene has a relay, a ledger and money of its own."""

    chaos: ChaosRelay
    key: str
    person: User
    model: ImageModel
    client: Client

    @property
    def door(self) -> str:
        """The last step of the path that draws."""
        return "completions" if self.model.dialect == "chat" else "generations"

    @property
    def relay(self) -> Relay:
        return Relay.objects.get(pk=self.model.relay_id)

    def answers(self, *plays: Play) -> None:
        self.chaos.plan(self.key, self.door, *plays)

    def picture(self, name: str, *plays: Play) -> str:
        """Let a picture's address behave like this; return the address."""
        self.chaos.plan(self.key, name, *plays)
        return f"{self.chaos.url}/{self.key}/pictures/{name}"

    def submit(self, text: str = "A lake", *, n: int = 1, **asked: Any) -> Generation:
        return generations.submit(
            person=self.person,
            submission_id=uuid4(),
            order=Order(
                model=self.model,
                text=f"{text} {uuid4()}",
                settings=asked or ASKED,
                n=n,
                shared=True,
            ),
        )

    def step(self, row: Generation) -> Generation:
        """Let a worker take the row once; return it as it stands then."""
        run.run_next(rows=Generation.objects.filter(pk=row.pk))
        return self.look(row)

    def look(self, row: Generation) -> Generation:
        return Generation.objects.select_related("model__relay", "prompt", "owner").get(pk=row.pk)

    def hurry(self, row: Generation) -> None:
        """Let the pause before the next try be over, and the links of an answer be dead."""
        row = self.look(row)
        row.not_before = None
        if row.received_at and row.slots.filter(state=SlotState.PENDING_FETCH).exists():
            row.received_at -= timedelta(hours=2)
        row.save(update_fields=["not_before", "received_at"])

    def draw(self, row: Generation) -> Generation:
        """Let workers take the row until it has ended."""
        for _ in range(9):
            if not self.step(row).is_active:
                return self.look(row)
            self.hurry(row)
        raise AssertionError(f"{row} does not end")

    def in_background(self, row: Generation) -> threading.Thread:
        """Let a worker thread take the row; return it once the request has left."""

        def work() -> None:
            run.run_next(rows=Generation.objects.filter(pk=row.pk))
            connections.close_all()

        thread = threading.Thread(target=work)
        thread.start()
        deadline = time.monotonic() + 30
        while self.look(row).sent_at is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return thread

    def drawn(self, *plays: Play, n: int = 1, **asked: Any) -> Generation:
        """Submit, draw against these answers, and return the row as it ended."""
        self.answers(*plays)
        return self.draw(self.submit(n=n, **asked))

    def page(self, row: Generation) -> str:
        response = self.client.get(f"/generations/{row.pk}/")
        assert response.status_code == 200
        return response.text

    def reads(self, row: Generation) -> str:
        """The sentence on the page as the HTML has it: in the note of an ended card, or in the state of a live one."""
        text = self.page(row)
        note = re.search(r'<div class="note__words">\s*<p>(.*?)</p>', text, re.DOTALL)
        state = re.search(
            r'<strong class="state" role="status">\s*(?:<span class="sr">)?(.*?)<', text, re.DOTALL
        )
        found = note or state
        return found[1].strip() if found else ""

    def frames(self, row: Generation) -> list[str]:
        """The words in the places of pictures that are not there."""
        return re.findall(r'<p class="frame__words">(.*?)</p>', self.page(row))

    def money(self, row: Generation) -> tuple[int, int, int]:
        """Reserved, spent and presumed of the row; months, reservations and the ledger must agree."""
        check_ledger()
        return money_of(row)

    def requests(self, name: str = "") -> int:
        """How often the relay's ledger has a request for this, or for a drawing."""
        return sum(row["name"] == (name or self.door) for row in self.chaos.ledger(self.key))


def opened(*, pace: Pace = PACE, **facts: Any) -> Any:
    """Open a relay that does not pause between its tries for a picture."""
    relay = open_relay(**facts)
    relay.pace = pace
    return relay


Make = Callable[..., Scene]


def make(chaos: ChaosRelay, dialect: str = "openai", **facts: Any) -> Scene:
    """A new relay of this dialect behind the chaos relay, with a model that takes what it can send of ASKED."""
    key = secrets.token_hex(6)
    person, client = make_user(f"Bob {key}"), Client()
    client.force_login(person)
    url = f"{chaos.url}/{key}/v1"
    relay = edit.add_relay(name=key, dialect=dialect, base_url=url, api_key=KEY, sandbox=True)
    fields = DIALECTS[dialect].fields
    accepts = {name: [OTHERS[name], value] for name, value in ASKED.items() if name in fields}
    model = edit.add_model(relay=relay, **({"model_id": "painter", "accepts": accepts} | facts))
    return Scene(chaos=chaos, key=key, person=person, model=model, client=client)


def html(sentence: str) -> str:
    """The sentence as it must stand in the page."""
    return escape(sentence)
