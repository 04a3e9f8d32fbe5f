"""The dialect relayrouter (RELAYS.md §1.3): four fields, links without `created`, errors as a bare sentence."""

from typing import ClassVar

from studio.sandbox import bodies
from studio.sandbox.dialects import Model, Refused, Wish
from studio.sandbox.simple import Simple

KINDS = {"model": "string", "prompt": "string", "n": "integer", "size": "string"}
OTHER_ROWS = ({"id": "sandbox-words", "object": "model", "supported_endpoint_types": ["openai"]},)


class RelayRouter(Simple):
    """Reads and answers as RelayRouter's page says, and refuses every field that is not on it."""

    name = "relayrouter"
    models: ClassVar[dict[str, Model]] = {
        "gpt-image-sandbox": Model(
            id="gpt-image-sandbox",
            name="gpt-image-sandbox",
            sizes=("1024x1024", "1536x1024", "1024x1536"),
        ),
        "sandbox-poster": Model(id="sandbox-poster", name="Sandbox Poster", style="woodblock print"),
    }

    def read(self, body: object) -> Wish:
        """Return the order; 400 for a bad field, 404 for an unknown model."""
        found = bodies.checked(body, KINDS, required=("model", "prompt"), bad=self.bad)
        model = self.drawer(found["model"])
        return Wish(
            model=model,
            prompt=bodies.prompt(found["prompt"], bad=self.bad),
            n=bodies.count(found, bad=self.bad),
            size=bodies.size(found.get("size", ""), model.sizes, bad=self.bad),
            quality="",
        )

    def model_rows(self) -> dict[str, object]:
        """Return rows as New-API has them (P): the page itself shows none."""
        row = {"object": "model", "owned_by": "sandbox", "supported_endpoint_types": ["image-generation"]}
        return {"data": [*({"id": name, **row} for name in self.models), *OTHER_ROWS]}

    def answer(self, order: Wish, *, pictures: list[dict[str, object]], created: int) -> dict[str, object]:
        """Return links and nothing else."""
        return {"data": pictures}

    def error(self, refused: Refused, *, trace_id: str) -> tuple[dict[str, object], dict[str, str]]:
        """Return a sentence where others have an object: the page does not say what an error looks like."""
        return {"error": refused.message}, refused.headers | self.headers(trace_id=trace_id)
