"""One's links to the outside: made, listed, looked at with what visitors said, taken back (PRODUCT §3.9)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards import outside as cards
from studio.errors import StudioError
from studio.forms import put_cursor
from studio.forms.outside import OutsideLinkForm, TargetForm
from studio.http import StudioRequest
from studio.models import Collection, Comparison, Image, Mark, OutsideLink
from studio.models.paging import page_of
from studio.services import outside
from studio.views import once
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, before_of, render_page, start_of
from studio.views.roles import administrators_only

PAGE = 50
SECTION = {"section": "gallery"}


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show one's links, the newest first."""
    before = before_of(request)
    rows = OutsideLink.objects.owned_by(request.user).newest_first().before(before).with_target()
    page = page_of(rows, PAGE)
    links = [cards.card_of(row) for row in page.rows]
    context = {"links": links, "older": page.older and page.older.pk, "before": before}
    return render_page(request, "outside/index.html", SECTION | context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Make a link to `?image=`, `?comparison=` or `?collection=`; the next page shows it, once."""
    if not settings.OUTSIDE_LINKS:
        raise Http404
    target = _target(request)
    form = OutsideLinkForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            row, token = outside.make(person=request.user, target=target, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
            status = error.status
        else:
            once.put(request, link=outside.url_of(token), pk=str(row.pk))
            return SeeOther(reverse("outside.detail", args=[row.pk]))
    put_cursor(form)
    kind = outside.KINDS[type(target)]
    context = {"form": form, "kind": cards.KINDS[kind], "back": cards.target_url(kind, target.pk)}
    return render_page(request, "outside/new.html", SECTION | context, status=status)


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one link, and what visitors said of each picture; a new one with its address, once."""
    link = fetch_or_404(request, OutsideLink.objects.owned_by(request.user).with_target(), pk)
    shown = once.take(request)
    context = {
        "card": cards.card_of(link),
        "link": link,
        "address": shown.get("link") if shown.get("pk") == str(pk) else None,
        **(_said(request, link) if link.reviews else {}),
    }
    return render_page(request, "outside/detail.html", SECTION | context)


@require_safe
def answers(request: StudioRequest, pk: UUID) -> HttpResponseBase:
    """Send what visitors said by a link as CSV."""
    link = fetch_or_404(request, OutsideLink.objects.owned_by(request.user).with_target(), pk)
    response = StreamingHttpResponse(outside.answers_as_csv(link), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="answers-{timezone.localdate()}.csv"'
    return response


@require_POST
def revocation(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take a link back: one's own, or anybody's for administrators."""
    mine = OutsideLink.objects.owned_by(request.user)
    rows = OutsideLink.objects.all() if request.user.is_administrator else mine
    link = fetch_or_404(request, rows, pk)
    outside.revoke(link=link, person=request.user)
    messages.success(request, "The link was revoked: it leads nowhere any more.")
    if "office" in request.POST or link.owner_id != request.user.pk:
        return SeeOther(reverse("outside.everybody"))
    return SeeOther(reverse("outside.detail", args=[pk]))


@administrators_only
@require_safe
def everybody(request: StudioRequest) -> HttpResponse:
    """Show that there are links and whose, the newest first; what they show and are called stays their person's."""
    before = before_of(request)
    page = page_of(OutsideLink.objects.newest_first().before(before).select_related("owner"), PAGE)
    context = {
        "section": "links",
        "links": [cards.card_of(row) for row in page.rows],
        "older": page.older and page.older.pk,
        "before": before,
    }
    return render_page(request, "outside/everybody.html", context)


def _target(request: StudioRequest) -> outside.Target:
    """Return what `?image=`, `?comparison=` or `?collection=` names, out of what this person may open."""
    rows: dict[str, QuerySet[Any]] = {
        "image": Image.objects.visible_to(request.user),
        "comparison": Comparison.objects.visible_to(request.user),
        "collection": Collection.objects.visible_to(request.user),
    }
    form = TargetForm(request.GET)
    for kind, pk in form.cleaned_data.items() if form.is_valid() else ():
        if pk:
            return fetch_or_404(request, rows[kind], pk)
    raise Http404


def _said(request: StudioRequest, link: OutsideLink) -> dict[str, Any]:
    """Return a page of the pictures with what was said of each, and the sums over all."""
    keys, start = outside.keys(link), start_of(request)
    images = outside.pictures(link).in_bulk(page := keys[start : start + PAGE])
    marks = Mark.objects.by(link)
    rows = [images[key] for key in page if key in images]
    return {
        "tallies": cards.tallies(rows, marks.filter(image__in=page), request.user, first=start + 1),
        "sums": marks.sums(),
        "newer": start and f"?from={max(start - PAGE, 0)}",
        "older_from": start + PAGE < len(keys) and f"?from={start + PAGE}",
    }
