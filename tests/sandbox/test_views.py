"""What both dialects share: keys, links and their death, the ledger, the folder."""

import json
import os
import time
from base64 import b64decode
from hashlib import sha256

import pytest
from django.urls import reverse

from studio.sandbox import ledger, store


def test_generations_unknown_dialect_is_404(client) -> None:
    assert client.post(reverse("sandbox:generations", args=["nobody"])).status_code == 404


def test_generations_get_is_405(client) -> None:
    assert client.get(reverse("sandbox:generations", args=["openai"])).status_code == 405


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer ", "Bearer wrong"])
def test_generations_without_the_key_is_401(client, header) -> None:
    headers = {"Authorization": header} if header else {}

    response = client.post(
        reverse("sandbox:generations", args=["routeway"]), b"{}", "application/json", headers=headers
    )

    assert response.status_code == 401


def test_generations_empty_key_in_the_settings_opens_nothing(ask, settings) -> None:
    settings.SANDBOX_KEY = ""

    assert ask("routeway", key="").status == 401


def test_generations_huge_body_is_413(ask, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    assert ask("routeway", prompt="x" * 2000).status == 413


def test_result_link_answers_the_picture(ask, client) -> None:
    url = ask("routeway").json["data"][0]["url"]

    response = client.get(url)

    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert response.getvalue()[:4] == b"\x89PNG"


def test_result_link_dies(ask, client, settings) -> None:
    settings.SANDBOX_URL_LIFETIME = 0.05
    url = ask("routeway").json["data"][0]["url"]
    time.sleep(0.06)

    assert client.get(url).status_code == 403


def test_result_forged_link_is_403(ask, client) -> None:
    url = ask("routeway").json["data"][0]["url"]

    assert client.get(url.replace(".png", "x.png")).status_code == 403


def test_result_removed_picture_is_404(ask, client, sandbox) -> None:
    url = ask("routeway").json["data"][0]["url"]
    for path in (sandbox / "pictures").iterdir():
        path.unlink()

    assert client.get(url).status_code == 404


def test_sweep_removes_what_no_link_reaches(sandbox, settings) -> None:
    old, new = store.keep(b"old"), store.keep(b"new")
    long_ago = time.time() - settings.SANDBOX_URL_LIFETIME - 120
    os.utime(old.path, (long_ago, long_ago))

    store.sweep()

    assert [path.name for path in (sandbox / "pictures").iterdir()] == [new.path.name]


def test_ledger_line_says_what_was_asked_and_sent(ask) -> None:
    made = ask("routeway", n=2, response_format="b64_json")

    (line,) = ledger.read()
    sent = [sha256(b64decode(row["b64_json"])).hexdigest() for row in made.json["data"]]
    assert (line["dialect"], line["model"], line["n"], line["pictures"]) == (
        "routeway",
        "sandbox-sketch:free",
        2,
        sent,
    )


def test_ledger_body_hash_is_of_the_bytes(ask) -> None:
    raw = json.dumps({"model": "sandbox-flux", "prompt": "[empty]"}).encode()

    ask("routeway", raw=raw)

    assert [line["body"] for line in ledger.read()] == [sha256(raw).hexdigest()]


def test_ledger_line_carries_the_trace_id(ask) -> None:
    made = ask("openai", prompt="[500]")

    assert [line["id"] for line in ledger.read()] == [made.headers["x-request-id"]]


def test_ledger_refused_body_is_not_in_it(ask) -> None:
    ask("routeway", colour="red")

    assert ledger.read() == []


def test_generations_odd_characters_are_painted(ask) -> None:
    raw = b'{"model": "sandbox-sketch:free", "size": "512x512", "prompt": "a lake \\ud800 \\u0000 \\u6e56"}'

    assert ask("routeway", raw=raw).status == 200
