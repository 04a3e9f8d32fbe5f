"""A private picture that was not reported: closed to moderators, open to administrators for a while, with a reason."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from studio.forms.openings import OpeningForm
from studio.http import StudioRequest
from studio.models import Image, Opening
from studio.services.moderation import openings
from studio.views import media
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import moderators_only


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask an administrator why, then show the picture until the time is over."""
    openings.check_may_open(administrator=request.user)
    image = _image(request, pk)
    form = OpeningForm(request.POST or None)
    form.label_suffix = ""
    if form.is_valid():
        openings.open_for_a_while(image=image, administrator=request.user, why=form.cleaned_data["why"])
        return SeeOther(reverse("openings.detail", args=[pk]))
    opening = Opening.objects.valid_for(request.user, image).order_by("pk").last()
    context = {"image": image, "form": form, "opening": opening}
    status = 422 if request.method == "POST" else 200
    return render_page(request, "openings/detail.html", context, status=status)


def closed(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Answer for a picture that is not this person's to see: an administrator learns how to open it with a reason."""
    if not request.user.is_administrator or not Image.objects.filter(pk=pk, removed_at=None).exists():
        raise Http404
    return render(request, "openings/closed.html", {"pk": pk}, status=404)


@moderators_only
@require_safe
def picture(request: StudioRequest, pk: UUID) -> HttpResponseBase:
    """Send the picture, which is written down each time."""
    openings.check_may_open(administrator=request.user)
    image = _image(request, pk)
    openings.look(image=image, administrator=request.user)
    return media.send(
        request, image, image.key, image.media_type, etag=image.sha256, cache="private, no-store"
    )


def _image(request: StudioRequest, pk: UUID) -> Image:
    return fetch_or_404(request, Image.objects.select_related("owner", "generation__prompt"), pk)
