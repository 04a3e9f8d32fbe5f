"""Error pages in sentences, and whether the studio is up."""

import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from studio.api import errors
from studio.http import StudioRequest, log_refusal, wait_a_moment
from studio.outages import outage
from studio.words import Reason

SECRET = ("password", "api_key")
"""What is in such a field is not written into a page again."""

OUTAGES = {"busy": "database_busy", "full": "database_full", "away": "database_away"}
"""What each kind of outage is called in `studio.words`."""


def _error(request: HttpRequest, *, status: int, title: str, sentence: str) -> HttpResponse:
    if request.path_info.startswith("/v1/"):
        return errors.failure(status, sentence, code="invalid_request")
    template = "components/error.html" if getattr(request, "htmx", False) else "error.html"
    return render(request, template, {"title": title, "sentence": sentence}, status=status)


def csrf_failure(request: StudioRequest, reason: str = "") -> HttpResponse:
    """The form is too old or not ours (SAFETY T18)."""
    log_refusal(request, "csrf_failed")
    sentence = "This form has expired. Reload and try again."
    return _error(request, status=403, title="Form expired", sentence=sentence)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The browser sent what nobody can read."""
    return _error(request, status=400, title="Bad request", sentence="This request could not be read.")


def forbidden(request: StudioRequest, exception: Any = None) -> HttpResponse:
    """Signed in, but not for this."""
    log_refusal(request, "forbidden")
    return _error(
        request, status=403, title="Not allowed", sentence=str(exception or "") or "You may not open this."
    )


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Not yours and never existed look the same (SAFETY §4)."""
    sentence = "There is nothing here, or it is not yours to see."
    return _error(request, status=404, title="Not found", sentence=sentence)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke; the page is plain, so that nothing else can break in it."""
    trouble = outage(sys.exc_info()[1])
    if request.path_info.startswith("/v1/"):
        return errors.out_of_order(again=False) if trouble else errors.broken()
    if trouble:
        return _database_trouble(request, Reason(OUTAGES[trouble]))
    sentence = "Something went wrong. It has been written to the log. Nothing you made is lost."
    context = {"title": "Something went wrong", "sentence": sentence, "plain": True}
    return HttpResponse(render_to_string("error.html", context), status=500)


def _database_trouble(request: HttpRequest, why: Reason) -> HttpResponse:
    """Say that the database is to blame, and keep what the form said, to be sent again (SAFETY §6, row 32)."""
    kept = [] if any(secret in name for name in request.POST for secret in SECRET) else _fields(request)
    said = Reason("prompt_is_here" if request.POST.get("prompt") else "try_again_soon", why=why).said()
    facts = {"kept": kept, "action": request.get_full_path()}
    return wait_a_moment(request, title="One moment", sentence=said, seconds=5, **facts)


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, values in request.POST.lists() for value in values]


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answers when the process is up and its database can be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
