"""What models cost, for administrators: a table to paste, and how prices were."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from studio.cards.prices import changes, table
from studio.forms.prices import PricesForm, table_of
from studio.http import StudioRequest
from studio.models import ImageModel
from studio.services import prices
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: StudioRequest) -> HttpResponse:
    """Show what each model costs, and take over a table."""
    models = list(ImageModel.objects.priced())
    form = PricesForm(
        request.POST if request.method == "POST" else None, models=models, initial={"table": table_of(models)}
    )
    if form.is_bound and form.is_valid():
        count = prices.set_by_hand(administrator=request.user, wanted=form.cleaned_data["table"])
        messages.success(request, f"Saved. {count} model{'' if count == 1 else 's'} changed.")
        return SeeOther(reverse("prices.index"))
    context = {"section": "prices", "form": form, "rows": table(models), "changes": changes()}
    return render_page(request, "prices/index.html", context, status=422 if form.errors else 200)
