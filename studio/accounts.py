"""Rules for django-allauth: nobody signs up by themselves, and tries to sign in are counted."""

import ipaddress
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.auth import login as begin_session
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from studio import two_factor
from studio.errors import Unavailable
from studio.http import StudioRequest
from studio.models import Notice, User
from studio.prepared import prepared
from studio.services import limits
from studio.services.people import suspensions
from studio.words import Reason

BACKEND = "studio.accounts.Door"
KNOWN = "known"
"""The cookie of a browser in which somebody has been signed in."""
_SALT = "studio.known-browser"
_HALF_A_YEAR = 60 * 60 * 24 * 180


@prepared
def _with_new_notices(pk: UUID) -> QuerySet[User]:
    return User.objects.annotate(unread=Notice.objects.count_of(OuterRef("pk"))).filter(pk=pk)


class Door(AuthenticationBackend):
    """Signs in by address and password; a person comes with the number of their new notices, in one statement."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User:
        """Return the person; nobody asks the backend of older sessions once more about a wrong password."""
        person = super().authenticate(request, **credentials)
        if person is None:
            raise PermissionDenied
        return person

    def get_user(self, user_id: Any) -> User | None:
        person = _with_new_notices.first(User._meta.pk.to_python(user_id))
        if person is None or not self.user_can_authenticate(person):
            return None
        return person


class ClosedDoor(DefaultAccountAdapter):
    """People are invited; there is no open sign-up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The email address or the password is wrong."
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Count the try before the password is looked at; where tries cannot be counted, nobody comes in (row 43)."""
        email = credentials.get("email", "")
        try:
            taken = limits.sign_in(
                email=email, address=self.get_client_ip(request), browser=known(request, email)
            )
        except DatabaseError as error:
            raise Unavailable(Reason("tries_not_counted")) from error
        person = super().authenticate(request, **credentials)
        if person:
            limits.give_back(taken)
            suspensions.end_if_over(person=person)
        return person

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        """Let somebody in whose suspension is over, whatever they come with: a passkey, another service."""
        suspensions.end_if_over(person=user)
        response: HttpResponse | None = super().pre_login(request, user, **more)
        return response

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the visitor's address; of IPv6 the part that one household has."""
        address: str = super().get_client_ip(request)
        try:
            network = ipaddress.IPv6Network((address, 64), strict=False)
        except ValueError:
            return address
        return str(network)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """A suspended person is told so, once the password was right (SAFETY T13)."""
        return render(
            request, "error.html", {"title": "Suspended", "sentence": suspensions.why(user)}, status=403
        )

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Write the change of a second factor into the audit: every one passes here."""
        two_factor.write_down(template_prefix, user)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Signing in and out needs no message: the page that follows says it."""


def begin(request: HttpRequest, person: User) -> None:
    """Begin a session of a person who has just come by a link, and count it among theirs."""
    begin_session(request, person, backend=BACKEND)
    UserSession.objects.create_from_request(request)


def stay(request: HttpRequest, person: User) -> None:
    """Keep this session when all others of the person have ended."""
    update_session_auth_hash(request, person)
    UserSession.objects.create_from_request(request)


def visitor_address(request: HttpRequest) -> str:
    """Return where a request comes from; nothing when nobody can say."""
    try:
        return ClosedDoor().get_client_ip(request)
    except PermissionDenied:
        return ""


def known(request: HttpRequest, email: str) -> str:
    """Return the name of this browser if just this person has been signed in with it, else nothing."""
    try:
        name, browser = signing.loads(request.COOKIES.get(KNOWN, ""), salt=_SALT, max_age=_HALF_A_YEAR)
    except (signing.BadSignature, ValueError):
        return ""
    return str(browser) if name == _digest(email) else ""


def remember(response: HttpResponseBase, email: str) -> None:
    """Let the browser prove later that this person has been signed in with it."""
    value = signing.dumps([_digest(email), secrets.token_urlsafe(12)], salt=_SALT)
    response.set_cookie(
        KNOWN,
        value,
        max_age=_HALF_A_YEAR,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remembers_the_browser(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Remember the browser of whoever comes in by this view."""

    @wraps(view)
    def entered(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        was_inside = SESSION_KEY in request.session
        response = view(request, *args, **kwargs)
        if SESSION_KEY in request.session and not was_inside:
            remember(response, request.user.email)
        return response

    return entered


def _digest(email: str) -> str:
    return signing.Signer(salt=_SALT).signature(limits.same_name(email))
