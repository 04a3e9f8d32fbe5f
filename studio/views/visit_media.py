"""The bytes of what a link to the outside shows: by the link's own addresses, which are good for an hour or two."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from studio.http import StudioRequest
from studio.media import names
from studio.models import Image, OutsideLink
from studio.services import outside
from studio.services.drawing import thumbnails
from studio.signing import VISIT, is_signed
from studio.views import doorway
from studio.views.media import UNTIL_MADE, nothing, send

A_WHILE = "private, max-age=300"
"""How long a browser may show a picture without asking: what is taken back is gone soon."""

ORIGINAL = 0
"""The side by which an address names the original."""


@login_not_required
@require_safe
def show(request: StudioRequest, link: UUID, pk: UUID, side: int, signature: str) -> HttpResponseBase:
    """Send one picture, after the same look at the link and its password as its page has (SAFETY T24)."""
    response = _sent(request, outside.find_by_key(link), pk, side, signature)
    response["X-Robots-Tag"] = doorway.NOT_FOR_ROBOTS
    return response


def _sent(
    request: StudioRequest, link: OutsideLink | None, pk: UUID, side: int, signature: str
) -> HttpResponseBase:
    if link is None or not doorway.is_inside(request, link):
        return nothing()
    image = outside.pictures(link).filter(pk=pk).first()
    if image is None or not is_signed(signature, image, side, link.pk, salt=VISIT):
        return nothing()
    if side == ORIGINAL:
        return _original(request, link, image)
    if side not in (*names.SIDES, names.OUTSIDE_SIDE):
        return nothing()
    return _thumbnail(request, image, side)


def _original(request: StudioRequest, link: OutsideLink, image: Image) -> HttpResponseBase:
    if not link.gives_originals:
        return nothing()
    name = names.download(link.title or "picture", image.pk, image.extension)
    kind = image.media_type
    return send(request, image, image.key, kind, etag=image.sha256, cache=A_WHILE, download=name)


def _thumbnail(request: StudioRequest, image: Image, side: int) -> HttpResponseBase:
    made = thumbnails.side_for(image, side)
    if made is None:
        return nothing()
    cache = A_WHILE if made >= min(side, image.long_side) else UNTIL_MADE
    etag = f"{image.print_number}-{made}"
    return send(request, image, image.thumbnail_key(made), "image/webp", etag=etag, cache=cache)
