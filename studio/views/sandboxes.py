"""The administrators' choice whether the sandbox stays."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from studio.http import StudioRequest
from studio.services.relays import sandboxes
from studio.views.page import SeeOther
from studio.views.roles import administrators_only


@administrators_only
@require_POST
def choose(request: StudioRequest) -> HttpResponse:
    """Keep the sandbox, or switch it off; either can be chosen again."""
    keep = request.POST.get("keep") == "1"
    sandboxes.choose(keep=keep, administrator=request.user)
    messages.success(request, "The sandbox stays." if keep else "The sandbox is off. Its pictures stay.")
    return SeeOther(reverse("relays.index"))
