"""The dialect routmy (RELAYS.md §1.2): image_config, links, errors whose code is the status in words."""

from http import HTTPStatus
from typing import ClassVar

from studio.sandbox import bodies, talk
from studio.sandbox.dialects import Model, Refused, Wish
from studio.sandbox.simple import Simple

KINDS = {
    "model": "string",
    "prompt": "string",
    "n": "integer",
    "size": "string",
    "quality": "string",
    "style": "string",
    "user": "string",
    "image_config": "object",
}
PER_MODEL = {"quality": ("standard", "hd"), "style": ("vivid", "natural")}
ROW = {"object": "model", "created": 1_744_000_000, "owned_by": "sandbox", "is_available": True}
OTHER_ROWS = (
    {"id": "sandbox/words", **ROW, "token_multiplier": 0.5},
    {"id": "sandbox/retired", **ROW, "token_multiplier": 1, "is_available": False},
)


class RoutMy(Simple):
    """Reads and answers as rout.my's page says, like a provider that refuses what it does not know."""

    name = "routmy"
    revises = True
    models: ClassVar[dict[str, Model]] = {
        "sandbox/canvas": Model(id="sandbox/canvas", name="Canvas", marks={"token_multiplier": 1}),
        "sandbox/canvas-pro": Model(
            id="sandbox/canvas-pro",
            name="Canvas Pro",
            parameters=("quality", "style"),
            marks={"token_multiplier": 1.5},
        ),
        "sandbox/talking-brush": Model(
            id="sandbox/talking-brush",
            name="Talking Brush",
            marks={"token_multiplier": 2},
            by_chat=True,
            inline=True,
        ),
    }

    def read(self, body: object) -> Wish:
        """Return the order; 400 for a bad field, 404 for an unknown model."""
        found = bodies.checked(body, KINDS, required=("model", "prompt"), bad=self.bad)
        model = self.drawer(found["model"])
        for name, values in PER_MODEL.items():
            if name in found and (name not in model.parameters or found[name] not in values):
                raise self.bad(f"The provider does not support this {name}.", name)
        size = bodies.size(found.get("size", ""), (), bad=self.bad)
        shaped = bodies.shaped(found.get("image_config", {}), bad=self.bad)
        made = Wish(
            model=model,
            prompt=bodies.prompt(found["prompt"], bad=self.bad),
            n=bodies.count(found, bad=self.bad),
            size=size if found.get("size") and "image_config" not in found else shaped,
            quality=found.get("quality", ""),
        )
        return bodies.hurried(made)

    def read_chat(self, body: object) -> Wish:
        """Return the order for a chat model that draws."""
        found = talk.checked(body, bad=self.bad)
        return talk.order(found, self.drawer(found["model"], by_chat=True), bad=self.bad)

    def model_rows(self) -> dict[str, object]:
        """Return rows in which nothing marks an image model."""
        rows = [{"id": model.id, **ROW, **model.marks} for model in self.models.values()]
        return {"object": "list", "data": [*rows, *OTHER_ROWS]}

    def answer(self, order: Wish, *, pictures: list[dict[str, object]], created: int) -> dict[str, object]:
        """Return `{created, data}` without billing data, or a chat completion."""
        if order.by_chat:
            return talk.completion(order, pictures=pictures, created=created)
        return {"created": created, "data": pictures}

    def error(self, refused: Refused, *, trace_id: str) -> tuple[dict[str, object], dict[str, str]]:
        """Return the error with the status as text for its code, and the id beside it."""
        code = HTTPStatus(refused.status).phrase
        detail = {"message": refused.message, "type": refused.type, "code": code}
        return {"error": detail, "error_id": trace_id}, refused.headers
