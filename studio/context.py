"""What every template knows."""

from typing import Any

from django.utils.functional import SimpleLazyObject

from studio.http import StudioRequest
from studio.services import budgets


def studio(request: StudioRequest) -> dict[str, Any]:
    """Return the person's month, read only where a template shows it."""
    return {"allowance": SimpleLazyObject(lambda: budgets.allowance(person=request.user))}
