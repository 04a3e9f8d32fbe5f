"""Start-up checks of what the studio relies on."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Error, register


@register()
def field_keys_can_be_read(**kwargs: Any) -> list[Error]:
    """Each of FIELD_KEYS is a Fernet key."""
    try:
        for key in settings.FIELD_KEYS:
            Fernet(key)
    except ValueError:
        return [Error("FIELD_KEYS must be a comma-separated list of Fernet keys.", id="studio.E001")]
    return []
