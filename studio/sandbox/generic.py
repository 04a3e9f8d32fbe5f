"""The dialect generic (RELAYS.md §1.6), as LiteLLM speaks: null-filled keys, and the status as a string for a code."""

from typing import ClassVar

from studio.sandbox import bodies
from studio.sandbox.dialects import Model, Refused, Wish, any_seed
from studio.sandbox.simple import Simple

KINDS = {
    "model": "string",
    "prompt": "string",
    "n": "integer",
    "size": "string",
    "quality": "string",
    "response_format": "string",
    "negative_prompt": "string",
    "seed": "integer",
}
PER_MODEL = ("negative_prompt", "seed", "response_format")
ALL_KEYS: dict[str, object] = {"b64_json": None, "url": None, "revised_prompt": None}
ROW = {"object": "model", "created": 1_677_610_602, "owned_by": "openai"}
OTHER_ROWS = ({"id": "sandbox-words", **ROW, "mode": "chat"},)


class Generic(Simple):
    """Reads and answers as a proxy that refuses parameters its model does not take."""

    name = "generic"
    models: ClassVar[dict[str, Model]] = {
        "sandbox-litho": Model(
            id="sandbox-litho",
            name="Sandbox Litho",
            parameters=PER_MODEL,
            marks={"mode": "image_generation"},
        ),
        "sandbox-lino": Model(
            id="sandbox-lino",
            name="Sandbox Lino",
            style="woodblock print",
            marks={"type": "image"},
            inline=True,
        ),
        "sandbox-mystery": Model(id="sandbox-mystery", name="Sandbox Mystery"),
    }

    def read(self, body: object) -> Wish:
        """Return the order; 400 for a bad field, 404 for an unknown model."""
        found = bodies.checked(body, KINDS, required=("model", "prompt"), bad=self.bad)
        model = self.drawer(found["model"])
        for name in PER_MODEL:
            if name in found and name not in model.parameters:
                raise self.bad(
                    f"UnsupportedParamsError: {model.id} does not support parameters: ['{name}']", name
                )
        return Wish(
            model=model,
            seed=int(found.get("seed", any_seed())),
            prompt=bodies.prompt(found["prompt"], bad=self.bad),
            n=bodies.count(found, bad=self.bad),
            size=bodies.size(found.get("size", ""), model.sizes, bad=self.bad),
            quality=found.get("quality", ""),
            negative_prompt=found.get("negative_prompt", ""),
            inline=model.inline or found.get("response_format") == "b64_json",
        )

    def model_rows(self) -> dict[str, object]:
        """Return rows with LiteLLM's mode, with a type, and one that tells nothing."""
        rows = [{"id": model.id, **ROW, **model.marks} for model in self.models.values()]
        return {"object": "list", "data": [*rows, *OTHER_ROWS]}

    def answer(self, order: Wish, *, pictures: list[dict[str, object]], created: int) -> dict[str, object]:
        """Return every key a picture may have, null where it has none."""
        return {"created": created, "data": [ALL_KEYS | picture for picture in pictures], "usage": None}

    def error(self, refused: Refused, *, trace_id: str) -> tuple[dict[str, object], dict[str, str]]:
        """Return the error with null-filled keys."""
        detail = {
            "message": refused.message,
            "type": None,
            "param": refused.param,
            "code": str(refused.status),
        }
        return {"error": detail}, refused.headers | self.headers(trace_id=trace_id)

    def headers(self, *, trace_id: str) -> dict[str, str]:
        """Return the header that carries the trace id."""
        return {"x-litellm-call-id": trace_id}
