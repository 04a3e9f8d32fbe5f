"""What stands between people and the studio: LiteLLM, and Open WebUI's own request."""

import base64
import json
import os
from pathlib import Path

import httpx
import pytest

from tests.judges.desk import Desk, run

PYTHON = Path(__file__).parents[2] / ".venv-judges" / "bin" / "python"
PROGRAMS = Path(__file__).parent / "python"


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


@pytest.mark.skipif(not PYTHON.exists(), reason="LiteLLM: run .ci/judges --all")
def test_litellm_draws_and_asks_once_for_what_may_have_cost(desk: Desk):
    with desk.counting() as count:
        told = run(
            [str(PYTHON), "litellm_draws.py", desk.base_url, desk.token],
            cwd=PROGRAMS,
            PATH=os.environ["PATH"],
            LITELLM_LOCAL_MODEL_COST_MAP="True",  # nothing is fetched from outside
        )

    found = json.loads(told.splitlines()[-1])
    assert found["pictures"] == [[True, True]] * 2
    assert found["refused"][0] in ("BadRequestError", "ContentPolicyViolationError")
    assert found["unknown"][1] in (500, 502, 503)
    assert count.requests == 3
