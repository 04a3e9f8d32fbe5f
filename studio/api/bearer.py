"""Who asks: the token in the header, and what every answer to a program has in common."""

import functools
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from studio.api import errors
from studio.api.waiting import Story, told
from studio.errors import Forbidden, StudioError
from studio.http import StudioRequest, log_refusal
from studio.models import Token
from studio.models.tokens import Scope
from studio.origin import coming_from, current
from studio.outages import outage
from studio.services import tokens
from studio.services.people import suspensions
from studio.words import Reason

HEADERS = ("x-api-key", "api-key")
"""Where the libraries of Anthropic's and Azure's APIs put a key."""

READS = ("GET", "HEAD")


class ProgramRequest(StudioRequest):
    """A request by a token; its person is the user."""

    token: Token


View = Callable[..., Any]
"""Returns its answer, or is a story (`studio.api.waiting`)."""


def program(*methods: str, draws: bool = False) -> Callable[[View], View]:
    """Make a view one for programs: by token, without cookies, its errors in JSON; `draws` asks for that scope.

    Its `story` is what the process for programs tells (`studio.api.door`).
    """

    taken = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(view: View) -> View:
        def story(request: ProgramRequest, *args: object, **kwargs: object) -> Story:
            if request.method not in taken:
                return errors.wrong_method(*taken)
            try:
                _let_in(request, draws=draws)
                with coming_from(replace(current(), token=str(request.token.pk))):
                    found = view(request, *args, **kwargs)
                    return (yield from found) if isinstance(found, Generator) else found
            except StudioError as error:
                return errors.refused(error)
            except DatabaseError as error:
                if not outage(error):
                    raise
                return errors.out_of_order(again=request.method in READS)

        @functools.wraps(view)
        def answer(request: ProgramRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            return told(story(request, *args, **kwargs))

        answer.story = story  # type: ignore[attr-defined]
        return csrf_exempt(login_not_required(answer))

    return decorate


def anybody(view: View) -> View:
    """Make a view one that only reads, for whoever asks: it takes no token and no cookie."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method not in READS:
            return errors.wrong_method(*READS)
        answered: HttpResponseBase = view(request, *args, **kwargs)
        return answered

    return csrf_exempt(login_not_required(answer))


def _let_in(request: ProgramRequest, *, draws: bool) -> None:
    token = tokens.find(secret=secret_of(request.headers), headers=request.headers)
    if token is None:
        if person := tokens.suspended_holder(secret=secret_of(request.headers)):
            log_refusal(request, "account_suspended", actor=person.pk)
            raise NoToken(suspensions.why(person), code="account_suspended")
        log_refusal(request, "token_refused")
        raise no_token(request.headers)
    request.token, request.user = token, token.person
    if draws and token.scope != Scope.DRAW:
        raise Forbidden(Reason("token_reads_only"), code="insufficient_scope")


class NoToken(StudioError):
    """No token, or none that opens anything."""

    status = 401


def no_token(headers: Mapping[str, str]) -> NoToken:
    """Return what whoever sends these headers is told: a token that opens nothing, or none at all."""
    said = "token_refused" if secret_of(headers) else "token_missing"
    return NoToken(Reason(said), code="token_refused")


def secret_of(headers: Mapping[str, str]) -> str:
    """Return the token that the headers carry; their names are looked up in any case."""
    scheme, _, secret = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    return next((headers[name].strip() for name in HEADERS if name in headers), "")
