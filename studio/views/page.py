"""Decides between a page and a fragment of it, and sends browsers on."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from studio.http import StudioRequest


class SeeOther(HttpResponseRedirect):
    """Sends a browser on with GET after a POST."""

    status_code = 303


def render_page(
    request: StudioRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the template's partial to htmx, and the whole page to everyone else."""
    whole = (
        partial is None or not request.htmx or request.htmx.boosted or request.htmx.history_restore_request
    )
    response = render(request, template if whole else f"{template}#{partial}", context, status=status)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


def came_from(request: StudioRequest) -> str:
    """Return the page of ours that a form was sent from; nothing when that cannot be told."""
    page = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe else ""


def before_of(request: StudioRequest) -> UUID | None:
    """Return the row after which a page of a list begins; an address that names none there can be is not found."""
    try:
        return UUID(request.GET["before"]) if request.GET.get("before") else None
    except ValueError:
        raise Http404 from None


def number_before(request: StudioRequest) -> int | None:
    """The same for a list whose rows are numbered."""
    try:
        return int(request.GET["before"]) if request.GET.get("before") else None
    except ValueError:
        raise Http404 from None


def start_of(request: StudioRequest) -> int:
    """Return the place at which a page of a short list begins; the first, for an address that names none."""
    try:
        return max(int(request.GET.get("from", 0)), 0)
    except ValueError:
        return 0
