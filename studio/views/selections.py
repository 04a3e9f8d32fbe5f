"""Pictures that are chosen in the gallery, and what is done with all of them (PRODUCT §3.6)."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studio.cards.gallery import number
from studio.cards.images import tile
from studio.cards.images import tiles as tiles_of
from studio.cleaning import clean_text
from studio.errors import StudioError
from studio.http import StudioRequest
from studio.models import Collection, Gallery, Image, Selection
from studio.models.selections import AT_MOST
from studio.search.asked import Asked, Misasked
from studio.services import collections, images, selections, sharing, tags
from studio.services.images import StillUsed
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.words import Reason

SHOWN = 24
"""How many of the chosen pictures a selection's own page shows."""

COLLECTIONS = 12
"""How many collections the bar offers: those that were used last."""

DEEDS = {
    "liked": ("did_liked", "favourite", "0"),
    "unliked": ("did_unliked", "favourite", "1"),
    "shared": ("did_shared", "share", "0"),
    "private": ("did_private", "share", "1"),
    "trashed": ("did_trashed", "trash", "0"),
    "restored": ("did_restored", "trash", "1"),
    "collected": ("did_collected", "collect", "0"),
    "uncollected": ("did_uncollected", "collect", "1"),
    "tagged": ("did_tagged", "", ""),
}
"""What was done → how it is said, and what undoes it: the last part of the address, and what is sent as `on`."""

GONE = {"trashed", "restored"}
"""After these the pictures are somewhere else, and nothing is chosen any more."""


@require_POST
def create(request: StudioRequest) -> HttpResponse:
    """Begin a selection with what was ticked, or with all that the search finds."""
    asked = _asked(QueryDict(request.POST.get("query", "")))
    row = selections.start(person=request.user, asked=asked)
    _choose(request, row, on=True)
    return SeeOther(_home(row))


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show what is chosen and what can be done with it; the gallery has the same as a bar at its foot."""
    row = _selection(request, pk)
    return _page(request, row, **_outcome(request, row))


@require_POST
def picks(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take pictures in or leave them out: single ones, all between two, or everything that matches."""
    row = _selection(request, pk)
    _choose(request, row, on=_on(request))
    return SeeOther(_home(row))


@require_safe
def tiles(request: StudioRequest) -> HttpResponse:
    """Show some tiles of the gallery as they are now, each in its place."""
    asked = _asked(request.GET)
    pks = _pks(request.GET.get("images", ""))[:SHOWN]
    found = Image.objects.visible_to(request.user).filter(pk__in=pks).with_card_data(request.user)
    context = {"tiles": [tile(image, request.user, asked) for image in found]}
    return render_page(request, "selections/tiles.html", context)


# What is done with all of them


@require_POST
def favourite(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Like all of them, or no longer."""
    row, on = _selection(request, pk), _on(request)
    done = images.favourite_all(images=selections.pks_of(row), person=request.user, liked=on)
    return _done(request, row, "liked" if on else "unliked", done)


@require_POST
def share(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show those that are one's own to the team, or take them out."""
    row, on = _selection(request, pk), _on(request)
    done = sharing.share_images(images=selections.pks_of(row), person=request.user, shared=on)
    return _done(request, row, "shared" if on else "private", done)


@require_POST
def trash(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put those that are one's own into the trash, or take them out; ask first where somebody would miss them."""
    row, on = _selection(request, pk), _on(request)
    pks = selections.pks_of(row)
    try:
        done = images.trash(person=request.user, images=pks, trashed=on, sure="sure" in request.POST)
    except StillUsed as error:
        return _page(request, row, why=error.sentence)
    return _done(request, row, "trashed" if on else "restored", done)


@require_POST
def collect(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put all of them into a collection, also one that is made for them; undoing takes them out."""
    row = _selection(request, pk)
    pks = selections.pks_of(row)
    if "name" in request.POST:
        name = clean_text(request.POST["name"])
        try:
            into = collections.create(person=request.user, name=name)
        except StudioError as error:
            return _page(request, row, trouble=error.sentence, name=name, status=422)
    else:
        found = Collection.objects.addable_by(request.user)
        into = fetch_or_404(request, found, _uuid(request.POST.get("collection", "")))
    if request.POST.get("on") == "0":
        gone = collections.remove(person=request.user, collection=into, images=pks)
        return _done(request, row, "uncollected", gone, into)
    added = collections.add(person=request.user, collection=into, images=pks)
    return _done(request, row, "collected", added, into)


@require_POST
def tag(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put words on all of them."""
    row = _selection(request, pk)
    names = clean_text(request.POST.get("names", "")).split(",")
    try:
        tags.add(person=request.user, images=selections.pks_of(row), names=names)
    except StudioError as error:
        return _page(request, row, trouble=error.sentence, names=", ".join(names), status=422)
    return _done(request, row, "tagged", [])


# Parts of all this


def _page(request: StudioRequest, row: Selection, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show a selection: to htmx its bar, to everybody else a page with the newest of its pictures."""
    asked, count = _asked(QueryDict(row.query)), selections.count(row)
    context = {
        "section": "gallery",
        "selection": row,
        "home": _home(row),
        "home_url": home_of(asked),
        "out_of": _out_of(request, asked),
        "count": count,
        "many": f"{count:,}" if count <= AT_MOST else f"{AT_MOST:,}+",
        "in_trash": asked.view == Gallery.TRASH,
        "in_favourites": asked.view == Gallery.FAVOURITES,
        "collections": Collection.objects.addable_by(request.user).last_used_first()[:COLLECTIONS],
    }
    if not row.everything:
        context["matching"] = number(asked, request.user)
    if not request.htmx:
        found = selections.chosen(row).order_by("-pk")[:SHOWN].with_card_data(request.user)
        context["tiles"] = list(tiles_of(found, request.user, asked))
    return render_page(request, "selections/detail.html", context | more, partial="grip", status=status)


def home_of(asked: Asked) -> str:
    """Return the address of the list that a selection was made in."""
    if asked.view == Gallery.SEEN and asked.collection:
        return reverse("collections.detail", args=[asked.collection])
    return f"{reverse('images.index')}?{asked}"


def _out_of(request: StudioRequest, asked: Asked) -> Collection | None:
    """Return the collection that was chosen in, if the person may take something out of it."""
    rows = Collection.objects.addable_by(request.user)
    return rows.filter(pk=asked.collection).first() if asked.collection else None


def _choose(request: StudioRequest, row: Selection, *, on: bool) -> None:
    """Do what the form says: everything, all between two, or the ticked ones."""
    if "everything" in request.POST:
        selections.choose_everything(selection=row)
    elif "first" in request.POST:
        first, last = (_uuid(request.POST.get(name, "")) for name in ("first", "last"))
        selections.choose_between(selection=row, first=first, last=last, on=on)
    else:
        selections.choose(selection=row, images=_images(request), on=on)


def _selection(request: StudioRequest, pk: UUID) -> Selection:
    return fetch_or_404(request, Selection.objects.of(request.user).select_related("person"), pk)


def _done(
    request: StudioRequest, row: Selection, deed: str, done: Iterable[UUID], into: Collection | None = None
) -> HttpResponse:
    """Go back to the selection with what was done; what changed is a selection too, by which it can be undone."""
    changed = list(done)
    facts = {"did": deed}
    if changed:
        facts["undo"] = str(selections.start(person=request.user, images=changed).pk)
    if into:
        facts["into"] = str(into.pk)
    home = _uuid(request.POST["of"]) if "of" in request.POST else row.pk
    return SeeOther(f"{reverse('selections.detail', args=[home])}?{urlencode(facts)}")


def _outcome(request: StudioRequest, row: Selection) -> dict[str, Any]:
    """Return what has just been done, in words, and what undoes it; nothing when nothing was done."""
    deed = request.GET.get("did", "")
    if deed not in DEEDS:
        return {}
    code, act, on = DEEDS[deed]
    if not act:
        return {"outcome": Reason(code), "deed": deed}
    if "undo" not in request.GET:
        return {"outcome": Reason("did_nothing"), "deed": deed}
    undo = _selection(request, _uuid(request.GET["undo"]))
    return {
        "deed": deed,
        "over": deed in GONE or (deed == "uncollected" and request.GET.get("into", "x") in row.query),
        "outcome": Reason(code, n=selections.count(undo)),
        "undo_url": reverse(f"selections.{act}", args=[undo.pk]),
        "undo_on": on,
        "undo_into": request.GET.get("into", ""),
    }


def _home(row: Selection) -> str:
    return reverse("selections.detail", args=[row.pk])


def _on(request: StudioRequest) -> bool:
    return request.POST.get("on") == "1"


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
