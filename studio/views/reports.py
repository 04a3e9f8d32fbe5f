"""Telling moderators of a picture or a prompt of somebody else."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from studio.cards.cases import outcome_of
from studio.cards.images import words
from studio.errors import StudioError
from studio.forms.reports import ReportForm
from studio.http import StudioRequest
from studio.models import Generation, Image, Report
from studio.services.moderation import reports
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page


@require_http_methods(["GET", "HEAD", "POST"])
def image(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Report one picture."""
    rows = Image.objects.visible_to(request.user).kept().select_related("generation__prompt")
    found = fetch_or_404(request, rows, pk)
    return _report(request, found.generation, found, back=reverse("images.detail", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def prompt(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Report the prompt of a run, whatever came of it."""
    rows = Generation.objects.visible_to(request.user).select_related("prompt")
    found = fetch_or_404(request, rows, pk)
    return _report(request, found, None, back=reverse("generations.detail", args=[pk]))


def _report(request: StudioRequest, run: Generation, picture: Image | None, *, back: str) -> HttpResponse:
    reports.check_not_own(generation=run, person=request.user)
    form, status = ReportForm(request.POST or None), 422 if request.method == "POST" else 200
    if form.is_valid():
        try:
            reports.report(generation=run, image=picture, person=request.user, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
            status = error.status
        else:
            return SeeOther(request.path)
    earlier = Report.objects.by(request.user, run, picture).select_related("case").first()
    context = {
        "form": form,
        "earlier": earlier,
        "outcome": outcome_of(earlier) if earlier else "",
        "back": back,
        "thing": "picture" if picture else "prompt",
        "words": words(run.prompt.text, 240),
    }
    return render_page(request, "reports/new.html", context, status=status)
