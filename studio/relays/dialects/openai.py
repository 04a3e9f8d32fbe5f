"""The OpenAI dialect (RELAYS.md §1.4)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from studio.relays.dialects.base import ALWAYS, RelayClient
from studio.relays.dialects.known_models import IMAGE_NAMES, Values, bare, by_name
from studio.relays.settings import sent_by
from studio.relays.shapes import DrawRequest, ModelInfo

OWN_HOST = "https://api.openai.com/"


class OpenAIClient(RelayClient):
    """OpenAI itself and whatever speaks exactly like it; `user` is left out, because names stay in the studio."""

    dialect: ClassVar[str] = "openai"
    fields: ClassVar[frozenset[str]] = ALWAYS | sent_by("openai") | {"response_format"}
    withheld: ClassVar[frozenset[str]] = frozenset({"user"})

    def takes(self, name: str, request: DrawRequest) -> bool:
        """Say whether a field is taken; every gpt-image model answers response_format with a 400."""
        if name == "response_format" and "gpt-image" in request.model:
            return False
        return super().takes(name, request)

    def model(self, row: Mapping[str, Any]) -> ModelInfo:
        """Return one row; OpenAI tells image models by name only, other relays may draw under any name."""
        info = super().model(row)
        if bare(info.id).startswith(IMAGE_NAMES):
            return replace(info, is_image=True, by_chat=False)
        is_own = f"{self.base_url}/".startswith(OWN_HOST)
        return replace(info, is_image=False) if info.is_image is None and is_own else info

    def usual(self, info: ModelInfo) -> Values:
        """Return everything OpenAI documents for the model's name, with the row's own sizes if it has some."""
        return {"size": [], **by_name(info.id)} | ({"size": info.sizes} if info.sizes else {})
