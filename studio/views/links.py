"""Pictures that could not be fetched, which an administrator may fetch by hand."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from studio.errors import StudioError
from studio.http import StudioRequest
from studio.models import KeptLink
from studio.services.drawing import late_links
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther
from studio.views.roles import administrators_only


@administrators_only
@require_POST
def attempt(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Fetch the picture behind a kept link, and say on its relay's page, or in the ledger, what came of it."""
    link = fetch_or_404(request, KeptLink.objects.select_related("generation__owner", "model__relay"), pk)
    try:
        late_links.fetch(link=link, administrator=request.user)
    except StudioError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, f"The picture is {link.generation.owner}’s now, in its place.")
    if "ledger" in request.POST:
        return SeeOther(reverse("rescue.index"))
    return SeeOther(f"{reverse('relays.detail', args=[link.model.relay_id])}#links")
