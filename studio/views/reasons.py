"""The list of reasons that people and moderators choose from."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from studio.forms.reasons import NewReasonForm
from studio.http import StudioRequest
from studio.services.moderation import reasons
from studio.views.page import SeeOther, render_page
from studio.views.roles import moderators_only


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: StudioRequest) -> HttpResponse:
    """Show the list, and add to it."""
    form = NewReasonForm(request.POST or None, label_suffix="")
    if form.is_valid():
        row = reasons.add(words=form.cleaned_data["words"], moderator=request.user)
        messages.success(request, f"“{row.words}” is in the list.")
        return SeeOther(reverse("reasons.index"))
    offered = reasons.offered()
    rows = [
        {"code": code, "words": words, "offered": code in offered, "fixed": code in reasons.LAST}
        for code, words in reasons.words().items()
    ]
    status = 422 if request.method == "POST" else 200
    return render_page(request, "moderation/reasons.html", {"form": form, "rows": rows}, status=status)


@moderators_only
@require_POST
def switch(request: StudioRequest, code: str) -> HttpResponse:
    """Take a reason out of the list, or offer it again."""
    if not reasons.retire(code=code, moderator=request.user, retired=request.POST.get("on") != "1"):
        raise Http404
    return SeeOther(reverse("reasons.index"))
