"""Many pictures as one ZIP."""

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from studio.http import StudioRequest
from studio.models import Download, Selection
from studio.services import downloads
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page


@require_POST
def create(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let a selection be fetched; the page that follows fetches it and shows how far it is."""
    selection = fetch_or_404(request, Selection.objects.of(request.user).select_related("person"), pk)
    row = downloads.start(selection=selection, with_prompts=request.POST.get("prompts") == "1")
    return SeeOther(reverse("downloads.detail", args=[row.pk]) + "?fresh=1")


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show how far a download is; while it is on its way the page asks every second."""
    row = _download(request, pk)
    fresh = "fresh" in request.GET and not row.has_begun
    context = {"section": "gallery", "download": row, "fresh": fresh}
    return render_page(request, "downloads/detail.html", context, partial="download")


@require_safe
def file(request: StudioRequest, pk: UUID) -> HttpResponseBase:
    """Send the ZIP while it is made."""
    row = _download(request, pk)
    pieces = (
        downloads.send(row) if request.method == "GET" else iter(())
    )  # who asks for the head fetches nothing
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, _name(row))
    response["X-Accel-Buffering"] = "no"  # a proxy shall not collect it either
    return response


def _download(request: StudioRequest, pk: UUID) -> Download:
    rows = Download.objects.of(request.user).select_related("person", "selection__person")
    return fetch_or_404(request, rows, pk)


def _name(row: Download) -> str:
    count = "1 picture" if row.total == 1 else f"{row.total} pictures"
    return f"lightfast {timezone.localdate()} {count}.zip"
