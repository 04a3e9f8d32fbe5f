"""Pictures that could not be developed, which an administrator may have tried again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from studio.errors import StudioError
from studio.http import StudioRequest
from studio.models import Image
from studio.services.drawing import thumbnails
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther
from studio.views.roles import administrators_only


@administrators_only
@require_POST
def develop(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Have the picture tried again; its relay's page says so."""
    image = fetch_or_404(request, Image.objects.with_run(), pk)
    try:
        thumbnails.develop_again(image=image, person=request.user)
    except StudioError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(
            request, "The picture is developed again within half a minute. It is shown if that goes well."
        )
    relay = image.generation.drawn_by.relay_id
    return SeeOther(f"{reverse('relays.detail', args=[relay])}#set-aside")
