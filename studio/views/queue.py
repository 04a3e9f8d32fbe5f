"""The queue: what waits, for everybody to see; administrators move and cancel it (PRODUCT §2)."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards import queue as cards
from studio.errors import StudioError
from studio.forms.queue import CancellationForm, MoveForm
from studio.http import StudioRequest
from studio.models import Generation
from studio.services import queue
from studio.services.drawing import line
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page, start_of
from studio.views.roles import administrators_only


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show what is drawn and what waits; a page that shows this already is told so."""
    found, start = line.look(), start_of(request)
    if request.htmx and request.GET.get("seen") == cards.seen_of(found, start):
        return HttpResponse(status=204)
    context = {"queue": cards.queue_of(found, person=request.user, start=start), "section": "queue"}
    return render_page(request, "queue/index.html", context, partial="queue")


@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take one's own back; an administrator takes anybody's, and says why."""
    row = fetch_or_404(request, Generation.objects.cancellable_by(request.user), pk)
    form = CancellationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            queue.cancel(generation=row, actor=request.user, why=form.cleaned_data["why"])
        except StudioError as error:
            if error.param not in form.fields:
                raise
            form.add_error(error.param, error.sentence)
        else:
            return SeeOther(reverse("queue.index"))
    context = {"row": row, "form": form, "mine": row.owner == request.user, "section": "queue"}
    status = 422 if request.method == "POST" else 200
    return render_page(request, "queue/cancellation.html", context, status=status)


@administrators_only
@require_POST
def position(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put something first, last, or back into its turn."""
    row = fetch_or_404(request, Generation.objects.all(), pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    queue.move(generation=row, administrator=request.user, to=form.cleaned_data["to"])
    return SeeOther(reverse("queue.index"))
