"""Start-up checks of what the studio relies on."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Error, Info, register

from studio.media import cell


@register()
def field_keys_can_be_read(**kwargs: Any) -> list[Error]:
    """Each of FIELD_KEYS is a Fernet key."""
    try:
        for key in settings.FIELD_KEYS:
            Fernet(key)
    except ValueError:
        return [Error("FIELD_KEYS must be a comma-separated list of Fernet keys.", id="studio.E001")]
    return []


@register()
def decoder_can_be_shut_in(**kwargs: Any) -> list[Info]:
    """The kernel has both locks for the process that decodes pictures; the studio works without them."""
    gone = " and ".join(cell.missing())
    hint = "See docs/operations.md, The decoder."
    return [Info(f"Pictures are decoded without {gone} here.", hint=hint, id="studio.I001")] if gone else []
