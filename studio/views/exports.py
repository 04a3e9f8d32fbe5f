"""A copy of everything that is one's own."""

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studio.http import StudioRequest
from studio.models import Export, ExportState
from studio.services.people import exports
from studio.views import ranges
from studio.views.page import SeeOther

NAME = "lightfast-export.zip"


@require_POST
def create(request: StudioRequest) -> HttpResponse:
    """Have a copy made; the page says when it is ready."""
    exports.ask(person=request.user)
    return SeeOther(reverse("own.detail") + "#export")


@require_safe
def file(request: StudioRequest) -> HttpResponseBase:
    """Send one's copy, or the part of it that is still missing."""
    row = Export.objects.of(request.user).filter(state=ExportState.READY).first()
    if row is None:
        raise Http404
    if hasattr(default_storage, "presigned"):
        url = default_storage.presigned(row.key, media_type="application/zip", filename=NAME)
        return HttpResponse(status=302, headers={"Location": url, "Cache-Control": "private, no-store"})
    try:
        content = default_storage.open(row.key)
    except OSError:
        raise Http404 from None
    return ranges.send(request, content, size=row.byte_size, etag=f'"{row.pk}"', name=NAME)
