"""Signing in by another service (OpenID Connect): django-allauth's two views in this house's manners."""

from allauth.socialaccount.providers.openid_connect import views as openid
from django.contrib.auth.decorators import login_not_required
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from studio.accounts import remembers_the_browser
from studio.http import StudioRequest
from studio.sign_on import failed


@login_not_required
@require_POST
def begin(request: StudioRequest, provider_id: str) -> HttpResponseBase:
    """Send the browser to the service."""
    try:
        return openid.login(request, provider_id)
    except RequestException:
        return failed(request)


@login_not_required
@never_cache
@require_GET
@remembers_the_browser
def end(request: StudioRequest, provider_id: str) -> HttpResponseBase:
    """Take the person in whom the service sends back, or say why not."""
    return openid.callback(request, provider_id)
