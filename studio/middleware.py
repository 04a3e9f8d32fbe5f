"""What every answer goes through."""

import functools
import logging
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import MiddlewareNotUsed
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.csp import CSP

from studio import logs, security, two_factor
from studio.accounts import visitor_address
from studio.api import errors
from studio.errors import StudioError
from studio.http import StudioRequest, log_refusal, wait_a_moment
from studio.live import is_current
from studio.models import User, schema
from studio.origin import Origin, coming_from
from studio.services.people import sessions, suspensions
from studio.words import Reason, say

Handler = Callable[[HttpRequest], HttpResponse]

PROGRAMS = "/v1/"

asked = logging.getLogger("studio.asked")

LOOK_EVERY = 5.0
"""Seconds between two looks at the database's version."""


def request_id(get_response: Handler) -> Handler:
    """Name each request, so that a person can quote it and a log can be searched."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with coming_from(named(request)):
            response = get_response(request)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response

    return middleware


def named(request: HttpRequest) -> Origin:
    """Give the request its name, and return where it comes from."""
    request.id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
    return Origin(request_id=request.id, find_address=partial(visitor_address, request))  # type: ignore[attr-defined]


def say_what_was_asked(get_response: Handler) -> Handler:
    """Write a line for each request, where somebody reads them."""
    if settings.LOG_FORMAT != "json":
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = get_response(request)
        answered(request, response, began)
        return response

    return middleware


def answered(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    """Write a line for a request: its route, never its address, which may hold a secret. Polls are not worth one."""
    if response.status_code == 204 or request.resolver_match is None:
        return
    token = getattr(request, "token", None)
    person = token.person if token else getattr(request, "_cached_user", None)
    logs.say(
        asked,
        "request",
        method=request.method,
        route=request.resolver_match.view_name,
        status=response.status_code,
        ms=round((time.monotonic() - began) * 1000),
        person=getattr(person, "pk", None),
    )


class UpToDate:
    """Answers nothing but "Updating" while the database belongs to a newer version (SAFETY §6, row 40)."""

    fits = True
    next_look = 0.0

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.look():
            return self.get_response(request)
        if request.path_info.startswith(PROGRAMS):
            return errors.updating()
        return wait_a_moment(request, title="Updating", sentence=say("updating", {}), seconds=60)

    def look(self) -> bool:
        """Look every few seconds; tell whether this version may answer."""
        if time.monotonic() > self.next_look:
            self.fits, self.next_look = schema.fits(), time.monotonic() + LOOK_EVERY
        return self.fits


def small_bodies(get_response: Handler) -> Handler:
    """Refuse a body nobody here expects by its announced length, before anything reads it (SAFETY T25).

    One without a length (chunked) is refused as well: browsers announce theirs. Stands before all that looks at forms.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = _announced(request)
        if length is not None and length <= _most(request):
            return get_response(request)
        security.refused("body_too_large", request=request.id, bytes=length)  # type: ignore[attr-defined]
        if request.path_info.startswith(PROGRAMS):
            return errors.too_large(_most(request))
        template = "components/error.html" if "HX-Request" in request.headers else "error.html"
        context = {"title": "Too large", "sentence": Reason("body_too_large"), "plain": True}
        return HttpResponse(render_to_string(template, context), status=413, headers={"Connection": "close"})

    return middleware


def _most(request: HttpRequest) -> int:
    """Return how long a body may be: one page takes pictures, from people with a session, which the view asks for."""
    if request.path_info.startswith(PROGRAMS):
        return settings.API_BODY_MB * 1024**2
    if request.path_info == reverse("imports.new") and settings.SESSION_COOKIE_NAME in request.COOKIES:
        return settings.IMPORT_MAX_MB * 1024**2
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _announced(request: HttpRequest) -> int | None:
    """Return how long the body says it is; None for one that does not say."""
    if "Transfer-Encoding" in request.headers:
        return None
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return None


def no_store(get_response: Handler) -> Handler:
    """Pages of a session are kept by no cache, unless the view says otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    return middleware


def live(get_response: Handler) -> Handler:
    """Tell a page that nothing has changed before anything else is done: that is what it nearly always hears."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == _live_address() and is_current(request):
            return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
        return get_response(request)

    return middleware


@functools.cache
def _live_address() -> str:
    return reverse("live.index")


class CompressPages(GZipMiddleware):
    """Compresses pages; pictures are compressed already, and the CSRF token is masked anew in each page (BREACH)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class ContentPolicy(ContentSecurityPolicyMiddleware):
    """Lets pages show pictures from their own address and from where the storage sends browsers for them."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        origin = getattr(default_storage, "origin", "")
        if origin and not hasattr(response, "_csp_config"):
            policy = dict(settings.SECURE_CSP) | {"img-src": [CSP.SELF, "data:", origin]}
            response._csp_config = policy  # type: ignore[attr-defined]
        return super().process_response(request, response)


class LoginRequired(LoginRequiredMiddleware):
    """Everything needs a session; htmx is told to go to the sign-in page, since it cannot follow a redirect there."""

    def handle_no_permission(self, request: StudioRequest, view_func: Any) -> HttpResponseBase:  # type: ignore[override]
        if whose := _suspended(request):
            log_refusal(request, "account_suspended", actor=whose.pk)
            request.session.flush()
            return _told(request, suspensions.why(whose).said(), title="Suspended", status=403)
        if request.htmx:
            response = HttpResponse(status=401)
            response["HX-Redirect"] = resolve_url("account_login")
            return response
        return redirect_to_login(request.get_full_path(), resolve_url("account_login"))


class SecondFactor:
    """Sends whoever needs a second factor and has none to the page where they add one (STUDIO_REQUIRE_2FA)."""

    seen = "has_second_factor"
    """In the session of a person who was found to have one; the last cannot be taken off while it is needed."""

    def __init__(self, get_response: Handler) -> None:
        if not settings.REQUIRE_2FA:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: StudioRequest, view: Any, *args: Any) -> HttpResponseBase | None:
        if self._may_pass(request, view):
            return None
        if request.htmx:
            return HttpResponse(status=401, headers={"HX-Redirect": reverse("mfa_index")})
        return redirect("mfa_index")

    def _may_pass(self, request: StudioRequest, view: Any) -> bool:
        name = request.resolver_match.url_name or "" if request.resolver_match else ""
        is_way_in = name.startswith("mfa_") or name in {"account_reauthenticate", "account_logout"}
        is_open = not getattr(view, "login_required", True) and not name.startswith("media.")
        if is_way_in or is_open or not request.user.is_authenticated:
            return True
        if not two_factor.is_needed(request.user):
            request.session.pop(self.seen, None)  # what they take off now is not seen
            return True
        if not request.session.get(self.seen) and two_factor.has(request.user):
            request.session[self.seen] = True
        return bool(request.session.get(self.seen))


class StudioErrors:
    """A StudioError that a view lets through becomes a fragment for htmx, and a page for everything else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: StudioRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == 405 and not response.content:
            told = _told(request, Reason("only_forms").said(), status=405, title="This is no page")
            response.content = told.content
        return response

    def process_exception(self, request: StudioRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, StudioError):
            return None
        response = _told(request, error.sentence, status=error.status)
        if error.retry_after:
            response["Retry-After"] = str(error.retry_after)
        return response


def seen(get_response: Handler) -> Handler:
    """Write down every few minutes that a person was here, if the request had to know who it is."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        person = getattr(request, "_cached_user", None)  # Django's: nobody is looked up for this alone
        if isinstance(person, User) and person.is_seen_late:
            sessions.saw(person=person, key=request.session.session_key or "")
        return response

    return middleware


def _suspended(request: StudioRequest) -> User | None:
    """Return whose session this is if they are suspended: Django takes it for nobody's (SAFETY T13)."""
    if SESSION_KEY not in request.session:
        return None
    found = User.objects.filter(pk=request.session[SESSION_KEY], is_active=False).first()
    return found if found and not suspensions.end_if_over(person=found) else None


def _told(request: StudioRequest, sentence: str, *, status: int, title: str = "") -> HttpResponse:
    template = "components/error.html" if request.htmx else "error.html"
    return render(request, template, {"title": title, "sentence": sentence}, status=status)
