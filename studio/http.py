"""The request as the studio's middleware leaves it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django_htmx.middleware import HtmxDetails

from studio import security
from studio.models import User


class StudioRequest(HttpRequest):
    """A request of a person who is signed in; `id` names it in logs and in what people are told."""

    user: User
    htmx: HtmxDetails
    id: str


def wait_a_moment(
    request: HttpRequest, *, title: str, sentence: str, seconds: int, **facts: Any
) -> HttpResponse:
    """Answer 503 without asking the database for anything: a toast for htmx, a plain page for everyone else."""
    template = "components/error.html" if "HX-Request" in request.headers else "error.html"
    page = render_to_string(template, {"title": title, "sentence": sentence, "plain": True, **facts})
    response = HttpResponse(
        page, status=503, headers={"Retry-After": str(seconds), "Cache-Control": "no-store"}
    )
    response._has_been_logged = True  # type: ignore[attr-defined] # Django's mark: why is in the log, once a minute
    return response


def log_refusal(
    request: StudioRequest, name: str, *, actor: UUID | None = None, **facts: UUID | str | int | None
) -> None:
    """Write down that this request was refused: by its id, who asked, and for which route."""
    route = request.resolver_match.view_name if request.resolver_match else ""
    security.refused(name, request=request.id, actor=actor or request.user.pk, route=route, **facts)
