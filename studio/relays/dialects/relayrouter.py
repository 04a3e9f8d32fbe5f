"""The RelayRouter dialect (RELAYS.md §1.3): four fields and no more."""

from typing import ClassVar

from studio.relays.dialects.base import ALWAYS, RelayClient
from studio.relays.settings import sent_by


class RelayRouterClient(RelayClient):
    """RelayRouter; its rows are read as New-API's, because its own page does not show one."""

    dialect: ClassVar[str] = "relayrouter"
    fields: ClassVar[frozenset[str]] = ALWAYS | sent_by("relayrouter")
    retries_502: ClassVar[bool] = True
