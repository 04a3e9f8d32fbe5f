"""Any other OpenAI-compatible endpoint (RELAYS.md §1.6): LiteLLM, LocalAI, vLLM and their like."""

from typing import ClassVar

from studio.relays.dialects.base import ALWAYS, RelayClient
from studio.relays.settings import sent_by


class GenericClient(RelayClient):
    """Five fields at first; what is `ticked` travels under the studio's own names once an administrator says so."""

    dialect: ClassVar[str] = "generic"
    ticked: ClassVar[frozenset[str]] = sent_by("generic") - {"size", "quality"} | {"response_format"}
    fields: ClassVar[frozenset[str]] = ALWAYS | ticked | {"size", "quality"}
