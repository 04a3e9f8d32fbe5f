"""A live try of the programs' door, on a page: the same call, the same answer, by a token of one's own."""

import json
from dataclasses import replace
from uuid import UUID

import msgspec
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from studio.api import answers, bodies, errors
from studio.cards import tokens as cards
from studio.cards.images import small_preview
from studio.cards.picker import Picker
from studio.errors import StudioError
from studio.forms import put_cursor
from studio.forms.trials import TrialForm
from studio.http import StudioRequest
from studio.models import Generation
from studio.models.runs import DRAWN_BY
from studio.origin import coming_from, current
from studio.services import calls
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Show a call to try; POST sends it, and the next page shows what comes back."""
    form = TrialForm(request.POST if request.method == "POST" else None, person=request.user)
    context: dict[str, object] = {"form": form, "section": "account", "base_url": cards.base_url()}
    if form.is_valid():
        try:
            return SeeOther(reverse("trials.detail", args=[_sent(form).pk]))
        except StudioError as error:
            refusal = errors.refused(error)
            context |= {"status": refusal.status_code, "answer": _pretty(refusal.content)}
    elif not form.is_bound:
        form.initial["body"] = json.dumps(_example(request), indent=2)
    if form.is_bound:
        put_cursor(form)
    return render_page(request, "trials/new.html", context, status=422 if form.is_bound else 200)


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show what a program would be told of its generation now; it asks again by itself until that has ended."""
    rows = Generation.objects.owned_by(request.user).select_related("owner", *DRAWN_BY)
    row = fetch_or_404(request, rows, pk)
    context = {
        "row": row,
        "section": "account",
        "address": answers.task_address(row),
        "answer": _pretty(msgspec.json.encode(answers.task_of(row, delivers="address"))),
        "pictures": [small_preview(image, request.user) for image in answers.kept(row)],
    }
    return render_page(request, "trials/detail.html", context, partial="trial")


def _sent(form: TrialForm) -> Generation:
    """Ask as the token's program would; its answer is not waited for here."""
    token, body = form.cleaned_data["token"], form.cleaned_data["body"].encode()
    with coming_from(replace(current(), token=str(token.pk))):
        return calls.ask(token=token, body=body, order=bodies.read(body, token).order).generation


def _example(request: StudioRequest) -> dict[str, object]:
    model = Picker(request.user).first
    return {"model": model.model_id if model else "…", "prompt": "A quiet harbour in fog", "n": 1}


def _pretty(content: bytes) -> str:
    return msgspec.json.format(content, indent=2).decode()
