"""The gallery, the viewer, and what people do with an image."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from studio.cards import gallery as pages
from studio.cards import receipts as facts
from studio.cards.images import alt_of, image_url, preview, tile, words
from studio.cards.kept import kept_of
from studio.cards.requests import lines_of
from studio.http import StudioRequest
from studio.media import names
from studio.models import Collection, Gallery, Image, User
from studio.models.collections import neighbours_in
from studio.search.asked import Asked, Misasked
from studio.search.images import search
from studio.services import images, receipts, sharing
from studio.services.images import StillUsed
from studio.views import openings, searches
from studio.views.fetch import as_uuid, fetch, fetch_or_404
from studio.views.page import SeeOther, before_of, came_from, render_page
from studio.words.looking import ORIGINAL_FAILED, ORIGINAL_MISSING

PRESSED = {"button#favourite": "favourite", "div#tile": "tile"}
"""What htmx replaces with an answer: the kind of element and the first part of its id."""


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show what the address asks for, fifty images at a time; each page has an address."""
    try:
        asked = Asked.from_query(request.GET)
    except Misasked as misasked:
        return searches.ask_again(request, misasked)
    if sent_on := searches.cleared(asked, request):
        return sent_on
    before = before_of(request)
    context: dict[str, Any] = {
        "section": "gallery",
        "gallery": asked.view,
        "galleries": Gallery,
        "asked": asked,
        "before": before,
    }
    context |= pages.page(asked, request.user, before)
    if not request.htmx:
        context |= pages.around(asked, request.user, context, before)
    return render_page(request, "images/index.html", context, partial="rows")


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one image with its receipt; the gallery opens the same as a dialog."""
    image = fetch(request, Image.objects.visible_to(request.user).with_receipt_data(request.user), pk)
    if image is None:
        return openings.closed(request, pk)
    context = _viewer(request, image) | {
        "facts": facts.of_image(image, reader=request.user),
        "kept": kept_of(image, request.user),
        "openings": image.openings.for_owner(request.user) if image.owner_id == request.user.pk else [],
        "requests": lines_of(image.generation),
        "section": "gallery",
    }
    return render_page(request, "images/detail.html", context, partial="viewer")


@require_POST
def favourite(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Like an image, or no longer."""
    image = fetch_or_404(request, Image.objects.visible_to(request.user).kept(), pk)
    images.favourite(image=image, person=request.user, liked=_on(request))
    return _answer(request, pk)


@require_POST
def share(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one's image to the team, or take it out; with `all`, its whole run."""
    image = fetch_or_404(request, Image.objects.visible_to(request.user).owned_by(request.user), pk)
    if "all" in request.POST:
        sharing.share_generation(generation=image.generation, person=request.user, shared=_on(request))
    else:
        sharing.share_image(image=image, person=request.user, shared=_on(request))
    return _answer(request, pk)


@require_POST
def trash(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put one's image into the trash, or take it out again."""
    image = fetch_or_404(request, Image.objects.visible_to(request.user).owned_by(request.user), pk)
    sure = "sure" in request.POST
    try:
        images.trash(person=request.user, images=[image.pk], trashed=_on(request), sure=sure)
    except StillUsed as error:
        context = _actions(request, image) | {"why": error.sentence, "section": "gallery"}
        return render_page(request, "images/trash.html", context, partial="ask")
    if sure and not request.htmx:
        return SeeOther(reverse("images.detail", args=[pk]))
    return _answer(request, pk)


@require_safe
def receipt(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Hand out every fact of one image; its neighbours in the same generation are nobody's business here."""
    image = fetch_or_404(request, Image.objects.visible_to(request.user).with_receipt_data(request.user), pk)
    body = receipts.of_one(image, reader=request.user)
    name = names.download(image.generation.prompt.text, image.pk, "json")
    headers = {"Content-Disposition": str(content_disposition_header(True, name))}
    return JsonResponse(body, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=headers)


@require_safe
def alike(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show pictures like one: the same, those that look so, those that were asked for in the same words."""
    rows = Image.objects.visible_to(request.user).select_related("generation__prompt")
    image = fetch_or_404(request, rows, pk)
    context = {
        "section": "gallery",
        "image": image,
        "preview": preview(image, request.user),
        "alt": alt_of(image),
        "groups": pages.alike_of(image, request.user),
    }
    return render_page(request, "images/alike.html", context)


def _asked(request: StudioRequest) -> Asked | None:
    """Return the list that the address names, None where it names none; what there cannot be is no page."""
    try:
        return Asked.from_query(request.GET) if "view" in request.GET else None
    except Misasked:
        raise Http404 from None


def _on(request: StudioRequest) -> bool:
    return request.POST.get("on") == "1"


def _viewer(request: StudioRequest, image: Image) -> dict[str, Any]:
    """Everything of the viewer but the facts."""
    person, prompt = request.user, image.generation.prompt
    return _actions(request, image) | {
        **_around(request, image),
        "preview": preview(image, person),
        "title": words(prompt.text, 60),
        "alt": alt_of(image),
        "owner": image.owner,
        "original_failed": ORIGINAL_MISSING if image.missing_since else ORIGINAL_FAILED,
        **_in_collection(request, image),
    }


def _in_collection(request: StudioRequest, image: Image) -> dict[str, Any]:
    """Return where to walk and where to go back to in a collection, when the address names one this person sees.

    With a view it is a filter of the gallery, which has its own order.
    """
    if "view" in request.GET:
        return {}
    pk = as_uuid(request.GET.get("collection"))
    visible = Collection.objects.visible_to(request.user)
    if pk is None or not visible.filter(pk=pk).exists():
        return {}
    previous, next_ = neighbours_in(pk, image.pk, request.user)
    query = f"?collection={pk}"
    return {
        "previous": _neighbour(previous, request.user, query),
        "next": _neighbour(next_, request.user, query),
        "close_url": f"{reverse('collections.detail', args=[pk])}#tile-{image.pk}",
    }


def _actions(request: StudioRequest, image: Image) -> dict[str, Any]:
    """What this person may do with the image."""
    prompt, mine = image.generation.prompt, image.owner_id == request.user.pk
    home = reverse("generations.index")
    return {
        "image": image,
        "mine": mine,
        "view_query": f"?{asked}" if (asked := _asked(request)) else "",
        "prompt_url": f"{home}?prompt={prompt.pk}",
        "all_url": f"{home}?from={image.generation_id}",
        "remix_url": f"{home}?remix={image.generation_id}",
        "compare_url": f"{reverse('comparisons.new')}?prompt={prompt.pk}",
    }


def _around(request: StudioRequest, image: Image) -> dict[str, Any]:
    """The neighbours to walk to, along the list that was asked for or along the image's own sheet; and the way back.

    The way back leads to the list at this very image, also for whoever came straight here.
    """
    asked = _asked(request)
    if asked:
        previous, next_ = search(asked, request.user).neighbours(image.pk)
    else:
        next_, previous = Image.objects.beside(image, request.user).neighbours(image.pk)
    query = f"?{asked}" if asked else ""
    home = asked or Asked(view=_home(request, image))
    is_first = asked and previous is None
    before = "" if is_first else f"&before={UUID(int=image.pk.int + 1)}"  # a page begins after what it names
    return {
        "previous": _neighbour(previous, request.user, query),
        "next": _neighbour(next_, request.user, query),
        "close_url": f"{reverse('images.index')}?{home}{before}#tile-{image.pk}",
    }


def _neighbour(image: Image | None, person: User, query: str) -> dict[str, str] | None:
    """Return where a neighbour is, and what a browser may fetch of it beforehand."""
    if image is None:
        return None
    seen = preview(image, person)
    return {"url": image_url(image.pk) + query, "ahead": f"{seen['src']} {seen['original']}"}


def _home(request: StudioRequest, image: Image) -> Gallery:
    if image.owner_id != request.user.pk:
        return Gallery.TEAM
    return Gallery.TRASH if image.in_trash else Gallery.MINE


def _answer(request: StudioRequest, pk: UUID) -> HttpResponse:
    """After an act: a new state of the buttons for htmx, the same page again for a plain form."""
    if not request.htmx:
        return SeeOther(came_from(request) or image_url(pk))
    image = fetch_or_404(request, Image.objects.visible_to(request.user).with_receipt_data(request.user), pk)
    asked = _asked(request)
    here = {"gallery": asked and asked.view, "tile": tile(image, request.user, asked or Asked())}
    partial = PRESSED.get((request.htmx.target or "").partition("-")[0], "actions")
    return render_page(request, "images/answers.html", _actions(request, image) | here, partial=partial)
