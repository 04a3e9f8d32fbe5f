"""Any other OpenAI-compatible endpoint (RELAYS.md §1.6): LiteLLM, LocalAI, vLLM and their like."""

from typing import ClassVar

from studio.relays.base import Relay
from studio.relays.shapes import SETTINGS


class GenericRelay(Relay):
    """Five fields at first; what is `ticked` travels under the studio's own names once an administrator says so."""

    dialect: ClassVar[str] = "generic"
    ticked: ClassVar[frozenset[str]] = frozenset(SETTINGS) - {"size", "quality"} | {"response_format"}
    fields: ClassVar[frozenset[str]] = ticked | {"model", "prompt", "n", "size", "quality"}
