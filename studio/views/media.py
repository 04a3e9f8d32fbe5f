"""The pictures' bytes: only after a look at the rights, only under the type we found (SAFETY §4)."""

import logging
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotFound, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from studio.http import StudioRequest
from studio.media.names import SIDES
from studio.models import Image, User
from studio.models.images import ImageQuerySet
from studio.prepared import prepared
from studio.services import downloads
from studio.services.drawing import thumbnails
from studio.signing import is_signed
from studio.views.fetch import fetch, note_denied

logger = logging.getLogger(__name__)

A_YEAR = "private, max-age=31536000, immutable"
ASKED_AGAIN = "private, no-cache"
"""For an address that does not name its edition: the browser asks each time whether the picture is still the same."""
UNTIL_MADE = "private, no-store"
"""For a thumbnail that stands in for one that could not be made just now."""
AN_HOUR = "private, max-age=3600, immutable"
REDIRECTED = "private, max-age=50"
"""A presigned link lives for 60 s: the browser forgets it a little earlier."""


class PictureResponse(FileResponse):
    """A file in a few large pieces: each piece goes through the interpreter, and 4 KB ones cost 3.7 ms of 5."""

    block_size = 256 * 1024


@login_not_required
@require_safe
def original(request: StudioRequest, pk: UUID) -> HttpResponseBase:
    """Send the original as the relay delivered it; one that is to be kept has its prompt inside if that is wanted."""
    if "download" in request.GET:
        return _to_keep(request, pk, with_prompt=request.GET["download"] == "prompt")
    image = _seen(request, pk)
    return nothing() if image is None else _whole(request, image)


def _whole(request: StudioRequest, image: Image, *, download: str | None = None) -> HttpResponseBase:
    cache = A_YEAR if request.GET.get("v") == image.edition else ASKED_AGAIN
    return send(
        request, image, image.key, image.media_type, etag=image.sha256, cache=cache, download=download
    )


def _to_keep(request: StudioRequest, pk: UUID, *, with_prompt: bool) -> HttpResponseBase:
    rows = _visible(request)
    rows = rows.with_file_data() if with_prompt else rows.select_related("generation__prompt")
    image = fetch(request, rows, pk)
    if image is None:
        return nothing()
    response = (
        _with_prompt(request, image) if with_prompt else _whole(request, image, download=image.filename)
    )
    if request.method == "GET" and response.status_code < 400:
        downloads.note([image.pk])
    return response


def _with_prompt(request: StudioRequest, image: Image) -> HttpResponseBase:
    try:
        pieces = downloads.with_prompt(image) if request.method == "GET" else iter(())
    except OSError:
        logger.error("storage.missing image=%s", image.pk)
        return nothing()
    response = StreamingHttpResponse(pieces, content_type=image.media_type)
    response["Content-Disposition"] = content_disposition_header(True, image.filename)
    return _guarded(response, cache=UNTIL_MADE)


@login_not_required
@require_safe
def thumbnail(request: StudioRequest, pk: UUID, side: int, signature: str) -> HttpResponseBase:
    """Send a thumbnail to the person its address was signed for, while it is fresh."""
    image = _seen(request, pk)
    if image is None or image.developed_at is None or side not in SIDES:
        return nothing()
    if not is_signed(signature, image, side, request.user.pk):
        return nothing()
    made = thumbnails.side_for(image, side)
    if made is None:
        return nothing()
    key, etag = image.thumbnail_key(made), f"{image.print_number}-{made}"
    cache = AN_HOUR if made >= min(side, image.long_side) else UNTIL_MADE
    response = send(request, image, key, "image/webp", etag=etag, cache=cache)
    if response.status_code == 404 and image.missing_since is None and thumbnails.make(image, made):
        response = send(request, image, key, "image/webp", etag=etag, cache=cache)
    return response


def _seen(request: StudioRequest, pk: UUID) -> Image | None:
    """Return an image that this person may see; rights are read from the database on each request."""
    image = _seen_by.first(request.user, pk) if request.user.is_authenticated else None
    if image is None:
        note_denied(request, Image, {pk})
    return image


@prepared
def _seen_by(person: User, pk: UUID) -> QuerySet[Image]:
    return Image.objects.visible_to(person).filter(pk=pk)


def _visible(request: HttpRequest) -> ImageQuerySet:
    """Rights are read from the database on each request, whatever the address is signed with."""
    if not request.user.is_authenticated:
        return Image.objects.none()
    return Image.objects.visible_to(request.user)


def send(
    request: StudioRequest,
    image: Image,
    key: str,
    media_type: str,
    *,
    etag: str,
    cache: str,
    download: str | None = None,
) -> HttpResponseBase:
    """Send the bytes that lie under a key; who may have them was looked at before."""
    if hasattr(default_storage, "presigned"):
        url = default_storage.presigned(key, media_type=media_type, filename=download)
        return _guarded(HttpResponse(status=302, headers={"Location": url}), cache=REDIRECTED)
    unchanged = get_conditional_response(request, etag=f'"{etag}"')
    if unchanged is not None:
        return _guarded(unchanged, cache=cache, etag=etag)
    try:
        file = default_storage.open(key)
    except OSError:
        logger.error("storage.missing image=%s", image.pk)
        return nothing()
    shown = f"{image.pk}.{key.rpartition('.')[2]}"
    response = PictureResponse(
        file, content_type=media_type, as_attachment=download is not None, filename=download or shown
    )
    return _guarded(response, cache=cache, etag=etag)


def _guarded(response: HttpResponseBase, *, cache: str, etag: str = "") -> HttpResponseBase:
    """Nothing in a picture may act: no script, no guess at its type, no use by other sites."""
    response["Cache-Control"] = cache
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-site"
    response["X-Content-Type-Options"] = "nosniff"
    if etag:
        response["ETag"] = f'"{etag}"'
    return response


def nothing() -> HttpResponseBase:
    """The same bytes for what is not yours, what is gone and what never was."""
    response = HttpResponseNotFound(b"Not found.", content_type="text/plain; charset=utf-8")
    return _guarded(response, cache="private, no-store")
