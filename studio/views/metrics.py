"""/metrics for Prometheus: numbers that are read from the database when they are asked for."""

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from studio.cards import metrics
from studio.services import health
from studio.views.media import nothing


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """Answer a scraper that has METRICS_TOKEN; for everyone else, and while none is set, there is nothing here."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.METRICS_TOKEN
    if not wanted or not secrets.compare_digest(given.encode(), wanted.encode()):
        return nothing()
    registry = CollectorRegistry()
    registry.register(metrics.Collector(health.look(fresh=False)))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
