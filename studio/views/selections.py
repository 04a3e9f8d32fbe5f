"""Pictures that are chosen in the gallery, and what is done with all of them (PRODUCT §3.6)."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studio.cards.images import tile
from studio.cards.images import tiles as tiles_of
from studio.http import StudioRequest
from studio.models import Image, Selection
from studio.search.asked import Asked, Misasked
from studio.services import images, selections, sharing
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.words import Reason

SHOWN = 24
"""How many of the chosen pictures a selection's own page shows."""

DEEDS = {
    "liked": ("did_liked", "favourite", "0"),
    "unliked": ("did_unliked", "favourite", "1"),
    "shared": ("did_shared", "share", "0"),
    "private": ("did_private", "share", "1"),
}
"""What was done → how it is said, and what undoes it: the last part of the address, and what is sent as `on`."""


@require_POST
def create(request: StudioRequest) -> HttpResponse:
    """Begin a selection with what was ticked, or with all that the search finds."""
    asked = _asked(QueryDict(request.POST.get("query", "")))
    row = selections.start(person=request.user, asked=asked, images=_images(request))
    if "everything" in request.POST:
        selections.choose_everything(selection=row)
    return SeeOther(_home(row))


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show what is chosen and what can be done with it; the gallery has the same as a bar at its foot."""
    row = _selection(request, pk)
    context = {"section": "gallery", "selection": row, "count": selections.count(row)}
    context |= _outcome(request)
    if not request.htmx:
        found = selections.chosen(row).order_by("-pk")[:SHOWN].with_card_data(request.user)
        context["tiles"] = list(tiles_of(found, request.user, _asked(QueryDict(row.query)).view))
    return render_page(request, "selections/detail.html", context, partial="grip")


@require_POST
def picks(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take pictures in or leave them out: single ones, all between two, or everything that matches."""
    row, on = _selection(request, pk), request.POST.get("on") == "1"
    if "everything" in request.POST:
        selections.choose_everything(selection=row)
    elif "first" in request.POST:
        first, last = (_uuid(request.POST.get(name, "")) for name in ("first", "last"))
        selections.choose_between(selection=row, first=first, last=last, on=on)
    else:
        selections.choose(selection=row, images=_images(request), on=on)
    return SeeOther(_home(row))


@require_safe
def tiles(request: StudioRequest) -> HttpResponse:
    """Show some tiles of the gallery as they are now, each in its place."""
    gallery = _asked(request.GET).view
    pks = _pks(request.GET.get("images", ""))[:SHOWN]
    found = Image.objects.visible_to(request.user).filter(pk__in=pks).with_card_data(request.user)
    context = {"tiles": [tile(image, request.user, gallery) for image in found]}
    return render_page(request, "selections/tiles.html", context)


@require_POST
def favourite(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Like all of them, or no longer."""
    row, on = _selection(request, pk), request.POST.get("on") == "1"
    done = images.favourite_all(images=selections.pks_of(row), person=request.user, liked=on)
    return _done(request, row, "liked" if on else "unliked", done)


@require_POST
def share(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show those that are one's own to the team, or take them out."""
    row, on = _selection(request, pk), request.POST.get("on") == "1"
    done = sharing.share_images(images=selections.pks_of(row), person=request.user, shared=on)
    return _done(request, row, "shared" if on else "private", done)


def _selection(request: StudioRequest, pk: UUID) -> Selection:
    return fetch_or_404(request, Selection.objects.of(request.user).select_related("person"), pk)


def _done(request: StudioRequest, row: Selection, deed: str, done: Iterable[UUID]) -> HttpResponse:
    """Go back to the selection with what was done; what changed is a selection too, by which it can be undone."""
    changed = list(done)
    facts = {"did": deed}
    if changed:
        facts["undo"] = str(selections.start(person=request.user, images=changed).pk)
    home = _uuid(request.POST["of"]) if "of" in request.POST else row.pk
    return SeeOther(f"{reverse('selections.detail', args=[home])}?{urlencode(facts)}")


def _outcome(request: StudioRequest) -> dict[str, Any]:
    """Return what has just been done, in words, and what undoes it; nothing when nothing was done."""
    deed = request.GET.get("did", "")
    if deed not in DEEDS:
        return {}
    if "undo" not in request.GET:
        return {"outcome": Reason("did_nothing")}
    undo = _selection(request, _uuid(request.GET["undo"]))
    code, act, on = DEEDS[deed]
    return {
        "outcome": Reason(code, n=selections.count(undo)),
        "undo_url": reverse(f"selections.{act}", args=[undo.pk]),
        "undo_on": on,
    }


def _home(row: Selection) -> str:
    return reverse("selections.detail", args=[row.pk])


def _asked(query: QueryDict) -> Asked:
    """Return what an address of the gallery asks for; one that asks for what there cannot be is not found."""
    try:
        return Asked.from_query(query)
    except Misasked:
        raise Http404 from None


def _images(request: StudioRequest) -> list[UUID]:
    """Return the ticked pictures: a field for each from a plain form, all in one field from the page's own hands."""
    return _pks(*request.POST.getlist("image"), request.POST.get("images", ""))


def _pks(*texts: str) -> list[UUID]:
    return [_uuid(text) for each in texts for text in each.split(",") if text]


def _uuid(text: str) -> UUID:
    """Return an id; an address or a form that names none there can be is not found."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
