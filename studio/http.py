"""The request as the studio's middleware leaves it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from studio.models import User


class StudioRequest(HttpRequest):
    """A request of a person who is signed in; `id` names it in logs and in what people are told."""

    user: User
    htmx: HtmxDetails
    id: str
