"""What models take whose names say what they are, and what the relays' own pages list (RELAYS.md §1)."""

import re

from studio.relays.shapes import Capabilities, ModelInfo
from studio.relays.sizes import ANY

Values = dict[str, list[str]]

SQUARE_WIDE_TALL = ["1024x1024", "1792x1024", "1024x1792"]
RATIOS = ["1:1", "16:9", "9:16", "4:3", "3:4", "4:5", "5:4", "21:9"]
TIERS = ["1K", "2K", "4K"]
SHAPED: Values = {"aspect_ratio": RATIOS, "image_size": TIERS}
"""What rout.my and chat take instead of a size."""

IMAGE_NAMES = ("gpt-image-", "chatgpt-image-", "dall-e-")

_GPT_IMAGE: Values = {
    "size": ["auto", "1024x1024", "1536x1024", "1024x1536"],
    "quality": ["auto", "low", "medium", "high"],
    "background": ["auto", "opaque", "transparent"],
    "output_format": ["png", "webp", "jpeg"],
    "output_compression": [],
    "moderation": ["auto", "low"],
}
STYLED: Values = {"quality": ["standard", "hd"], "style": ["vivid", "natural"]}
_DALL_E_3: Values = {"size": SQUARE_WIDE_TALL, **STYLED}
_DALL_E_2: Values = {"size": ["1024x1024", "512x512", "256x256"]}
_VERSION = re.compile(r"gpt-image-(\d+(?:\.\d+)?)")


def bare(model_id: str) -> str:
    """Return a model's name without the provider in front of it."""
    return model_id.rsplit("/", 1)[-1].lower()


def by_name(model_id: str) -> Values:
    """Return what a model of this name takes wherever it is offered; {} for a name that tells nothing."""
    name = bare(model_id)
    if name.startswith(("gpt-image-", "chatgpt-image-")):
        return _GPT_IMAGE | {"size": _GPT_IMAGE["size"] + [ANY] * _draws_any_size(name)}
    if name.startswith("dall-e-3"):
        return dict(_DALL_E_3)
    return dict(_DALL_E_2) if name.startswith("dall-e-2") else {}


def draws_singly(model_id: str) -> bool:
    """Say whether a model draws one image for each request, whatever n says."""
    return bare(model_id).startswith("dall-e-3")


def through_chat(info: ModelInfo) -> Capabilities:
    """Return what a model takes that draws through chat, whatever its relay's own dialect is."""
    accepts = {name: list(values) for name, values in SHAPED.items()}
    return Capabilities(accepts=accepts | ({"image_only": []} if info.image_only else {}), per_call=1)


def _draws_any_size(name: str) -> bool:
    """From gpt-image-2 on, every size goes that keeps the rules in `sizes`."""
    version = _VERSION.match(name)
    return version is not None and float(version[1]) >= 2
