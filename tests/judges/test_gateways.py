"""What stands between people and the studio: LiteLLM as a library and as a server, LangChain, Open WebUI's request."""

import base64
import json

import httpx
import pytest

from tests.judges.desk import Desk, run
from tests.judges.gateway import ALONE, PROGRAMS, PYTHON, litellm_proxy

installed = pytest.mark.skipif(not PYTHON.exists(), reason="LiteLLM and LangChain: run .ci/judges --all")
DRAWN = {"model": "studio", "n": 1, "size": "512x512"}


@pytest.mark.parametrize(("delivers", "found"), [("both", "url"), ("data", "b64_json")])
def test_open_webui_gets_pictures_as_it_asks_for_them(delivers: str, found: str, desk: Desk):
    """Its `routers/images.py`: no response_format for gpt-image and its like, the url first and by the same headers."""
    key = desk.make_token("--delivers", delivers)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    headers |= {"X-OpenWebUI-User-Name": "Bob", "X-OpenWebUI-User-Id": "u-1", "X-OpenWebUI-User-Role": "user"}
    body = {"model": "sandbox-sketch:free", "prompt": "A lighthouse", "n": 1, "size": "512x512"}

    answer = httpx.post(f"{desk.base_url}/images/generations", headers=headers, json=body, timeout=60)

    (picture,) = answer.raise_for_status().json()["data"]
    assert next(name for name in ("url", "b64_json") if picture.get(name)) == found
    if found == "url":
        sent = httpx.get(picture["url"], headers={k: v for k, v in headers.items() if k != "Content-Type"})
        assert sent.raise_for_status().headers["Content-Type"] == "image/png"
    else:
        assert base64.b64decode(picture["b64_json"])[:4] == b"\x89PNG"


def test_open_webui_asks_other_models_for_data(desk: Desk):
    headers = {"Authorization": f"Bearer {desk.token}"}
    body = {
        "model": "sandbox-sketch:free",
        "prompt": "A pier",
        "n": 2,
        "size": "512x512",
        "response_format": "b64_json",
    }

    pictures = httpx.post(
        f"{desk.base_url}/images/generations", headers=headers, json=body, timeout=60
    ).json()["data"]

    assert [(picture.get("url"), bool(picture["b64_json"])) for picture in pictures] == [(None, True)] * 2


@installed
def test_litellm_draws_and_asks_once_for_what_may_have_cost(desk: Desk):
    with desk.counting() as count:
        told = run([str(PYTHON), "litellm_draws.py", desk.base_url, desk.token], cwd=PROGRAMS, **ALONE)

    found = json.loads(told.splitlines()[-1])
    assert found["pictures"] == [[True, True]] * 2
    assert found["refused"][0] in ("BadRequestError", "ContentPolicyViolationError")
    assert found["unknown"][1] in (500, 502, 503)
    assert count.requests == 3


@installed
def test_langchain_draws_and_its_addresses_open(desk: Desk):
    with desk.counting() as count:
        told = run(
            [str(PYTHON), "langchain_draws.py", desk.base_url, desk.token], cwd=PROGRAMS, PATH=ALONE["PATH"]
        )

    found = json.loads(told.splitlines()[-1])
    assert [httpx.get(url).content[:4] for url in found["pictures"]] == [b"\x89PNG"] * 2
    assert found["refused"] == ["BadRequestError", 400]
    assert (count.requests, count.generations) == (2, 2)


@installed
def test_litellm_server_draws_for_whom_it_names_and_asks_once_for_what_may_have_cost(desk: Desk):
    options = ("--gateway=header", "--gateway-header=X-User-Email")
    shared = desk.make_token(*options, person=desk.studio.newcomer("administrator").email)
    paid, named = desk.spent(), {"x-user-email": desk.person.email}
    with desk.counting() as count, litellm_proxy(desk, token=shared) as gateway:
        drawn = gateway.post("/v1/images/generations", json=DRAWN | {"prompt": "A pier"}, headers=named)
        lost = gateway.post("/v1/images/generations", json=DRAWN | {"prompt": "A pier [504]"}, headers=named)
        nobody = gateway.post("/v1/images/generations", json=DRAWN | {"prompt": "A pier"})

    assert drawn.raise_for_status().json()["data"][0]["b64_json"]
    assert lost.status_code in (500, 502, 503)
    assert nobody.status_code == 401
    assert (count.requests, count.generations, desk.spent() - paid) == (2, 2, 2)
