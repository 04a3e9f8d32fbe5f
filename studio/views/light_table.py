"""Pictures beside each other, or one over the other: two to four of those one may see (PRODUCT §3.5)."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studio.cards.images import image_url
from studio.cards.light_table import Mode, differences, panes, tallest
from studio.http import StudioRequest
from studio.models import Image
from studio.views.fetch import fetch_or_404, fetch_some
from studio.views.page import SeeOther, came_from, render_page

MOST = 4
LAID = "light_table"
"""What the session calls the pictures that are laid aside; templates read it there."""


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show the pictures that the address names, in its order; those that are not this person's to see are left out."""
    wanted, mode = _wanted(request), _mode(request)
    rows = Image.objects.visible_to(request.user).kept().with_receipt_data(request.user)
    found = {image.pk: image for image in fetch_some(request, rows, wanted)}
    images = [found[pk] for pk in wanted if pk in found]
    context: dict[str, Any] = {
        "section": "gallery",
        "mode": mode,
        "modes": Mode,
        "panes": panes(images, request.user, mode),
        "tallest": tallest(images),
        "differences": differences(images),
        "missing": len(wanted) - len(images),
    }
    return render_page(request, "light_table/index.html", context)


@require_POST
def lay(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put a picture beside those that are to be compared, or take it away; the last four stay."""
    image = fetch_or_404(request, Image.objects.visible_to(request.user).kept(), pk)
    laid = [each for each in request.session.get(LAID, []) if each != str(pk)]
    request.session[LAID] = [*laid, str(pk)][-MOST:] if request.POST.get("on") == "1" else laid
    if request.htmx:
        return render_page(request, "light_table/index.html", {"image": image}, partial="lay")
    return SeeOther(came_from(request) or image_url(pk))


@require_POST
def clear(request: StudioRequest) -> HttpResponse:
    """Take all pictures away that were laid aside."""
    request.session.pop(LAID, None)
    return SeeOther(reverse("images.index"))


def _wanted(request: StudioRequest) -> list[UUID]:
    """Return the first four pictures that the address names, each once."""
    return list(dict.fromkeys(_uuid(text) for text in request.GET.getlist("image")))[:MOST]


def _mode(request: StudioRequest) -> Mode:
    try:
        return Mode(request.GET.get("as", Mode.BESIDE))
    except ValueError:
        raise Http404 from None


def _uuid(text: str) -> UUID:
    """Return an id; what names none there can be is not found."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
