"""The page of the outside classifier."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from studio.errors import StudioError
from studio.forms.classifier import ClassifierForm
from studio.http import StudioRequest
from studio.services.moderation import classifiers
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only


@administrators_only
@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StudioRequest) -> HttpResponse:
    """Show how the classifier is asked; POST changes it."""
    form = ClassifierForm(request.POST or None, classifier=classifiers.current())
    if form.is_valid():
        try:
            row = classifiers.set_up(administrator=request.user, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param if error.param in form.fields else None, error.sentence)
        else:
            messages.success(request, f"Saved. The classifier is {'on' if row.is_on else 'off'}.")
            return SeeOther(reverse("classifiers.edit"))
    context = {"section": "rules", "form": form}
    return render_page(request, "rules/classifier.html", context, status=422 if form.is_bound else 200)
