"""What every template knows."""

from typing import Any

from django.utils.functional import SimpleLazyObject

from studio.http import StudioRequest
from studio.models import Relay
from studio.services import budgets


def studio(request: StudioRequest) -> dict[str, Any]:
    """Return the person's month and the relays in trouble, read only where a template shows them."""
    return {
        "allowance": SimpleLazyObject(lambda: budgets.allowance(person=request.user)),
        "relays_in_trouble": SimpleLazyObject(lambda: list(Relay.objects.in_trouble())),
    }
