"""The OpenAI dialect (RELAYS.md §1.4)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from studio.relays.base import Relay
from studio.relays.rows import image_endpoint, label, names
from studio.relays.shapes import DrawRequest, ModelInfo

IMAGE_NAMES = ("gpt-image-", "chatgpt-image-", "dall-e-")
OWN_HOST = "https://api.openai.com/"


class OpenAIRelay(Relay):
    """OpenAI itself and whatever speaks exactly like it."""

    dialect: ClassVar[str] = "openai"
    fields: ClassVar[frozenset[str]] = frozenset(
        {
            "model",
            "prompt",
            "n",
            "size",
            "quality",
            "style",
            "response_format",
            "background",
            "output_format",
            "output_compression",
            "moderation",
            "user",
        }
    )

    def takes(self, name: str, request: DrawRequest) -> bool:
        """Say whether a field is taken; every gpt-image model answers response_format with a 400."""
        if name == "response_format" and "gpt-image" in request.model:
            return False
        return super().takes(name, request)

    def model(self, row: Mapping[str, Any]) -> ModelInfo:
        """Return one row; OpenAI tells image models by name only, other relays may draw under any name."""
        name = str(row["id"]).rsplit("/", 1)[-1]
        is_image = image_endpoint(row.get("supported_endpoint_types"))
        if name.startswith(IMAGE_NAMES):
            is_image = True
        elif is_image is None and f"{self.base_url}/".startswith(OWN_HOST):
            is_image = False
        return ModelInfo(
            id=row["id"],
            label=label(row),
            is_image=is_image,
            sizes=names(row.get("supported_sizes")),
            parameters=names(row.get("supported_parameters")),
        )
