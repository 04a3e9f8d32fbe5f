"""Inviting people, and joining."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio import accounts as door
from studio.cards import people as cards
from studio.errors import Lapsed, StudioError
from studio.forms import put_cursor
from studio.forms.people import InvitationForm, JoinForm
from studio.http import StudioRequest
from studio.models import Invitation
from studio.models.paging import page_of
from studio.services import limits
from studio.services.people import invitations
from studio.views import once
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only

PAGE = 50
SECTION = {"section": "people"}


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show every invitation, the newest first; a new one with its link, once."""
    try:
        before = UUID(request.GET["before"]) if request.GET.get("before") else None
    except ValueError:
        raise Http404 from None
    rows = Invitation.objects.newest_first().before(before).select_related("made_by")
    page = page_of(rows, PAGE)
    shown = once.take(request)
    context = SECTION | {
        "invitations": [cards.invitation_of(row) for row in page.rows],
        "older": page.older and page.older.pk,
        "before": before,
        "link": shown.get("link"),
        "made": next((cards.invitation_of(row) for row in page.rows if str(row.pk) == shown.get("pk")), None),
    }
    return render_page(request, "invitations/index.html", context)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Make an invitation; the next page shows its link."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        row, token = invitations.make(administrator=request.user, **form.cleaned_data)
        once.put(request, link=invitations.url_of(token), pk=str(row.pk))
        return SeeOther(reverse("invitations.index"))
    put_cursor(form)
    status = 422 if form.is_bound else 200
    return render_page(request, "invitations/new.html", SECTION | {"form": form}, status=status)


@administrators_only
@require_POST
def revocation(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take an invitation back."""
    row = fetch_or_404(request, Invitation.objects.all(), pk)
    invitations.revoke(invitation=row, administrator=request.user)
    messages.success(request, "The invitation was taken back: its link is no use any more.")
    return SeeOther(reverse("invitations.index"))


@sensitive_post_parameters("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: StudioRequest, token: str) -> HttpResponse:
    """Let in whoever holds the link, once they have a name, an address and a password."""
    taken = limits.come_by_link(address=door.ClosedDoor().get_client_ip(request)) if request.POST else None
    row = invitations.find(token)
    if row is None:
        raise Http404
    if taken:
        limits.give_back(taken)
    invitations.check(row)
    form = JoinForm(request.POST or None, invitation=row)
    status = 422 if form.is_bound else 200
    if form.is_valid() and SESSION_KEY not in request.session:
        try:
            person = invitations.accept(invitation=row, **form.cleaned_data)
        except Lapsed:
            raise
        except StudioError as error:
            form.add_error(error.param if error.param in form.fields else None, error.sentence)
            status = error.status
        else:
            door.begin(request, person)
            return SeeOther(reverse("generations.index"))
    put_cursor(form)
    return render_page(request, "invitations/join.html", {"form": form, "invitation": row}, status=status)
