"""Tells whether a backup's secrets are the ones here, without keeping them."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.crypto import pbkdf2

ROUNDS = 20_000


def marks() -> dict[str, list[str]]:
    """Return a mark of each secret: it says which one it is, and not what it is."""
    return {"FIELD_KEYS": _marks(settings.FIELD_KEYS), "SECRET_KEY": _marks([settings.SECRET_KEY])}


def missing(wanted: dict[str, list[str]]) -> list[str]:
    """Return the names of the settings that lack a secret which the backup was made with."""
    here = marks()
    return sorted(name for name, each in wanted.items() if not set(each) <= set(here[name]))


def _marks(secrets: Iterable[str]) -> list[str]:
    return [pbkdf2(secret, "lightfast.backup", ROUNDS).hex()[:32] for secret in secrets]
