"""What was decided about something of one's own, and the one appeal against it."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from studio.cards.cases import verdict_on
from studio.errors import StudioError
from studio.forms.appeals import AppealForm
from studio.http import StudioRequest
from studio.models import Case
from studio.services.moderation import appeals
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show a decision to the person it is about, who can appeal once."""
    case = fetch_or_404(request, Case.objects.told_to(request.user).with_card_data(), pk)
    form, status = AppealForm(request.POST or None), 422 if request.method == "POST" else 200
    form.label_suffix = ""
    if form.is_valid():
        try:
            appeals.appeal(case=case, person=request.user, text=form.cleaned_data["text"])
        except StudioError as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            return SeeOther(reverse("appeals.detail", args=[pk]))
    context = {
        "form": form,
        "told": verdict_on(case),
        "appeal": case.appeals.filter(of_version__lte=case.version).order_by("-pk").first(),
        "may_appeal": appeals.may_appeal(case=case, person=request.user),
    }
    return render_page(request, "appeals/detail.html", context, status=status)
