"""What every template knows."""

from typing import Any

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from studio.http import StudioRequest
from studio.models import Case, Relay, installation
from studio.services.relays import sandboxes


def studio(request: StudioRequest) -> dict[str, Any]:
    """Return open cases, relays in trouble and how the sandbox stands, read where a template shows them."""
    return {
        "open_cases": SimpleLazyObject(lambda: Case.objects.open().count()),
        "has_mail": settings.HAS_MAIL,
        "links_out": settings.OUTSIDE_LINKS,
        "team": SimpleLazyObject(installation),
        "sign_on": settings.SSO,
        "sandbox": SimpleLazyObject(sandboxes.shown_choice),
        "relays_in_trouble": SimpleLazyObject(lambda: list(Relay.objects.in_trouble())),
    }
