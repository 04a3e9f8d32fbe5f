"""Where people come in by a link to the outside: the link is looked at, then its password, before a view does anything.

What such a visitor has shown and said lies in two cookies of their browser, each for one link alone.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from studio.forms.outside import UnlockForm
from studio.http import StudioRequest, log_refusal
from studio.models import OutsideLink, Visitor
from studio.services import outside, visitors

PATH = "/visit/"
REMEMBERED = timedelta(hours=12)
"""How long a browser need not say the password again."""
LONGEST = timedelta(days=90)
"""How long a link may live, and a browser be known by it."""
ONE_VISIT = timedelta(minutes=30)
"""Within this time a browser that looks again is counted once."""

_DOOR, _VISITOR, _SEEN = "door", "visitor", "seen"
NOT_FOR_ROBOTS = "noindex, nofollow, noarchive, noimageindex"

View = Callable[..., HttpResponseBase]


def by_link(view: View) -> View:
    """Open a page to whoever holds the link and, where it has one, has said its password."""

    @before_the_door
    @wraps(view)
    def inside(request: StudioRequest, token: str, link: OutsideLink, **more: Any) -> HttpResponseBase:
        if is_inside(request, link):
            return view(request, token=token, link=link, **more)
        if request.htmx:
            return HttpResponse(status=401, headers={"HX-Redirect": reverse("visits.detail", args=[token])})
        return at_the_door(request, token, status=200 if request.method in {"GET", "HEAD"} else 403)

    return inside


def before_the_door(view: View) -> View:
    """Open a page to whoever holds the link; for everybody else it does not exist."""

    @login_not_required
    @wraps(view)
    def opened(request: StudioRequest, token: str, **more: Any) -> HttpResponseBase:
        link = outside.find(token)
        response = view(request, token=token, link=link, **more) if link else nothing(request)
        response["X-Robots-Tag"] = NOT_FOR_ROBOTS
        return response

    return opened


def nothing(request: StudioRequest) -> HttpResponse:
    """The same page for a link that is over and for one that never was (SAFETY T24)."""
    log_refusal(request, "visit_denied")
    return render(request, "visits/nothing.html", status=404)


def at_the_door(
    request: StudioRequest, token: str, form: UnlockForm | None = None, *, status: int, wait: int = 0
) -> HttpResponse:
    """Ask for the password; the page says nothing of what lies behind it."""
    context = {"form": form or UnlockForm(), "token": token}
    response = render(request, "visits/door.html", context, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def is_inside(request: HttpRequest, link: OutsideLink) -> bool:
    """Tell whether the link asks for no password, or this browser has said it lately."""
    said = _read(request, _DOOR, link, REMEMBERED)
    return not link.password or constant_time_compare(said, _lock(link))


def let_in(response: HttpResponse, link: OutsideLink) -> None:
    """Remember that this browser has said the password."""
    _write(response, _DOOR, link.pk, _lock(link), REMEMBERED)


def visitor_of(request: HttpRequest, link: OutsideLink) -> Visitor | None:
    """Return who this browser has said it is."""
    try:
        return visitors.find(link=link, pk=UUID(_read(request, _VISITOR, link, LONGEST)))
    except ValueError:
        return None


def remember(response: HttpResponse, visitor: Visitor) -> None:
    """Know this visitor again."""
    _write(response, _VISITOR, visitor.link_id, visitor.pk.hex, LONGEST)


def is_new_here(request: StudioRequest, link: OutsideLink) -> bool:
    """Tell whether a look is to be counted: neither that of the link's owner, nor one of a visit that goes on."""
    return not _read(request, _SEEN, link, ONE_VISIT) and request.user.pk != link.owner_id


def been_here(response: HttpResponse, link: OutsideLink) -> HttpResponse:
    """Let a visit go on for a while."""
    _write(response, _SEEN, link.pk, "1", ONE_VISIT)
    return response


def _lock(link: OutsideLink) -> str:
    """Return what opens a link's door: another password would be another lock."""
    return salted_hmac("studio.visit", f"{link.pk}:{link.password}", algorithm="sha256").hexdigest()


def _read(request: HttpRequest, what: str, link: OutsideLink, age: timedelta) -> str:
    signed = request.COOKIES.get(f"{what}-{link.pk.hex}", "")
    try:
        return str(signing.loads(signed, salt=f"studio.{what}.{link.pk}", max_age=age))
    except (signing.BadSignature, ValueError):
        return ""


def _write(response: HttpResponse, what: str, pk: UUID, value: str, age: timedelta) -> None:
    response.set_cookie(
        f"{what}-{pk.hex}",
        signing.dumps(value, salt=f"studio.{what}.{pk}"),
        max_age=age,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
