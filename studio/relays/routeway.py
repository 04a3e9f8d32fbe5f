"""The Routeway dialect (RELAYS.md §1.1; its schema is closed, so one unknown key costs a 422)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from studio.relays.base import Relay
from studio.relays.rows import image_endpoint, label, names
from studio.relays.shapes import ModelInfo


class RoutewayRelay(Relay):
    """Routeway; `async` is left out on purpose, because nothing says how its task is asked for."""

    dialect: ClassVar[str] = "routeway"
    fields: ClassVar[frozenset[str]] = frozenset(
        {
            "model",
            "prompt",
            "n",
            "size",
            "quality",
            "response_format",
            "steps",
            "seed",
            "negative_prompt",
            "guidance",
        }
    )

    def model(self, row: Mapping[str, Any]) -> ModelInfo:
        """Return one row; an image model has /v1/images/generations among its endpoints."""
        return ModelInfo(
            id=row["id"],
            label=label(row),
            is_image=image_endpoint(row.get("endpoints")),
            sizes=names(row.get("supported_sizes")),
            parameters=names(row.get("supported_parameters")),
        )
