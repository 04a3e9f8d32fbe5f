"""Carries something that is shown once over the redirect after a POST; in the session it lies encrypted."""

import json
from contextlib import suppress
from typing import Any

from cryptography.fernet import InvalidToken

from studio.http import StudioRequest
from studio.models.relays import vault

_NAME = "shown_once"


def put(request: StudioRequest, **facts: Any) -> None:
    """Keep it for the next page that asks."""
    request.session[_NAME] = vault().encrypt(json.dumps(facts).encode()).decode()


def take(request: StudioRequest) -> dict[str, Any]:
    """Return what was kept, which is then gone; nothing if there is nothing."""
    sealed = request.session.pop(_NAME, "")
    with suppress(InvalidToken):  # its key is gone
        return json.loads(vault().decrypt(sealed)) if sealed else {}
    return {}
