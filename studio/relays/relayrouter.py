"""The RelayRouter dialect (RELAYS.md §1.3): four fields and no more."""

from typing import ClassVar

from studio.relays.base import Relay


class RelayRouterRelay(Relay):
    """RelayRouter; its rows are read as New-API's, because its own page does not show one."""

    dialect: ClassVar[str] = "relayrouter"
    fields: ClassVar[frozenset[str]] = frozenset({"model", "prompt", "n", "size"})
    retries_502: ClassVar[bool] = True
