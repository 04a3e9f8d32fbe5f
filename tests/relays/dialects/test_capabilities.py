"""What a model takes that was just read from a list: never more than its row and its relay's pages say."""

from typing import Any

import pytest

from studio.relays import DIALECTS, open_relay
from studio.relays.dialects.base import Capabilities
from tests.relays.conftest import KEY

RATIOS = ["1:1", "16:9", "9:16", "4:3", "3:4", "4:5", "5:4", "21:9"]
TIERS = ["1K", "2K", "4K"]
GPT_SIZES = ["auto", "1024x1024", "1536x1024", "1024x1536"]
SHAPED = {"aspect_ratio": RATIOS, "image_size": TIERS}
GPT_QUALITIES = ["auto", "low", "medium", "high"]
GPT = {
    "size": GPT_SIZES,
    "quality": GPT_QUALITIES,
    "background": ["auto", "opaque", "transparent"],
    "output_format": ["png", "webp", "jpeg"],
    "output_compression": [],
    "moderation": ["auto", "low"],
}
DOCUMENTED = ["1024x1024", "1792x1024", "1024x1792"]


def capable(dialect: str, **row: Any) -> Capabilities:
    relay = open_relay(dialect=dialect, base_url="https://example.com/v1", api_key=KEY)
    return relay.capabilities(relay.model(row))


CASES: list[tuple[str, dict[str, Any], dict[str, list[str]]]] = [
    (
        "routeway",
        {"id": "flux", "supported_sizes": ["512x512"], "supported_parameters": ["seed", "quality", "n"]},
        {"size": ["512x512"], "quality": [], "seed": []},
    ),
    ("routeway", {"id": "flux-1-schnell"}, {"size": DOCUMENTED, "negative_prompt": []}),
    ("routeway", {"id": "gpt-image-1"}, {"size": DOCUMENTED, "quality": GPT_QUALITIES}),
    ("routeway", {"id": "dall-e-3"}, {"size": DOCUMENTED, "quality": ["standard", "hd"]}),
    ("routeway", {"id": "other"}, {"size": DOCUMENTED}),
    ("routmy", {"id": "openai/gpt-image-1"}, SHAPED),
    ("relayrouter", {"id": "gpt-image-1"}, {"size": GPT_SIZES}),
    ("relayrouter", {"id": "other"}, {"size": []}),
    ("relayrouter", {"id": "other", "supported_sizes": ["512x512"]}, {"size": ["512x512"]}),
    ("openai", {"id": "gpt-image-1"}, GPT),
    ("openai", {"id": "gpt-image-1-mini"}, GPT),
    ("openai", {"id": "gpt-image-1.5"}, GPT),
    ("openai", {"id": "chatgpt-image-latest"}, GPT),
    ("openai", {"id": "gpt-image-2"}, GPT | {"size": [*GPT_SIZES, "WxH"]}),
    ("openai", {"id": "gpt-image-2.5-2027-01-01"}, GPT | {"size": [*GPT_SIZES, "WxH"]}),
    ("openai", {"id": "openai/gpt-image-10"}, GPT | {"size": [*GPT_SIZES, "WxH"]}),
    (
        "openai",
        {"id": "dall-e-3"},
        {"size": DOCUMENTED, "quality": ["standard", "hd"], "style": ["vivid", "natural"]},
    ),
    ("openai", {"id": "dall-e-2"}, {"size": ["1024x1024", "512x512", "256x256"]}),
    ("openai", {"id": "flux", "supported_sizes": ["640x640"]}, {"size": ["640x640"]}),
    ("openai", {"id": "flux"}, {"size": []}),
    ("generic", {"id": "sd"}, {"size": []}),
    ("generic", {"id": "gpt-image-1"}, {"size": GPT_SIZES, "quality": GPT_QUALITIES}),
    ("generic", {"id": "nano", "output_modalities": ["image", "text"]}, SHAPED),
    ("chat", {"id": "google/nano"}, SHAPED),
    ("chat", {"id": "bfl/flux", "output_modalities": ["image"]}, SHAPED | {"image_only": []}),
]


@pytest.mark.parametrize(("dialect", "row", "accepts"), CASES, ids=lambda value: str(value)[:60])
def test_capabilities_of_a_row_are_these(
    dialect: str, row: dict[str, Any], accepts: dict[str, list[str]]
) -> None:
    assert capable(dialect, **row).accepts == accepts


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["gpt-image-2", "dall-e-3", "dall-e-2", "flux", "other"])
def test_capabilities_are_never_more_than_the_dialect_has_fields(dialect: str, name: str) -> None:
    parameters = ["quality", "seed", "steps", "guidance", "negative_prompt", "style", "user", "async"]

    found = capable(dialect, id=name, supported_parameters=parameters, supported_sizes=["512x512"])

    assert set(found.accepts) <= DIALECTS[dialect].fields - DIALECTS[dialect].ticked


@pytest.mark.parametrize(
    ("dialect", "row", "per_call"),
    [
        ("openai", {"id": "gpt-image-1"}, 10),
        ("openai", {"id": "dall-e-3"}, 1),
        ("relayrouter", {"id": "openai/dall-e-3"}, 1),
        ("routmy", {"id": "google/nano"}, 10),
        ("chat", {"id": "google/nano"}, 1),
        ("generic", {"id": "nano", "output_modalities": ["image", "text"]}, 1),
    ],
)
def test_capabilities_say_how_many_images_one_request_draws(
    dialect: str, row: dict[str, Any], per_call: int
) -> None:
    found = capable(dialect, **row)

    assert (found.max_n, found.per_call) == (10, per_call)


def test_capabilities_of_two_models_share_no_list() -> None:
    capable("routmy", id="a").accepts["aspect_ratio"].append("9:1")
    capable("chat", id="a").accepts["aspect_ratio"].append("9:1")
    capable("openai", id="gpt-image-1").accepts["size"].append("1x1")

    assert capable("routmy", id="b").accepts["aspect_ratio"] == RATIOS
    assert capable("chat", id="b").accepts["aspect_ratio"] == RATIOS
    assert capable("openai", id="gpt-image-1").accepts["size"] == GPT_SIZES
