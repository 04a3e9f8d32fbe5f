"""The rout.my dialect (RELAYS.md §1.2): shape and resolution travel inside image_config."""

from collections.abc import Mapping
from typing import Any, ClassVar

from studio.relays.dialects.base import ALWAYS, RelayClient
from studio.relays.dialects.known_models import SHAPED, Values
from studio.relays.dialects.model_lists import label, multiplier
from studio.relays.settings import places_in, sent_by
from studio.relays.shapes import ModelInfo


class RoutMyClient(RelayClient):
    """rout.my; its `user` field is left out on purpose, because people's names stay in the studio."""

    dialect: ClassVar[str] = "routmy"
    fields: ClassVar[frozenset[str]] = ALWAYS | sent_by("routmy")
    renamed: ClassVar[Mapping[str, str]] = places_in("routmy")
    withheld: ClassVar[frozenset[str]] = frozenset({"user"})
    retries_502: ClassVar[bool] = True

    def model(self, row: Mapping[str, Any]) -> ModelInfo:
        """Return one row; nothing in it marks an image model, nor one that draws through chat."""
        return ModelInfo(
            id=row["id"], label=label(row), is_image=None, multiplier=multiplier(row.get("token_multiplier"))
        )

    def usual(self, info: ModelInfo) -> Values:
        """Return shape and resolution; size, quality and style only where an administrator knows better."""
        return SHAPED
