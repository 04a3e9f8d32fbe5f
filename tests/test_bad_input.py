"""Whatever is sent to whatever address by whomever, the studio answers: never with a 5xx, never with an exception.

`make fuzz` tries 10,000 inputs from a new seed, `make test` 300 from one; how they were answered is printed.
Routes, actors and rows come from tests/test_urls.py, so that a new address is tried from its first day.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from studio.db import release_connection
from studio.models import WorkerProcess
from tests.hostile_text import TEXTS
from tests.routes import HTMX, METHODS, Actor, Cast, address_of, body_of, browser_of, undone
from tests.test_urls import RULES, cast, session_of

__all__ = ["cast"]

NAMES = re.compile(r'\bname="([a-z_]{2,30})"')
NUMBERS = ["-1", "0", "1e9", "999999999999999999999", "NaN", "Infinity", "0x10", "１２", "1.5", "00", "²"]
ODD = [
    "",
    " ",
    "\0",
    "null",
    "on",
    "[]",
    "{}",
    "None",
    "true",
    str(uuid4()),
    "2026-02-30",
    "9999-12-31T23:59:59Z",
    "%",
    "\ud800",
]
AWAY = ("relays.test", "relays.sync", "links.attempt", "relays.new", "relays.detail")
"""What asks the network, which is not here; asked once in a while."""


class Input(NamedTuple):
    """One request, and all that is needed to send it again."""

    route: str
    actor: Actor
    method: str
    path: str
    body: bytes
    kind: str
    htmx: bool

    def __str__(self) -> str:
        how = f"[{self.kind}]{' by htmx' * self.htmx}"
        return f"{self.actor}: {self.method} {self.path} {how} {self.body[:300]!r} ({self.route})"


@pytest.fixture
def names(as_alice, as_bob, model) -> list[str]:
    """Names of fields that the studio's forms have, and a few that it never had."""
    pages = [
        as_bob.get("/"),
        as_bob.get("/gallery/"),
        as_bob.get("/prompts/"),
        as_alice.get("/administration/relays/new/"),
    ]
    found = {name for page in pages for name in NAMES.findall(page.text)}
    return sorted(
        found | {"id", "pk", "next", "page", "before", "after", "c", "q", "csrfmiddlewaretoken", "__proto__"}
    )


def inputs(
    count: int, chance: random.Random, cast: Cast, rows: dict[str, Any], names: list[str]
) -> Iterator[Input]:
    """Yield `count` requests; most are near to what is expected, and wrong in one or two places."""
    routes = [name for name in RULES if name not in AWAY or chance.random() < 0.2]
    for _ in range(count):
        name = chance.choice(routes)
        rule, everybody = RULES[name], list(Actor)
        inside = [
            actor for actor in everybody if rule.who.lets_in(actor) and rule.who.may_have(actor, shared=True)
        ]
        actor = chance.choice(inside if chance.random() < 0.8 else everybody)
        method = chance.choice([*rule.tells] if chance.random() < 0.9 else METHODS)
        path = _bent(address_of(name, rule, rows[name], cast.people.get(actor)), chance)
        if chance.random() < 0.5:
            path += "?" + urlencode(_pairs(chance, names), errors="surrogatepass")
        kind, body = _body(rule.sends(cast), chance, names)
        yield Input(name, actor, method, path, body, kind, chance.random() < 0.5)


def _value(chance: random.Random) -> str:
    kinds = [TEXTS, TEXTS, NUMBERS, ODD]
    return chance.choice(chance.choice(kinds))


def _pairs(chance: random.Random, names: list[str]) -> list[tuple[str, str]]:
    return [(chance.choice(names), _value(chance)) for _ in range(chance.randint(1, 4))]


def _bent(path: str, chance: random.Random) -> str:
    """Leave the path as it is, most of the time; else put something else for one of its parts."""
    if chance.random() < 0.9:
        return path
    parts = path.split("/")
    parts[chance.randrange(1, len(parts))] = quote(_value(chance)[:200], errors="surrogatepass")
    return "/".join(parts)


def _body(sends: dict[str, Any], chance: random.Random, names: list[str]) -> tuple[str, bytes]:
    """Return a content type and a body: what the rule sends with some of it changed, or rubbish."""
    pairs = [(name, str(value)) for name, value in sends.items()]
    pairs = [(name, _value(chance)) if chance.random() < 0.3 else (name, value) for name, value in pairs]
    pairs += _pairs(chance, names) if chance.random() < 0.6 else []
    chance.shuffle(pairs)
    match chance.randrange(10):
        case 0:
            return "application/json", json.dumps(dict(pairs)).encode("utf-8", "replace")
        case 1:
            return "multipart/form-data; boundary=b", chance.randbytes(chance.randint(0, 200))
        case 2:
            return "application/x-www-form-urlencoded", chance.randbytes(chance.randint(0, 400))
        case _:
            return "application/x-www-form-urlencoded", urlencode(pairs, errors="surrogatepass").encode()


def test_bad_input_of_every_actor_at_every_address_is_answered(cast, names, cases, seed, capsys):
    WorkerProcess.objects.create(
        name="here:1", seen_at=timezone.now() + timedelta(hours=1)
    )  # else it is not ready
    rows = {name: rule.of(cast, True) if rule.of else None for name, rule in RULES.items()}
    sessions = {actor: session_of(actor, cast) for actor in Actor}
    ends: Counter[int] = Counter()
    broken: list[str] = []

    for each in inputs(cases, random.Random(seed), cast, rows, names):
        with undone():
            try:
                status = _send(each, sessions[each.actor])
            except Exception as error:
                broken.append(f"{type(error).__name__}: {str(error)[:200]}: {each}")
                continue
        ends[status] += 1
        if status >= 500:
            broken.append(f"{status}: {each}")
    release_connection()

    with capsys.disabled():
        where = f"{len(RULES)} addresses by {len(Actor)} actors"
        print(f"\n{cases} bad inputs at {where}, seed {seed}: {dict(ends.most_common())}")
    assert broken == []


def _send(each: Input, session: str) -> int:
    client: Client = browser_of(session)
    body = {"data": each.body, "content_type": each.kind} if each.method != "GET" else {}
    response = getattr(client, each.method.lower())(each.path, headers=HTMX if each.htmx else {}, **body)
    body_of(response)
    return response.status_code
