"""What a person was told."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards.notices import rows_of
from studio.forms.notices import KindsForm
from studio.http import StudioRequest
from studio.models import MutedKind, Notice, NoticeKind
from studio.models.paging import page_of
from studio.services import notices
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, before_of, render_page
from studio.words import say

PAGE, PEEK = 50, 8


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show the person's notices, newest first; each page has an address."""
    before = before_of(request)
    found = Notice.objects.visible_to(request.user).newest_first().before(before).with_card_data()
    peeks = (request.htmx.target or "").endswith("#peek")
    page = page_of(found, PEEK if peeks else PAGE)
    context = {
        "rows": rows_of(page.rows, request.user),
        "older": page.older and page.older.pk,
        "before": before,
    }
    return render_page(request, "notices/index.html", context, partial="peek" if peeks else "notices")


@require_POST
def reading(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    rows = Notice.objects.visible_to(request.user)
    notice = fetch_or_404(request, rows.with_card_data(), pk)
    notices.read(notices=rows.filter(pk=notice.pk))
    url = rows_of([notice], request.user)[0]["url"]
    return SeeOther(url or reverse("notices.index"))


@require_POST
def reading_all(request: StudioRequest) -> HttpResponse:
    """Mark all of them as read."""
    notices.read(notices=Notice.objects.visible_to(request.user))
    return SeeOther(reverse("notices.index"))


@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: StudioRequest) -> HttpResponse:
    """Choose what one wants to hear of."""
    kinds = NoticeKind.choices_of(request.user)
    form = KindsForm(request.POST if request.method == "POST" else None, kinds=kinds)
    if form.is_valid():
        notices.choose(person=request.user, **form.cleaned_data)
        messages.success(request, say("notices_chosen", {}))
        return SeeOther(reverse("notices.choices"))
    muted = set(MutedKind.objects.filter(person=request.user).values_list("kind", flat=True))
    rows = [(kind, kind not in muted) for kind in kinds]
    always = [kind.label for kind in NoticeKind if not kind.can_be_muted]
    context = {"rows": rows, "always": always, "form": form}
    return render_page(request, "notices/choices.html", context, status=422 if form.errors else 200)
