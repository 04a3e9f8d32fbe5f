"""Who may open a page at all, whatever it shows."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase

from studio.http import StudioRequest

View = Callable[..., HttpResponseBase]


def administrators_only(view: View) -> View:
    """Refuse everyone else before anything is looked up; stands above the decorator that names the methods."""

    @wraps(view)
    def guarded(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_administrator:
            raise PermissionDenied("Only administrators can open this page.")
        return view(request, *args, **kwargs)

    return guarded


def moderators_only(view: View) -> View:
    """Refuse everyone but moderators and administrators, as `administrators_only` does."""

    @wraps(view)
    def guarded(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_moderator:
            raise PermissionDenied("Only moderators can open this page.")
        return view(request, *args, **kwargs)

    return guarded
