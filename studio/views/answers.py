"""What an administrator does with an answer that was paid for and could not be used."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from studio.cards.relays import OF_A_REQUEST
from studio.errors import StudioError
from studio.http import StudioRequest
from studio.models import RelayRequest
from studio.services.drawing import kept_answers
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther
from studio.views.roles import administrators_only

CAME = (
    "One picture was in it. It is {owner}’s now, in its place.",
    "{count} pictures were in it. They are {owner}’s now.",
)
NONE_CAME = "The answer can be read, and there is no picture in it that was missing."


@administrators_only
@require_POST
def again(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Read the answer once more, and say on its page what came of it."""
    relay_request = _relay_request(request, pk)
    try:
        count = kept_answers.read_again(relay_request=relay_request, administrator=request.user)
    except StudioError as error:
        messages.error(request, error.sentence)
    else:
        words = (
            CAME[count > 1].format(owner=relay_request.generation.owner, count=count) if count else NONE_CAME
        )
        messages.success(request, words)
    return SeeOther(reverse("relays.answer", args=[pk]))


@administrators_only
@require_POST
def file(request: StudioRequest, pk: UUID) -> HttpResponseBase:
    """Hand out the answer as it came, as bytes that no browser shows."""
    relay_request = _relay_request(request, pk)
    try:
        path = kept_answers.open_file(relay_request=relay_request, administrator=request.user)
    except StudioError as error:
        messages.error(request, error.sentence)
        return SeeOther(reverse("relays.answer", args=[pk]))
    name = f"answer-{relay_request.generation_id}-{relay_request.attempt}.bin"
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream"
    )


def _relay_request(request: StudioRequest, pk: UUID) -> RelayRequest:
    return fetch_or_404(request, RelayRequest.objects.select_related("generation__prompt", *OF_A_REQUEST), pk)
