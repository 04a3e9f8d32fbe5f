"""The kinds of database that are dumped, checked and loaded."""

from types import ModuleType

from studio.services.backups import postgres, sqlite

KINDS = {"sqlite": sqlite, "postgresql": postgres}


def named(vendor: str) -> ModuleType:
    return KINDS[vendor]
