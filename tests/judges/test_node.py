"""Node's libraries: the official one, the AI SDK and LangChain's wrapper."""

import json
import os
import shutil
from pathlib import Path

import httpx
import pytest

from tests.judges.cutter import Cutter, Moment
from tests.judges.desk import Desk, run

NODE = Path(__file__).parent / "node"
PROGRAM = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Node on this machine"),
    pytest.mark.skipif(not (NODE / "node_modules").exists(), reason="Node's libraries: run .ci/judges"),
]


def told_by(script: str, *words: str) -> dict:
    """Run one of the programs in the folder; return what it found."""
    return json.loads(run([str(PROGRAM), script, *words], cwd=NODE, PATH=os.environ["PATH"]))


def test_openai_draws_streams_waits_and_throws_its_own_errors(desk: Desk):
    with desk.counting() as count:
        found = told_by("openai.mjs", desk.base_url, desk.token)

    assert found["bytes"] == ["PNG", "PNG"]
    assert [httpx.get(address).content[1:4] for address in found["addresses"]] == [b"PNG"] * 2
    assert found["events"] == [["image_generation.completed", "512x512"]] * 2
    assert found["task"] == "completed"
    assert "sandbox-sketch:free" in found["models"]
    assert (found["one"], found["none"]) == (found["models"][-1], ["NotFoundError", "model_not_found"])
    assert found["errors"] == {
        "moderation": ["BadRequestError", 400, "moderation_blocked", 1],
        "size": ["BadRequestError", 400, "choice", 1],
        "model": ["BadRequestError", 400, "model_not_found", 1],
        "unknown": ["InternalServerError", 502, "unknown_outcome", 1],
        "late": ["InternalServerError", 504, "still_drawing", 1],
        "nobody": ["AuthenticationError", 401, "token_refused", 1],
    }
    assert count.requests == 6  # three that are drawn, one refused, one lost, one late


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("moment", list(Moment)[:4])
def test_row_49_openai_line_is_cut_and_the_relay_is_asked_once(moment: Moment, times: int, desk: Desk):
    paid = desk.spent()
    with desk.counting() as count, Cutter(desk.door, moment, times=times) as cutter:
        found = told_by("cut.mjs", f"{cutter.url}/v1", desk.token, f"A hill {moment}, {times} [slow 4]")

    assert len(found) == 1
    assert cutter.lines == times + 1
    assert (count.requests, count.generations, desk.spent() - paid) == (1, 1, 1)


@pytest.mark.parametrize("moment", list(Moment)[4:])
def test_row_49_openai_line_is_cut_in_the_answer_which_it_does_not_ask_for_again(moment: Moment, desk: Desk):
    """Node's library tries again until the headers are there, and then no more: its person finds the picture here."""
    gives_up = pytest.raises(AssertionError, match="terminated")
    with desk.counting() as count, Cutter(desk.door, moment) as cutter, gives_up:
        told_by("cut.mjs", f"{cutter.url}/v1", desk.token, f"A hill {moment} [slow 4]")

    assert cutter.lines == 1
    assert (count.requests, count.generations) == (1, 1)


def test_ai_sdk_draws_with_both_providers_and_pays_once_for_what_fails(desk: Desk):
    with desk.counting() as count:
        found = told_by("ai.mjs", desk.base_url, desk.token)

    assert found["openai"] == found["compatible"] == ["image/png", "image/png"]
    assert found["openai refused"][:3] == ["AI_APICallError", 400, False]
    assert found["openai unknown"][0] == "AI_RetryError"
    assert (
        count.requests == 7
    )  # it asks OpenAI's models for one picture a call; what may have cost is asked for once


def test_langchain_wrapper_gets_an_address(desk: Desk):
    found = told_by("langchain.mjs", desk.base_url, desk.token)["found"]

    assert httpx.get(found).content[1:4] == b"PNG"
