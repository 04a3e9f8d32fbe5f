"""Pictures through chat (RELAYS.md §1.5): rout.my's chat models and OpenRouter."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from studio.relays.answers.conversation import CONVERSATION
from studio.relays.answers.reading import AnswerShape
from studio.relays.dialects.base import RelayClient
from studio.relays.dialects.known_models import through_chat
from studio.relays.settings import places_in, sent_by
from studio.relays.shapes import Capabilities, DrawRequest, ModelInfo, Operation


class ChatClient(RelayClient):
    """One message in, pictures and text out; n is never sent, because one call draws what it draws."""

    dialect: ClassVar[str] = "chat"
    fields: ClassVar[frozenset[str]] = sent_by("chat") | {"model", "prompt"}
    renamed: ClassVar[Mapping[str, str]] = {"prompt": "messages", **places_in("chat")}
    paths: ClassVar[Mapping[Operation, str]] = {Operation.DRAW: "chat/completions"}
    # OpenRouter lists models that write text unless it is asked for those that draw; others ignore the question.
    models_path: ClassVar[str] = "models?output_modalities=image"
    shape: ClassVar[AnswerShape] = CONVERSATION

    def start(self, request: DrawRequest) -> dict[str, object]:
        """Return the message; a model that writes no text must not be asked for any (`image_only`)."""
        modalities = ["image"] if "image_only" in request.accepts else ["image", "text"]
        messages = [{"role": "user", "content": request.prompt}]
        return {"model": request.model, "messages": messages, "modalities": modalities}

    def model(self, row: Mapping[str, Any]) -> ModelInfo:
        """Return one row; that its models draw through chat goes without saying."""
        return replace(super().model(row), by_chat=False)

    def capabilities(self, info: ModelInfo) -> Capabilities:
        """Return shape and resolution, one image for each call."""
        return through_chat(info)
