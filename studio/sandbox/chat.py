"""The dialect chat (RELAYS.md §1.5), as OpenRouter speaks: pictures in the answer to a message, and what it cost."""

from typing import ClassVar

from studio.sandbox import talk
from studio.sandbox.dialects import Model, Refused, Wish
from studio.sandbox.simple import Simple


class Chat(Simple):
    """Reads and answers as OpenRouter does for models that draw."""

    name = "chat"
    revises = True
    models: ClassVar[dict[str, Model]] = {
        "sandbox/talking-brush": Model(
            id="sandbox/talking-brush",
            name="Sandbox: Talking Brush",
            price=0.0387,
            marks={"output_modalities": ["image", "text"]},
            by_chat=True,
            inline=True,
        ),
        "sandbox/plate": Model(
            id="sandbox/plate",
            name="Sandbox: Plate",
            price=0.04,
            style="etching",
            marks={"output_modalities": ["image"]},
            by_chat=True,
        ),
    }

    def read_chat(self, body: object) -> Wish:
        """Return the order; 400 for a bad field, 404 for an unknown model or modality."""
        found = talk.checked(body, bad=self.bad)
        return talk.order(found, self.drawer(found["model"], by_chat=True), bad=self.bad)

    def model_rows(self) -> dict[str, object]:
        """Return rows that tell what comes out under `architecture`; one of them writes only."""
        rows = [_row(model.id, model.name, list(talk.outputs(model))) for model in self.models.values()]
        return {"data": [*rows, _row("sandbox/words", "Sandbox: Words", ["text"])]}

    def answer(self, order: Wish, *, pictures: list[dict[str, object]], created: int) -> dict[str, object]:
        """Return a chat completion."""
        return talk.completion(order, pictures=pictures, created=created)

    def error(self, refused: Refused, *, trace_id: str) -> tuple[dict[str, object], dict[str, str]]:
        """Return the error with the status for its code; reasons and waits stand in its metadata, not in headers."""
        detail: dict[str, object] = {"code": refused.status, "message": refused.message}
        if refused.code == "flagged":
            detail["metadata"] = {"reasons": ["sandbox"], "flagged_input": "…", "provider_name": "sandbox"}
        elif "Retry-After" in refused.headers:
            detail["metadata"] = {"retry_after_seconds": int(refused.headers["Retry-After"])}
        return {"error": detail}, self.headers(trace_id=trace_id)

    def blocked(self) -> Refused:
        """Return a refusal that is known by its reasons alone."""
        return Refused(403, "Your input was flagged.", code="flagged")

    def out_of_funds(self) -> Refused:
        """Return the 402."""
        return Refused(402, "Insufficient credits. Add more to continue.")


def _row(name: str, label: str, outputs: list[str]) -> dict[str, object]:
    return {
        "id": name,
        "name": label,
        "created": 1_744_000_000,
        "architecture": {"input_modalities": ["text"], "output_modalities": outputs},
        "supported_parameters": ["seed", "max_tokens"],
        "pricing": {"prompt": "0", "completion": "0"},
    }
