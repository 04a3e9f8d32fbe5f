"""The index of words of the database at hand: `images`, `prompts` and `walk` of either module."""

from types import ModuleType

from django.db import connection

from studio.search import postgresql, sqlite


def engine() -> ModuleType:
    """Return the module that knows this database's index."""
    return {"sqlite": sqlite, "postgresql": postgresql}[connection.vendor]
