"""The relays' own samples, as they stand on their pages: only base URL and key are changed, and the pictures stay."""

import json
import os
import re
import shutil
from pathlib import Path

import httpx
import pytest

from tests.judges.desk import PYTHON, Desk, run

SAMPLES = Path(__file__).parent / "samples"
MODULES = Path(__file__).parent / "node" / "node_modules"
RELAYS = ("https://api.routeway.ai/v1", "https://api.rout.my/v1", "https://relayrouter.io/v1")
KEYS = ("ROUTEWAY_API_KEY", "Routeway_API_KEY", "ROUTMY_API_KEY", "RELAYROUTER_API_KEY")
SIZES = ("--size", "1024x1024", "--size", "1792x1024")
SHAPES = ("--accepts", "aspect_ratio=1:1,16:9", "--accepts", "image_size=1K,2K")
NO_WORDS = re.compile(r'"error": ?null|[A-Za-z0-9+/=]{200,}')
"""What says nothing of an error: null, and a picture's base64, in one of ten of which these letters stand by chance."""
NAMES = (
    ("flux-1-schnell", "Sandbox", "sandbox-flux", *SIZES, "--quality", "standard", "--quality", "hd"),
    ("gpt-image-1", "Sandbox (OpenAI style)", "gpt-image-2-sandbox", *SIZES),
    ("provider/image-model-id", "Sandbox (rout.my style)", "sandbox/canvas", *SHAPES),
)
ADDRESS = re.compile(r"https?://[^\s\"',]+/v1/media/[^\s\"',]+")


@pytest.fixture(scope="module")
def named(desk: Desk) -> None:
    """The administrator calls three models of the sandbox what the samples call them."""
    for label, relay, model, *accepts in NAMES:
        desk.studio.manage("add_model", "--relay", relay, "--id", model, "--label", label, *accepts)


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("sample", "asked", "drawn"),
    [
        ("routeway_guide.py", 5, 8),
        ("routeway_basics.py", 4, 7),
        ("routeway_reference.py", 1, 1),
        ("routeway_reference.sh", 1, 1),
        ("routeway_reference.cjs", 1, 1),
        ("routmy.sh", 1, 1),
        ("relayrouter.py", 1, 1),
        ("relayrouter.sh", 1, 1),
        ("relayrouter.mjs", 1, 1),
    ],
)
def test_sample_draws_into_its_persons_gallery(
    sample: str, asked: int, drawn: int, desk: Desk, tmp_path: Path
):
    paid = desk.spent()
    with desk.counting() as count:
        told = run(command_of(sample, desk, tmp_path), cwd=tmp_path, **surroundings(desk))

    for address in ADDRESS.findall(told):
        assert httpx.get(address).headers["Content-Type"] == "image/png"
    assert ADDRESS.search(told)
    assert "rror" not in NO_WORDS.sub("", told)
    assert (count.generations, desk.spent() - paid) == (asked, drawn)
    if (tmp_path / "output.png").exists():
        assert (tmp_path / "output.png").read_bytes()[:4] == b"\x89PNG"


def command_of(sample: str, desk: Desk, folder: Path) -> list[str]:
    """Write the sample with our address into the folder; return how it is started."""
    text = (SAMPLES / sample).read_text(encoding="utf-8")
    for relay in RELAYS:
        text = text.replace(relay, desk.base_url)
    path = folder / sample
    path.write_text(text.replace("your_routeway_api_key", desk.token), encoding="utf-8")
    if path.suffix in (".cjs", ".mjs"):
        (folder / "node_modules").symlink_to(MODULES)
    return [program_for(path.suffix), str(path)]


def program_for(suffix: str) -> str:
    if suffix == ".py":
        return PYTHON
    if suffix == ".sh":
        return "sh" if shutil.which("curl") else pytest.skip("no curl on this machine")
    return shutil.which("node") if MODULES.exists() else pytest.skip("Node's libraries: run .ci/judges")


def surroundings(desk: Desk) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **dict.fromkeys(KEYS, desk.token)}


def test_sample_of_another_shape_is_heard(desk: Desk, named: None):
    """rout.my's `image_config` is not a field of ours, but what stands in it is."""
    headers = {"Authorization": f"Bearer {desk.token}"}
    wide = {"aspect_ratio": "16:9", "image_size": "1K"}
    body = {"model": "provider/image-model-id", "prompt": "A cube", "image_config": wide, "stream": True}
    text = httpx.post(f"{desk.base_url}/images/generations", headers=headers, json=body, timeout=60).text

    event = json.loads(text[text.index("data: ") + 6 :])
    assert (event["size"], event["lightfast"]["ignored"]) == ("1360x768", [])
