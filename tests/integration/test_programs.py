"""The process for programs beside the real web process and worker: who waits there holds no thread."""

import asyncio
import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import httpx2
import psycopg
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from studio import VERSION
from tests.e2e.studio import ROOT, Studio
from tests.servers import free_ports

PERSON = "alice@studio.example"
PNG = b"\x89PNG"
MIB = 1 << 20


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    port = free_ports(1)[0]
    one = Studio(
        tmp_path_factory.mktemp("programs"),
        STUDIO_ADMIN_EMAIL=PERSON,
        STUDIO_ADMIN_PASSWORD="a long pass phrase for alice",
        STUDIO_SANDBOX="yes",
        STUDIO_QUEUE_PER_PERSON="1000",
        DATABASE_CONNECTIONS="2",  # whoever keeps one while nothing is to do keeps everybody waiting
        LIGHTFAST_API_PORT=str(port),
        LIGHTFAST_MCP="yes",
        LIGHTFAST_API_URL=f"http://127.0.0.1:{port}",
    )
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def secret(studio: Studio) -> str:
    command = [sys.executable, "manage.py", "create_token", "--user", PERSON, "--name", "Scripts"]
    told = subprocess.run(
        command, cwd=ROOT, env=os.environ | studio.env, capture_output=True, text=True, check=True
    )
    return told.stdout.splitlines()[-1]


@pytest.fixture
def program(studio: Studio, secret: str) -> Iterator[httpx.Client]:
    address = studio.env["LIGHTFAST_API_URL"]
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"{address}/v1/", headers=headers, timeout=120, trust_env=False) as client:
        for _ in range(200):
            try:
                client.get("models").raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield client


def call(program: httpx.Client, body: dict) -> bytes:
    """The bytes of a call, as a client sends them over a bare socket."""
    content = json.dumps(body).encode()
    head = (
        f"POST /v1/images/generations HTTP/1.1\r\nHost: {urlsplit(str(program.base_url)).netloc}\r\n"
        f"Authorization: {program.headers['Authorization']}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def line_to(program: httpx.Client) -> socket.socket:
    place = urlsplit(str(program.base_url))
    return socket.create_connection((place.hostname, place.port), timeout=30)


def test_process_for_programs_draws_streams_and_lets_more_wait_than_a_web_process(program: httpx.Client):
    body = {"model": "sandbox-flux", "prompt": "A mountain lake at dawn [slow 3]"}

    with ThreadPoolExecutor(24) as crowd:
        found = list(
            crowd.map(lambda n: program.post("images/generations", json=body | {"seed": n}), range(24))
        )
    with program.stream("POST", "images/generations", json=body | {"stream": True}) as answer:
        text = "".join(answer.iter_text())

    assert [answer.status_code for answer in found] == [200] * 24
    assert base64.b64decode(found[0].json()["data"][0]["b64_json"])[:4] == PNG
    assert all(answer.headers["X-Request-Id"] for answer in found)
    assert text.startswith(": drawing\n\n")
    assert json.loads(text.partition("data: ")[2])["type"] == "image_generation.completed"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-lightfast-nothing"}])
def test_call_by_no_token_and_by_a_wrong_one_is_401_that_is_not_tried_again(
    program: httpx.Client, headers: dict[str, str]
):
    for method, path in (("GET", "key"), ("GET", "models"), ("POST", "images/generations")):
        answer = httpx.request(method, f"{program.base_url}{path}", headers=headers, trust_env=False)
        assert (answer.status_code, answer.headers["x-should-retry"]) == (401, "false")
        assert answer.json()["error"]["code"] == "token_refused"


def test_picture_comes_from_it_whole(program: httpx.Client):
    body = {"model": "sandbox-flux", "prompt": "A fox", "response_format": "url"}
    url = program.post("images/generations", json=body).json()["data"][0]["url"]

    picture = program.get(urlsplit(url).path.removeprefix("/v1/"))

    assert picture.content[:4] == PNG
    assert len(picture.content) == int(picture.headers["Content-Length"])


def test_task_is_waited_for_and_a_failure_is_an_answer(program: httpx.Client):
    body = {"model": "sandbox-flux", "prompt": "A fox [slow 1]", "async": True}
    task = program.post("images/generations", json=body).json()

    found = program.get(f"images/generations/{task['id']}?wait=55").json()

    assert (found["status"], found["progress"]) == ("completed", {"done": 1, "total": 1})
    assert task["urls"]["get"].startswith(str(program.base_url))


@pytest.mark.parametrize("stream", [False, True])
def test_call_whose_client_left_gives_its_pictures_to_the_next_one_like_it(
    program: httpx.Client, stream: bool
):
    body = {"model": "sandbox-flux", "prompt": "A heron in reeds [slow 3]", "stream": stream}
    before = program.get("key").json()["data"]["usage"]
    with line_to(program) as line:
        line.sendall(call(program, body))
        time.sleep(1.0)
    time.sleep(0.5)

    again = program.post("images/generations", content=call(program, body).partition(b"\r\n\r\n")[2])

    assert again.headers["Idempotent-Replayed"] == "true"
    assert program.get("key").json()["data"]["usage"] == before + 1


def test_process_for_programs_has_no_pages_and_says_so_in_json(program: httpx.Client):
    for path in ("/", "/login/", "/healthz", "/v1", "/static/css/studio.css"):
        answer = httpx.get(f"http://{urlsplit(str(program.base_url)).netloc}{path}", trust_env=False)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "length", [f"Content-Length: {5 * MIB}", "Transfer-Encoding: chunked", "Content-Length: -1"]
)
def test_body_that_is_too_long_or_says_no_length_is_refused_before_it_is_read(
    length: str, program: httpx.Client
):
    with line_to(program) as line:
        line.sendall(f"POST /v1/images/generations HTTP/1.1\r\nHost: studio\r\n{length}\r\n\r\n".encode())
        answer = line.recv(65536).decode()

    assert answer.split()[1] in ("413", "400")
    assert "413" in answer or length.endswith("-1")


def ask_by_mcp(program: httpx.Client, secret: str, *calls: tuple[str, dict], **named: str) -> list:
    """Have the official client call some tools, one after the other."""

    async def ask() -> list:
        url = str(program.base_url).replace("/v1/", "/mcp")
        headers = {"Authorization": f"Bearer {secret}"} | named
        async with (
            httpx2.AsyncClient(headers=headers, timeout=120) as line,
            Client(streamable_http_client(url, http_client=line)) as client,
        ):
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert names == ["draw", "look", "find_images", "find_prompts", "list_models"]
            assert client.server_info.version == VERSION
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(ask())


def test_assistant_draws_looks_and_searches_by_the_official_client(program: httpx.Client, secret: str):
    drawn, models, wrong, nowhere = ask_by_mcp(
        program,
        secret,
        ("draw", {"prompt": "A lighthouse at dusk", "model": "sandbox-flux", "n": 2}),
        ("list_models", {}),
        ("draw", {"prompt": "A lighthouse", "model": "no-such"}),
        ("look", {"id": "the last one"}),
    )
    facts = json.loads(drawn.content[0].text)
    looked, found, prompts = ask_by_mcp(
        program,
        secret,
        ("look", {"id": facts["generation"]}),
        ("find_images", {"words": "lighthouse"}),
        ("find_prompts", {"words": "lighthouse", "whose": "mine"}),
    )

    assert facts["status"] == "completed"
    assert httpx.get(facts["images"][0]["url"], trust_env=False).content[:4] == PNG
    assert [each.type for each in looked.content] == ["text", "image", "image"]
    assert len(json.loads(found.content[0].text)["images"]) == 2
    assert json.loads(prompts.content[0].text)["prompts"][0]["prompt"] == "A lighthouse at dusk"
    assert "sandbox-flux" in models.content[0].text
    assert wrong.is_error
    assert "no-such" in wrong.content[0].text
    assert nowhere.content[0].text.endswith(": Nothing is at the last one.")


def shut_out(program: httpx.Client, **headers: str) -> bool:
    """Say whether /mcp refuses these headers, as one that opens nothing."""
    url = str(program.base_url).replace("/v1/", "/mcp")
    headers |= {"Accept": "application/json, text/event-stream"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = httpx.post(url, json=body, headers=headers, trust_env=False)
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "token_refused"
    return answer.status_code == 401


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def make_token(studio: Studio, email: str, *options: str) -> str:
    who = ["--user", email, "--name", "Assistant", *options]
    return studio.manage("create_token", *who).splitlines()[-1]


def in_rows(studio: Studio, statement: str, *values: str) -> None:
    """Change rows behind the studio's back, as another process would."""
    url = studio.env.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        with psycopg.connect(url) as server:
            assert server.execute(statement.replace("?", "%s"), values).rowcount == 1  # type: ignore[arg-type]
        return
    path = studio.folder / "var" / "studio.sqlite3"
    with closing(sqlite3.connect(path, timeout=20)) as database, database:
        assert database.execute(statement, values).rowcount == 1


def test_assistant_without_a_token_is_shut_out(program: httpx.Client):
    assert shut_out(program)
    assert shut_out(program, **bearer("sk-lightfast-nothing"))


def test_assistant_is_shut_out_at_once_when_its_token_or_its_person_is_no_more(
    program: httpx.Client, studio: Studio
):
    person = studio.newcomer()
    expired, revoked, suspended = (make_token(studio, person.email, "--days=1") for _ in range(3))
    endings = [secret[-4:] for secret in (expired, revoked)]
    assert not any(shut_out(program, **bearer(secret)) for secret in (expired, revoked, suspended))

    in_rows(studio, "UPDATE studio_token SET expires_at = '2026-01-01' WHERE ending = ?", endings[0])
    in_rows(studio, "UPDATE studio_token SET revoked_at = '2026-01-01' WHERE ending = ?", endings[1])
    assert [shut_out(program, **bearer(each)) for each in (expired, revoked, suspended)] == [
        True,
        True,
        False,
    ]

    in_rows(studio, "UPDATE studio_user SET is_active = false WHERE email = ?", person.email)
    assert shut_out(program, **bearer(suspended))


def test_assistant_by_a_reading_token_looks_and_draws_nothing(program: httpx.Client, studio: Studio):
    reader = make_token(studio, studio.newcomer().email, "--scope=read")

    models, drawn = ask_by_mcp(program, reader, ("list_models", {}), ("draw", {"prompt": "A lake"}))

    assert "sandbox-flux" in models.content[0].text
    assert drawn.is_error
    assert drawn.content[0].text.endswith("This token may read only. Make one that draws.")


def test_assistant_over_its_tokens_budget_draws_nothing(program: httpx.Client, studio: Studio):
    token = make_token(studio, studio.newcomer().email, "--cap=1")

    (drawn,) = ask_by_mcp(program, token, ("draw", {"prompt": "A lake", "model": "sandbox-flux", "n": 2}))

    assert drawn.is_error
    assert "The budget of this token" in drawn.content[0].text


def test_assistant_by_a_shared_token_is_whom_its_gateway_names(program: httpx.Client, studio: Studio):
    shared = make_token(studio, PERSON, "--gateway=header", "--gateway-header=X-User-Email")
    one, other = studio.newcomer(), studio.newcomer()
    wanted = {"prompt": "A quiet harbour", "model": "sandbox-flux", "shared": False}

    (drawn,) = ask_by_mcp(program, shared, ("draw", wanted), **{"X-User-Email": one.email})
    mine, theirs = (
        ask_by_mcp(program, shared, ("find_images", {"words": "harbour"}), **{"X-User-Email": each.email})[0]
        for each in (one, other)
    )
    (hidden,) = ask_by_mcp(
        program,
        shared,
        ("look", {"id": json.loads(drawn.content[0].text)["generation"]}),
        **{"X-User-Email": other.email},
    )

    assert [row["by"] for row in json.loads(mine.content[0].text)["images"]] == [one.name]
    assert json.loads(theirs.content[0].text)["images"] == []
    assert hidden.is_error
    assert shut_out(program, **bearer(shared))
    assert shut_out(program, **bearer(shared), **{"X-User-Email": "nobody@studio.example"})
