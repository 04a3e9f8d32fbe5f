"""Collections: the list, one of them, and what its owner does with it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards.collections import asked_of, cards_of, facts_of, pictures_of
from studio.forms.collections import CollectionForm, PlaceForm
from studio.http import StudioRequest
from studio.models import Collection, Gallery, Image
from studio.models.collections import CollectionQuerySet, page_in
from studio.models.paging import page_of
from studio.services import collections
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, before_of, render_page
from studio.words import say

PAGE = 24
PICTURES = 60
SECTION = {"section": "gallery", "galleries": Gallery}


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show one's own collections and the team's, those that were used last first."""
    before = before_of(request)
    visible = Collection.objects.visible_to(request.user)
    found = visible.before(fetch_or_404(request, visible, before) if before else None)
    page = page_of(found.last_used_first().with_card_data(request.user), PAGE)
    context = SECTION | {
        "cards": cards_of(page.rows, request.user),
        "older": page.older and page.older.pk,
        "before": before,
    }
    return render_page(request, "collections/index.html", context, partial="cards")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Make a collection."""
    form = CollectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        row = collections.create(person=request.user, **form.cleaned_data)
        messages.success(request, say("collection_made", {"name": row.name}))
        return SeeOther(reverse("collections.detail", args=[row.pk]))
    context = SECTION | {"form": form}
    return render_page(request, "collections/new.html", context, status=422 if form.errors else 200)


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show the pictures of a collection in its order; with `arrange` its owner changes that."""
    row = fetch_or_404(request, _visible(request).with_card_data(request.user), pk)
    mine = row.owner_id == request.user.pk
    page = page_of(page_in(row, request.user, below=_below(request)), PICTURES)
    context = SECTION | {
        "collection": row,
        "facts": facts_of(row, request.user),
        "mine": mine,
        "adds": row.can_be_added_to_by(request.user),
        "asked": asked_of(row),
        "arrange": mine and "arrange" in request.GET,
        "tiles": pictures_of(page.rows, request.user, row),
        "below": page.older and page.older.position,  # type: ignore[attr-defined]
        "deep": "below" in request.GET,
    }
    return render_page(request, "collections/detail.html", context, partial="pictures")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a collection and who sees it."""
    row = fetch_or_404(request, _own(request), pk)
    form = CollectionForm(request.POST if request.method == "POST" else None, collection=row)
    if form.is_valid():
        collections.edit(collection=row, person=request.user, **form.cleaned_data)
        messages.success(request, say("collection_saved", {}))
        return SeeOther(reverse("collections.detail", args=[pk]))
    context = SECTION | {"form": form, "collection": row}
    return render_page(request, "collections/edit.html", context, status=422 if form.errors else 200)


@require_POST
def deletion(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Remove a collection, not its pictures."""
    row = fetch_or_404(request, _own(request), pk)
    collections.delete(collection=row, person=request.user)
    messages.success(request, say("collection_deleted", {"name": row.name}))
    return SeeOther(reverse("collections.index"))


@require_POST
def order(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put a picture below another, or on top."""
    return _placed(
        request,
        _own(request),
        pk,
        lambda row, image, below: collections.move(
            person=request.user, collection=row, image=image, below=below
        ),
    )


@require_POST
def cover(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let a picture stand for its collection."""
    return _placed(
        request,
        _own(request),
        pk,
        lambda row, image, below: collections.choose_cover(person=request.user, collection=row, image=image),
    )


@require_POST
def removal(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take a picture out."""
    return _placed(
        request,
        _visible(request),
        pk,
        lambda row, image, below: collections.remove(person=request.user, collection=row, images=[image]),
    )


def _placed(
    request: StudioRequest,
    rows: CollectionQuerySet,
    pk: UUID,
    act: Callable[[Collection, UUID, UUID | None], Any],
) -> HttpResponse:
    """Do something with the picture that is sent along, and come back to where it was done."""
    row, form = fetch_or_404(request, rows, pk), PlaceForm(request.POST)
    if not form.is_valid():
        raise Http404
    image = fetch_or_404(request, Image.objects.visible_to(request.user), form.cleaned_data["image"])
    act(row, image.pk, form.cleaned_data["below"])
    back = request.POST.get("back", "")
    query = back if back.startswith("?") else "?arrange=1"
    return SeeOther(f"{reverse('collections.detail', args=[pk])}{query}#tile-{image.pk}")


def _visible(request: StudioRequest) -> CollectionQuerySet:
    return Collection.objects.visible_to(request.user)


def _own(request: StudioRequest) -> CollectionQuerySet:
    return Collection.objects.owned_by(request.user)


def _below(request: StudioRequest) -> int | None:
    try:
        return int(request.GET["below"]) if request.GET.get("below") else None
    except ValueError:
        raise Http404 from None
