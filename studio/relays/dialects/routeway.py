"""The Routeway dialect (RELAYS.md §1.1; its schema is closed, so one unknown key costs a 422)."""

from typing import ClassVar

from studio.relays.dialects.base import ALWAYS, RelayClient
from studio.relays.dialects.known_models import SQUARE_WIDE_TALL, Values, by_name
from studio.relays.settings import SETTINGS, sent_by
from studio.relays.shapes import ModelInfo

PER_MODEL = tuple(name for name in SETTINGS if name in sent_by("routeway") and name != "size")
"""What a row of the model list may name as a parameter."""


class RoutewayClient(RelayClient):
    """Routeway; `async` is left out on purpose, because nothing says how its task is asked for."""

    dialect: ClassVar[str] = "routeway"
    fields: ClassVar[frozenset[str]] = ALWAYS | sent_by("routeway") | {"response_format"}
    withheld: ClassVar[frozenset[str]] = frozenset({"async"})

    def usual(self, info: ModelInfo) -> Values:
        """Return the row's sizes, else those of Routeway's pages (S0, S1), and what the row's parameters name."""
        qualities = by_name(info.id).get("quality", [])
        named = [name for name in PER_MODEL if name in info.parameters]
        if not info.parameters:
            named = ["quality"] if qualities else ["negative_prompt"] if "flux" in info.id.lower() else []
        accepts: Values = {"size": info.sizes or SQUARE_WIDE_TALL}
        return accepts | {name: qualities if name == "quality" else [] for name in named}
