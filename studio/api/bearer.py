"""Who asks: the token in the header, and what every answer to a program has in common."""

import functools
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpResponse
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


class ProgramRequest(StudioRequest):
    """A request by a token; its person is the user."""

    token: Token


View = Callable[..., Any]
"""Returns its answer, or is a story (`studio.api.waiting`)."""


def program(*methods: str, draws: bool = False) -> Callable[[View], View]:
    """Make a view one for programs: by token, without cookies, its errors in JSON; `draws` asks for that scope.

    Its `story` is what the process for programs tells (`studio.api.door`).
    """

    def decorate(view: View) -> View:
        def story(request: ProgramRequest, *args: object, **kwargs: object) -> Story:
            if request.method not in methods:
                return _not_allowed(methods)
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
                return errors.out_of_order(again=request.method == "GET")

        @functools.wraps(view)
        def answer(request: ProgramRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            return told(story(request, *args, **kwargs))

        answer.story = story  # type: ignore[attr-defined]
        return csrf_exempt(login_not_required(answer))

    return decorate


def _let_in(request: ProgramRequest, *, draws: bool) -> None:
    token = tokens.find(secret=secret_of(request.headers), headers=request.headers)
    if token is None:
        if person := tokens.suspended_holder(secret=secret_of(request.headers)):
            log_refusal(request, "account_suspended", actor=person.pk)
            raise NoToken(suspensions.why(person), code="account_suspended")
        log_refusal(request, "token_refused")
        raise NoToken(Reason("token_refused"))
    request.token, request.user = token, token.person
    if draws and token.scope != Scope.DRAW:
        raise Forbidden(Reason("token_reads_only"), code="insufficient_scope")


class NoToken(StudioError):
    """No token, or none that opens anything."""

    status = 401


def secret_of(headers: Mapping[str, str]) -> str:
    """Return the token that the headers carry; their names are looked up in any case."""
    scheme, _, secret = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    return next((headers[name].strip() for name in HEADERS if name in headers), "")


def _not_allowed(methods: tuple[str, ...]) -> HttpResponse:
    answer = errors.failure(405, Reason("api_method").said(), code="method_not_allowed")
    answer["Allow"] = ", ".join(methods)
    return answer
