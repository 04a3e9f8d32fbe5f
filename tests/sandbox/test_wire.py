"""Over a real socket: answers that are cut are seen as cut, whole ones arrive whole."""

import httpx
import pytest

from tests.sandbox.conftest import KEY


def post(url: str, prompt: str) -> httpx.Response:
    return httpx.post(
        f"{url}/sandbox/openai/v1/images/generations",
        json={"model": "gpt-image-sandbox", "prompt": prompt, "quality": "low"},
        headers={"Authorization": f"Bearer {KEY}"},
        timeout=5,
        trust_env=False,
    )


@pytest.mark.parametrize("word", ["drop", "hang 0.1", "drip 1"])
def test_generations_cut_answer_breaks_the_connection(server, word) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        post(server.url, f"[{word}]")


def test_generations_streamed_base64_arrives_whole(server) -> None:
    response = post(server.url, "a lake")

    assert len(response.content) == int(response.headers["Content-Length"])
    assert response.json()["data"][0]["b64_json"].startswith("iVBORw0KGgo")
