"""The request as the studio's middleware leaves it."""

from uuid import UUID

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from studio import security
from studio.models import User


class StudioRequest(HttpRequest):
    """A request of a person who is signed in; `id` names it in logs and in what people are told."""

    user: User
    htmx: HtmxDetails
    id: str


def log_refusal(
    request: StudioRequest, name: str, *, actor: UUID | None = None, **facts: UUID | str | int | None
) -> None:
    """Write down that this request was refused: by its id, who asked, and for which route."""
    route = request.resolver_match.view_name if request.resolver_match else ""
    security.refused(name, request=request.id, actor=actor or request.user.pk, route=route, **facts)
