"""Webhooks: one's own, and for administrators the team's; what they were told, and sending it again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards import webhooks as cards
from studio.errors import StudioError
from studio.forms import put_cursor
from studio.forms.webhooks import WebhookForm
from studio.http import StudioRequest
from studio.models import Delivery, Webhook
from studio.models.paging import page_of
from studio.services.webhooks import bodies, deliveries, edit
from studio.views import once
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, before_of, render_page
from studio.views.roles import administrators_only

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: StudioRequest) -> HttpResponse:
    """Show one's webhooks; POST makes one, and its own page shows the secret once."""
    return _list(request, team=False)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: StudioRequest) -> HttpResponse:
    """Show the team's webhooks; POST makes one."""
    return _list(request, team=True)


def _list(request: StudioRequest, *, team: bool) -> HttpResponse:
    form = WebhookForm(request.POST if request.method == "POST" else None, team=team)
    if form.is_valid():
        try:
            row, secret = edit.add(person=request.user, team=team, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
        else:
            once.put(request, secret=secret)
            return SeeOther(reverse("webhooks.detail", args=[row.pk]))
    if form.is_bound:
        put_cursor(form)
    rows = Webhook.objects.of_team() if team else Webhook.objects.owned_by(request.user)
    hooks = [cards.card_of(row) for row in rows.with_counts().newest_first()]
    context = {"form": form, "hooks": hooks, "section": "webhooks"}
    template = "webhooks/team.html" if team else "webhooks/index.html"
    return render_page(request, template, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one webhook and what it was told, the newest first; POST changes it."""
    row = fetch_or_404(request, Webhook.objects.managed_by(request.user), pk)
    told = {"url": row.url, "kinds": row.kinds}
    form = WebhookForm(request.POST if request.method == "POST" else None, team=row.is_of_team, initial=told)
    if form.is_valid():
        try:
            edit.change(webhook=row, person=request.user, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
        else:
            messages.success(request, "Saved. What happens from now on is told so.")
            return _back(row)
    status = 422 if form.errors else 200
    return render_page(
        request, "webhooks/detail.html", _page(request, row, form), partial="deliveries", status=status
    )


def _page(request: StudioRequest, row: Webhook, form: WebhookForm) -> dict[str, object]:
    before = before_of(request)
    rows = Delivery.objects.filter(webhook=row).newest_first().before(before).prefetch_related("attempts")
    page = page_of(rows, PAGE)
    told = [cards.delivery_of(each, each.attempts.all()) for each in page.rows]
    fresh = Webhook.objects.with_counts().get(pk=row.pk)
    return {
        "form": form,
        "hook": row,
        "card": cards.card_of(fresh),
        "deliveries": told,
        "older": page.older and page.older.pk,
        "lively": before is None and any(each.soon for each in told),
        "secret": once.take(request).get("secret") if not request.htmx else None,
    }


@require_POST
def rotation(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Make a new secret, which the page shows once; for a day the old one signs too."""
    row = fetch_or_404(request, Webhook.objects.managed_by(request.user), pk)
    once.put(request, secret=edit.rotate(webhook=row, person=request.user))
    return _back(row)


@require_POST
def test(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Have a test sent."""
    row = fetch_or_404(request, Webhook.objects.managed_by(request.user), pk)
    edit.ask_for_test(webhook=row, person=request.user)
    return _back(row)


@require_POST
def switch(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Tell a webhook nothing more, or tell it again."""
    row = fetch_or_404(request, Webhook.objects.managed_by(request.user), pk)
    edit.switch(webhook=row, person=request.user, on=request.POST.get("on") == "1")
    return _back(row)


@require_POST
def replay_failed(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Send everything again that failed."""
    row = fetch_or_404(request, Webhook.objects.managed_by(request.user), pk)
    deliveries.replay_failed(webhook=row, person=request.user)
    messages.success(request, "What failed is sent again.")
    return _back(row)


@require_POST
def deletion(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Delete a webhook and what it was told."""
    row = fetch_or_404(request, Webhook.objects.managed_by(request.user), pk)
    edit.delete(webhook=row, person=request.user)
    messages.success(request, "The webhook was deleted.")
    return SeeOther(reverse("webhooks.team" if row.is_of_team else "webhooks.index"))


@require_safe
def delivery(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show what is sent, and every try with what was answered."""
    row = _delivery(request, pk)
    context = {
        "card": cards.delivery_of(row, row.attempts.all()),
        "hook": cards.card_of(row.webhook),
        "body": cards.written(bodies.body_of(row)),
    }
    return render_page(request, "webhooks/delivery.html", context)


@require_POST
def replay(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Send one again."""
    row = _delivery(request, pk)
    deliveries.replay(delivery=row, person=request.user)
    messages.success(request, "It is sent again, under the same id.")
    return SeeOther(reverse("webhooks.delivery", args=[row.pk]))


def _delivery(request: StudioRequest, pk: UUID) -> Delivery:
    mine = Delivery.objects.filter(webhook__in=Webhook.objects.managed_by(request.user))
    return fetch_or_404(request, mine.select_related("webhook"), pk)


def _back(row: Webhook) -> HttpResponse:
    return SeeOther(reverse("webhooks.detail", args=[row.pk]))
