"""Programs against the real processes: a token from the page, then pictures over the wire."""

import base64
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from openai import BadRequestError, OpenAI
from playwright.sync_api import Page, expect

from tests.e2e.pages import axe
from tests.e2e.people import sign_in
from tests.e2e.studio import Studio

PNG = b"\x89PNG"
LAKE = {"prompt": "A mountain lake at dawn", "n": 2}


@pytest.fixture
def program(page: Page, studio: Studio) -> Iterator[httpx.Client]:
    """A client with a token that its person has made on the page For programs."""
    sign_in(page, studio)
    page.get_by_role("button", name="your account").click()
    page.get_by_role("link", name="For programs").click()
    page.get_by_label("Name").fill("Nightly script")
    page.get_by_role("button", name="Make the token").click()
    secret = page.get_by_label("Token made").locator("code").inner_text()
    expect(page.get_by_role("row", name="Nightly script")).to_contain_text("In use")
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"{studio.url}/v1/", headers=headers, timeout=120) as client:
        yield client


def test_program_draws_into_its_persons_gallery_and_its_pictures_last(
    program: httpx.Client, page: Page, studio: Studio
) -> None:
    answer = program.post("images/generations", json=LAKE)

    assert answer.status_code == 200, answer.text
    first, second = answer.json()["data"]
    assert base64.b64decode(first["b64_json"])[:4] == PNG
    assert httpx.get(second["url"]).content[:4] == PNG
    page.goto(f"{studio.url}/gallery/")
    expect(page.locator(".tile img")).to_have_count(2)
    page.goto(answer.json()["lightfast"]["page"])
    expect(page.locator("main")).to_contain_text(LAKE["prompt"])


def test_program_streams_one_event_for_each_picture(program: httpx.Client) -> None:
    with program.stream("POST", "images/generations", json=LAKE | {"stream": True}) as answer:
        text = "".join(answer.iter_text())

    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert [event["type"] for event in events] == ["image_generation.completed"] * 2
    assert base64.b64decode(events[0]["b64_json"])[:4] == PNG


def test_program_asks_for_a_task_and_waits_for_it(program: httpx.Client) -> None:
    task = program.post("images/generations?async=1", json=LAKE)

    found = program.get(f"images/generations/{task.json()['id']}?wait=55").json()

    assert task.status_code == 202
    assert (found["status"], found["progress"]) == ("completed", {"done": 2, "total": 2})
    assert len(found["data"]) == 2


def test_program_whose_line_was_cut_gets_the_same_pictures_when_its_library_tries_again(
    program: httpx.Client, studio: Studio
) -> None:
    body = json.dumps(LAKE | {"prompt": "A mountain lake at dawn [slow 3]"}).encode()
    place = urlsplit(studio.url)
    head = (
        f"POST /v1/images/generations HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Authorization: {program.headers['Authorization']}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nx-stainless-retry-count: 0\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(head.encode() + body)
        line.settimeout(1.5)
        with pytest.raises(TimeoutError):
            line.recv(1)

    again = program.post("images/generations", content=body, headers={"x-stainless-retry-count": "1"})

    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(again.json()["data"]) == 2
    month = program.get("key").json()["data"]
    assert month["usage"] == 2


def test_official_library_draws_streams_and_reads_our_errors(program: httpx.Client) -> None:
    secret = program.headers["Authorization"].removeprefix("Bearer ")
    with OpenAI(base_url=str(program.base_url), api_key=secret) as client:
        answer = client.images.generate(model="sandbox-flux", prompt="A red fox in snow", n=2)
        events = list(client.images.generate(model="sandbox-flux", prompt="A fox asleep", stream=True))
        with pytest.raises(BadRequestError) as wrong:
            client.images.generate(model="sandbox-flux", prompt="A fox", size="7x7")
        names = [row.id for row in client.models.list()]

    assert len(answer.data) == 2
    assert base64.b64decode(answer.data[0].b64_json)[:4] == PNG
    assert [event.type for event in events] == ["image_generation.completed"]
    assert wrong.value.param == "size"
    assert "sandbox-flux" in names


def test_program_of_a_revoked_token_is_shut_out(program: httpx.Client, page: Page) -> None:
    page.get_by_role("button", name="Revoke the token Nightly script").click()
    expect(page.get_by_role("row", name="Nightly script")).to_contain_text("Revoked")

    assert program.get("models").status_code == 401


def test_person_tries_a_call_on_the_page_and_sees_its_picture(
    program: httpx.Client, page: Page, studio: Studio
) -> None:
    page.goto(f"{studio.url}/account/programs/")
    page.get_by_role("link", name="Try it").click()
    assert axe(page) == []

    page.get_by_role("button", name="Send it").click()

    expect(page.locator("#trial img")).to_have_count(1, timeout=60_000)
    expect(page.locator("#trial")).to_contain_text('"status": "completed"')
    assert axe(page) == []
    page.goto(f"{studio.url}/account/programs/reference/")
    assert axe(page) == []
