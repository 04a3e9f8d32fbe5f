"""What every template knows."""

from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Value
from django.utils.functional import SimpleLazyObject

from studio.http import StudioRequest
from studio.models import Case, Relay, installation
from studio.prepared import prepared
from studio.services.relays import sandboxes


def studio(request: StudioRequest) -> dict[str, Any]:
    """Return open cases, relays in trouble and how the sandbox stands, read where a template shows them."""
    return {
        "open_cases": SimpleLazyObject(lambda: _open_cases.first() or 0),
        "has_mail": settings.HAS_MAIL,
        "links_out": settings.OUTSIDE_LINKS,
        "team": SimpleLazyObject(installation),
        "sign_on": settings.SSO,
        "sandbox": SimpleLazyObject(sandboxes.shown_choice),
        "relays_in_trouble": SimpleLazyObject(_in_trouble),
    }


@prepared
def _open_cases() -> QuerySet[Case, int]:
    return (
        Case.objects.open()
        .order_by()
        .values_list(Value(1))
        .annotate(n=Count("pk"))
        .values_list("n", flat=True)
    )


@prepared
def _in_trouble() -> QuerySet[Relay]:
    return Relay.objects.in_trouble()
