"""What people keep with a picture: collections, tags, stars, comments, and words for whoever cannot see it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studio.cards.images import preview, words
from studio.cards.kept import kept_of
from studio.cleaning import clean_text
from studio.errors import StudioError
from studio.http import StudioRequest
from studio.models import Collection, Comment, Image, Tag
from studio.models.comments import STARS
from studio.models.tags import tags_in
from studio.services import collections, comments, images, ratings, tags
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.words import Reason

ALL = 200
"""Comments on the page that is theirs alone."""

GIVEN = {str(stars) for stars in range(STARS[1] + 1)}
"""What may be sent as stars; none takes them back."""


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show the panel on a page of its own, with all that was said."""
    return _panel(request, _image(request, pk), whole=True)


@require_POST
def collect(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put a picture into a collection, or into one that is made for it, or take it out."""
    image = _image(request, pk)
    try:
        collection = _chosen(request)
        if request.POST.get("on") == "0":
            collections.remove(person=request.user, collection=collection, images=[image.pk])
        else:
            collections.add(person=request.user, collection=collection, images=[image.pk])
    except StudioError as error:
        return _wrong(request, image, "collection", error)
    return _answer(request, image)


@require_POST
def tag(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put tags on a picture, or take one off."""
    image, names = _image(request, pk), tags_in(_text(request, "names"))
    try:
        if request.POST.get("on") == "0":
            for row in Tag.objects.filter(name__in=names):
                tags.remove(person=request.user, image=image, tag=row)
        else:
            tags.add(person=request.user, images=[image.pk], names=names)
    except StudioError as error:
        return _wrong(request, image, "names", error)
    return _answer(request, image)


@require_POST
def rate(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Give a picture stars, or take them back."""
    image, stars = _image(request, pk), request.POST.get("stars", "")
    try:
        ratings.give(person=request.user, image=image, stars=int(stars) if stars in GIVEN else -1)
    except StudioError as error:
        return _wrong(request, image, "stars", error)
    return _answer(request, image)


@require_POST
def comment(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Say something of a picture."""
    image = _image(request, pk)
    try:
        comments.write(person=request.user, image=image, text=_text(request, "text"))
    except StudioError as error:
        return _wrong(request, image, "text", error)
    return _answer(request, image)


@require_POST
def uncomment(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take a comment back."""
    rows = Comment.objects.removable_by(request.user).select_related("image")
    row = fetch_or_404(request, rows, pk)
    comments.remove(person=request.user, comment=row)
    return _answer(request, row.image)


@require_POST
def describe(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Write what a picture shows."""
    rows = Image.objects.visible_to(request.user).owned_by(request.user)
    image = fetch_or_404(request, rows.select_related("generation__prompt"), pk)
    try:
        text = _text(request, "alt")
        proposed = words(image.generation.prompt.text)
        images.describe(image=image, person=request.user, text="" if text == proposed else text)
    except StudioError as error:
        return _wrong(request, image, "alt", error)
    return _answer(request, image)


def _image(request: StudioRequest, pk: UUID) -> Image:
    rows = Image.objects.visible_to(request.user).select_related("generation__prompt", "owner")
    return fetch_or_404(request, rows, pk)


def _chosen(request: StudioRequest) -> Collection:
    """Return the collection that is named by its id; where a name is written, a new one."""
    if name := _text(request, "name").strip():
        return collections.create(person=request.user, name=name[:80])
    wanted = request.POST.get("collection", "")
    if not wanted:
        raise StudioError(Reason("collection_wants_a_name"), param="name")
    try:
        pk = UUID(wanted)
    except ValueError:
        pk = None
    return fetch_or_404(request, Collection.objects.visible_to(request.user), pk)


def _text(request: StudioRequest, name: str) -> str:
    return clean_text(request.POST.get(name, ""))


def _answer(request: StudioRequest, image: Image) -> HttpResponse:
    """After an act: the panel as it is now for htmx, the picture's page for a plain form."""
    if not request.htmx:
        return SeeOther(f"{reverse('images.detail', args=[image.pk])}#kept-{image.pk}")
    return _panel(request, _image(request, image.pk))


def _wrong(request: StudioRequest, image: Image, field: str, error: StudioError) -> HttpResponse:
    """The panel with everything typed and what is wrong with it, beside the field."""
    status = error.status if error.status == 403 else 422
    wrong = {field: error.sentence}
    return _panel(request, _image(request, image.pk), status=status, wrong=wrong, typed=request.POST)


def _panel(
    request: StudioRequest, image: Image, *, status: int = 200, whole: bool = False, **facts: Any
) -> HttpResponse:
    kept = kept_of(image, request.user, comments=ALL) if whole else kept_of(image, request.user)
    context = facts | {"kept": kept, "image": image, "section": "gallery"}
    if not request.htmx:
        context |= {"preview": preview(image, request.user), "title": words(image.generation.prompt.text, 60)}
    return render_page(request, "kept/detail.html", context, partial="kept", status=status)
