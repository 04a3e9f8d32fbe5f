"""For programs: one's tokens, the address and samples; all tokens for administrators."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.api.openapi import document
from studio.cards import tokens as cards
from studio.cards.picker import Picker
from studio.cards.reference import entries
from studio.errors import StudioError
from studio.forms import put_cursor
from studio.forms.tokens import TokenForm
from studio.http import StudioRequest
from studio.models import Token
from studio.models.paging import page_of
from studio.services import tokens
from studio.views import once
from studio.views.fetch import as_uuid, fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: StudioRequest) -> HttpResponse:
    """Show one's tokens and how they are used; POST makes one, and the next page shows it once."""
    form = TokenForm(
        request.POST if request.method == "POST" else None, administrator=request.user.is_administrator
    )
    if form.is_valid():
        try:
            row, secret = tokens.make(person=request.user, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
        else:
            once.put(request, secret=secret, name=row.name)
            return SeeOther(reverse("tokens.index"))
    if form.is_bound:
        put_cursor(form)
    return render_page(request, "tokens/index.html", _page(request, form), status=422 if form.errors else 200)


@require_POST
def revocation(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let no program use a token any more: one's own, or anybody's for administrators."""
    mine = Token.objects.owned_by(request.user)
    rows = Token.objects.all() if request.user.is_administrator else mine
    row = fetch_or_404(request, rows, pk)
    tokens.revoke(token=row, actor=request.user)
    messages.success(request, "The token was revoked: no program can use it any more.")
    own = row.person_id == request.user.pk
    return SeeOther(reverse("tokens.index" if own else "tokens.everybody"))


@require_safe
def reference(request: StudioRequest) -> HttpResponse:
    """Show every address for programs: what is sent there and what comes back."""
    context = {"operations": entries(document()), "base_url": cards.base_url(), "section": "account"}
    return render_page(request, "tokens/reference.html", context)


@administrators_only
@require_safe
def everybody(request: StudioRequest) -> HttpResponse:
    """Show all tokens, the newest first."""
    before = as_uuid(request.GET.get("before"))
    page = page_of(Token.objects.newest_first().before(before).select_related("person"), PAGE)
    context = {
        "section": "tokens",
        "tokens": [cards.card_of(row) for row in page.rows],
        "older": page.older and page.older.pk,
    }
    return render_page(request, "tokens/everybody.html", context)


def _page(request: StudioRequest, form: TokenForm) -> dict[str, object]:
    mine = Token.objects.owned_by(request.user).newest_first().select_related("person")[:PAGE]
    shown = once.take(request)
    model = Picker(request.user).first
    body = {"model": model.model_id if model else "…", "prompt": "A quiet harbour in fog", "n": 1}
    return {
        "form": form,
        "tokens": [cards.card_of(row) for row in mine],
        "secret": shown.get("secret"),
        "made": shown.get("name"),
        "base_url": cards.base_url(),
        "assistants_url": cards.assistants_url(),
        "samples": cards.samples(body, shown.get("secret") or cards.YOURS),
        "section": "account",
    }
