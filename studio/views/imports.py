"""Bringing in pictures that were made elsewhere."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards.images import tiles_alone
from studio.cards.imports import card_of
from studio.errors import StudioError
from studio.forms.imports import ImportForm
from studio.http import StudioRequest
from studio.models import Collection, Image, Import
from studio.models.images import ImageQuerySet
from studio.models.paging import page_of
from studio.search.asked import Asked
from studio.services import collections, disk, selections
from studio.services.imports import asking
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, before_of, render_page
from studio.views.uploads import SpoolHandler

PAGE, SHOWN = 25, 24

SECTION = {"section": "gallery"}


@csrf_exempt  # the token is looked at by the view inside: the handler must be named before the body is read
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Upload a ZIP or some pictures; below stands what was brought in before."""
    _check_room(int(request.META.get("CONTENT_LENGTH") or 0))
    request.upload_handlers = [SpoolHandler(request)]
    return _new(request)


@csrf_protect
def _new(request: StudioRequest) -> HttpResponse:
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    mine = Collection.objects.addable_by(request.user).last_used_first()
    form = ImportForm(*data, collections=mine, shared=request.user.shares)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            return SeeOther(reverse("imports.detail", args=[_start(request, form).pk]))
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
            status = error.status if error.status != 400 else 422
    before = before_of(request)
    page = page_of(Import.objects.owned_by(request.user).newest_first().before(before), PAGE)
    context = {"form": form, "earlier": [card_of(row) for row in page.rows], "before": before}
    context |= {"older": page.older and page.older.pk}
    return render_page(request, "imports/new.html", SECTION | context, status=status)


def _start(request: StudioRequest, form: ImportForm) -> Import:
    asked = form.cleaned_data
    into, name = asked["collection"], asked["name"]
    if name:
        into = collections.create(person=request.user, name=name)
    return asking.start(
        person=request.user,
        files=asked["pictures"],
        table=asked["table"],
        shared=asked["shared"],
        collection=into,
    )


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show how far an import is, what it brought, and what it could not keep."""
    row = fetch_or_404(request, Import.objects.owned_by(request.user).select_related("collection"), pk)
    pictures = _brought(request, row).newest_first().with_card_data(request.user)[:SHOWN]
    context = {"card": card_of(row), "tiles": tiles_alone(pictures, request.user, Asked())}
    return render_page(request, "imports/detail.html", SECTION | context, partial="import")


@require_POST
def stop(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Stop an import; what it has brought stays."""
    row = fetch_or_404(request, Import.objects.owned_by(request.user), pk)
    asking.stop(row=row, person=request.user)
    return SeeOther(reverse("imports.detail", args=[pk]))


@require_POST
def selection(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Choose everything that an import brought, to do something with all of it."""
    row = fetch_or_404(request, Import.objects.owned_by(request.user), pk)
    found = selections.start(person=request.user, images=_brought(request, row).values_list("pk", flat=True))
    return SeeOther(reverse("selections.detail", args=[found.pk]))


def _brought(request: StudioRequest, row: Import) -> ImageQuerySet:
    return Image.objects.owned_by(request.user).kept().filter(generation__brought=row)


def _check_room(length: int) -> None:
    """Refuse what would fill the disk, before it is read: it lies there twice for a moment."""
    if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        disk.check(needs=2 * length)
