"""The moderators' desk: the pile of cases, and one of them."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studio.cards.cases import button, case_of
from studio.cards.piles import pile_of
from studio.forms.cases import DecisionForm, Wanted, WantedForm
from studio.http import StudioRequest
from studio.models import Case
from studio.services.moderation import decisions, looks
from studio.views import media
from studio.views.fetch import fetch_or_404
from studio.views.page import render_page
from studio.views.roles import moderators_only


@moderators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show a queue with its first case before one, or the first one after a place in it."""
    form = wanted_of(request)
    rows = form.wanted.rows.with_card_data()
    first = (rows.after(*form.place) if form.place else rows).first()
    return desk(request, form.wanted, first)


@moderators_only
@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one case, open or decided, in the queue it was opened from."""
    form = wanted_of(request)
    case = fetch_or_404(request, Case.objects.with_card_data(), pk)
    return desk(request, form.wanted, case, shown=form.cleaned_data["shown"])


@moderators_only
@require_safe
def picture(request: StudioRequest, pk: UUID) -> HttpResponseBase:
    """Send the picture of a case, which is written down each time: it may be private by now."""
    case = fetch_or_404(request, Case.objects.with_card_data().exclude(image=None), pk)
    image = looks.open_picture(case=case, moderator=request.user)
    return media.send(
        request, image, image.key, image.media_type, etag=image.sha256, cache="private, no-store"
    )


@moderators_only
@require_POST
def look(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Tell the others who has this case before them; the page repeats it while it is open."""
    case = fetch_or_404(request, Case.objects.with_card_data(), pk)
    looks.look(case=case, moderator=request.user)
    wanted = wanted_of(request).wanted
    context = {"pile": pile_of(case, wanted, request.user), "wanted": wanted}
    return (
        render_page(request, "moderation/index.html", context, partial="news")
        if request.htmx
        else HttpResponse(status=204)
    )


def wanted_of(request: StudioRequest) -> WantedForm:
    """Read what the address asks for; nonsense is no page."""
    form = WantedForm(request.GET)
    if not form.is_valid():
        raise Http404
    return form


def desk(
    request: StudioRequest,
    wanted: Wanted,
    case: Case | None,
    *,
    shown: bool = False,
    form: DecisionForm | None = None,
    said: str = "",
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the desk with this case open; `said` is what has just been done, `trouble` why it was not."""
    context: dict[str, Any] = {
        "section": "moderation",
        "wanted": wanted,
        "pile": pile_of(case, wanted, request.user),
        "case": case and case_of(case, wanted, request.user, shown=shown, form=form),
        "several": [button(verdict) for verdict in decisions.VERDICTS["report"]],
        "home": reverse("moderation.index"),
        "said": said,
        "trouble": trouble,
    }
    return render_page(request, "moderation/index.html", context, partial="desk", status=status)
