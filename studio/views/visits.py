"""What somebody without an account sees by a link to the outside, and what they say of it (PRODUCT §3.9)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from studio import accounts as door
from studio.cards import visits as cards
from studio.errors import StudioError
from studio.forms.outside import MarkForm, UnlockForm, VisitorForm
from studio.http import StudioRequest
from studio.models import Mark, OutsideLink, Visitor
from studio.services import outside, visitors
from studio.views import doorway
from studio.views.page import SeeOther, render_page, start_of

PAGE = 60


@doorway.by_link
@require_safe
def detail(request: StudioRequest, token: str, link: OutsideLink) -> HttpResponse:
    """Show what the link leads to."""
    if request.method == "GET" and doorway.is_new_here(request, link):
        outside.count_view(link=link)
    return doorway.been_here(_list(request, token, link), link)


@doorway.by_link
@require_safe
def picture(request: StudioRequest, token: str, link: OutsideLink, pk: UUID) -> HttpResponse:
    """Show one picture large, with the way to its neighbours."""
    return _picture(request, token, link, pk)


@sensitive_post_parameters("password")
@doorway.before_the_door
@require_POST
def unlock(request: StudioRequest, token: str, link: OutsideLink) -> HttpResponse:
    """Take the password, which is never in an address."""
    form = UnlockForm(request.POST)
    if not form.is_valid():
        return doorway.at_the_door(request, token, form, status=422)
    try:
        outside.unlock(link=link, address=door.visitor_address(request), **form.cleaned_data)
    except StudioError as error:
        form.add_error("password", error.sentence)
        return doorway.at_the_door(request, token, form, status=error.status, wait=error.retry_after)
    response = SeeOther(reverse("visits.detail", args=[token]))
    doorway.let_in(response, link)
    return response


@doorway.by_link
@require_POST
def name(request: StudioRequest, token: str, link: OutsideLink) -> HttpResponse:
    """Hear who is going to answer."""
    if not link.reviews:
        return doorway.nothing(request)
    form = VisitorForm(request.POST)
    visitor, status = _introduced(request, link, form)
    if visitor is None:
        return _list(request, token, link, status=status, name_form=form)
    response = SeeOther(reverse("visits.detail", args=[token]))
    doorway.remember(response, visitor)
    return response


@doorway.by_link
@require_POST
def mark(request: StudioRequest, token: str, link: OutsideLink, pk: UUID) -> HttpResponse:
    """Keep what a visitor says of one picture; who has not said their name is asked for it on the way."""
    image = outside.pictures(link).filter(pk=pk).first() if link.reviews else None
    if image is None:
        return doorway.nothing(request)
    form, name_form = MarkForm(request.POST), VisitorForm(request.POST)
    visitor, status = doorway.visitor_of(request, link), 422
    if form.is_valid() and visitor is None:
        visitor, status = _introduced(request, link, name_form)
    if visitor is None or not form.is_valid():
        return _picture(request, token, link, pk, status=status, form=form, name_form=name_form)
    visitors.mark(visitor=visitor, image=image, address=door.visitor_address(request), **form.cleaned_data)
    response = _answered(request, token, link, pk, visitor)
    doorway.remember(response, visitor)
    return response


def _introduced(request: StudioRequest, link: OutsideLink, form: VisitorForm) -> tuple[Visitor | None, int]:
    """Return the new visitor, or nobody and the status of what is wrong with the name."""
    if not form.is_valid():
        return None, 422
    try:
        address = door.visitor_address(request)
        return visitors.introduce(link=link, address=address, **form.cleaned_data), 200
    except StudioError as error:
        form.add_error("name", error.sentence)
        return None, error.status


def _answered(
    request: StudioRequest, token: str, link: OutsideLink, pk: UUID, visitor: Visitor
) -> HttpResponse:
    """After an answer: its form anew for htmx, else the page that it was given on."""
    if request.htmx:
        return _picture(request, token, link, pk, visitor=visitor)
    if "list" not in request.POST:
        return SeeOther(reverse("visits.picture", args=[token, pk]))
    at = outside.keys(link).index(pk) // PAGE * PAGE
    query = f"?from={at}" if at else ""
    return SeeOther(f"{reverse('visits.detail', args=[token])}{query}#picture-{pk}")


def _list(
    request: StudioRequest, token: str, link: OutsideLink, *, status: int = 200, **forms: Any
) -> HttpResponse:
    keys, start = outside.keys(link), start_of(request)
    if start >= len(keys):
        return doorway.nothing(request)
    visitor = doorway.visitor_of(request, link)
    images = outside.described(link).in_bulk(keys[start : start + PAGE])
    rows = [images[key] for key in keys[start : start + PAGE] if key in images]
    marks = Mark.objects.of(visitor)
    context = _frame(token, link, visitor) | {
        "cards": cards.shown(rows, link=link, token=token, marks=marks, first=start + 1),
        "count": len(keys),
        "newer": start and f"?from={max(start - PAGE, 0)}",
        "older": start + PAGE < len(keys) and f"?from={start + PAGE}",
    }
    return render_page(
        request, "visits/detail.html", {"name_form": VisitorForm()} | context | forms, status=status
    )


def _picture(
    request: StudioRequest,
    token: str,
    link: OutsideLink,
    pk: UUID,
    *,
    status: int = 200,
    visitor: Visitor | None = None,
    **forms: Any,
) -> HttpResponse:
    keys = outside.keys(link)
    image = outside.described(link).filter(pk=pk).first()
    if image is None or pk not in keys:
        return doorway.nothing(request)
    at, visitor = keys.index(pk), visitor or doorway.visitor_of(request, link)
    [card] = cards.shown([image], link=link, token=token, marks=Mark.objects.of(visitor), first=at + 1)
    context = _frame(token, link, visitor) | {
        "card": card,
        "count": len(keys),
        "previous": at and reverse("visits.picture", args=[token, keys[at - 1]]),
        "next": at + 1 < len(keys) and reverse("visits.picture", args=[token, keys[at + 1]]),
    }
    return render_page(request, "visits/picture.html", context | forms, partial="answer", status=status)


def _frame(token: str, link: OutsideLink, visitor: Visitor | None) -> dict[str, Any]:
    return {"link": link, "token": token, "visitor": visitor}
