"""Any other OpenAI-compatible endpoint (RELAYS.md §1.6): LiteLLM, LocalAI, vLLM and their like."""

from typing import ClassVar

from studio.relays.base import Relay


class GenericRelay(Relay):
    """Five fields at first; what is `ticked` travels under the studio's own names once an administrator says so."""

    dialect: ClassVar[str] = "generic"
    ticked: ClassVar[frozenset[str]] = frozenset(
        {
            "aspect_ratio",
            "image_size",
            "style",
            "negative_prompt",
            "seed",
            "steps",
            "guidance",
            "background",
            "output_format",
            "output_compression",
            "moderation",
            "response_format",
        }
    )
    fields: ClassVar[frozenset[str]] = ticked | {"model", "prompt", "n", "size", "quality"}
