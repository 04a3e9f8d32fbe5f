"""What the rules say of a prompt while it is being written."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from studio.cards.screened import screened_of
from studio.forms.prompts import WrittenForm
from studio.http import StudioRequest
from studio.services.screening import gate
from studio.views.page import render_page


@require_POST
def index(request: StudioRequest) -> HttpResponse:
    """Mark what a rule finds; nothing is kept, and a prompt stays out of addresses and logs."""
    form = WrittenForm(request.POST)
    texts = form.texts if form.is_valid() else {}
    context = {"screened": screened_of(gate.screen(texts)), "section": "create"}
    return render_page(request, "screening/index.html", context, partial="found")
