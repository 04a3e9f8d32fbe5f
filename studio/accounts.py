"""Rules for django-allauth: nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SUSPENDED = "Your account is suspended. Contact an administrator."


class ClosedDoor(DefaultAccountAdapter):
    """People are invited; there is no open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """A suspended person is told so, once the password was right (SAFETY T13)."""
        return render(request, "error.html", {"title": "Suspended", "sentence": SUSPENDED}, status=403)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Signing in and out needs no message: the page that follows says it."""
