"""The second factor: django-allauth's views in this house's manners, with its own templates in templates/mfa/."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_not_required
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from studio.accounts import remembers_the_browser
from studio.http import StudioRequest
from studio.two_factor import TwoFactor, has, is_needed
from studio.views.fetch import fetch_or_404
from studio.views.page import render_page
from studio.words import Reason

View = Callable[..., HttpResponseBase]


def _page(view: View) -> View:
    """Answer only to browsers' methods, keep no secret anywhere, and say 422 where a form comes back."""

    @sensitive_post_parameters()
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        return response

    return page


def _door(view: View) -> View:
    """Open it to those who are about to sign in."""
    return login_not_required(_page(remembers_the_browser(view)))


class _Index(base.IndexView):
    """The person's factors; whoever was sent here because they need one reads why."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.request.user
        why = Reason("factor_needed") if is_needed(person) and not has(person) else ""
        return super().get_context_data(**kwargs) | {"why": why}


authenticate = _door(base.authenticate)
passkey = _door(webauthn.login_webauthn)
password_again = _page(account.reauthenticate)
code_again = _page(base.reauthenticate)
passkey_again = _page(webauthn.reauthenticate_webauthn)
index = _page(_Index.as_view())
add_app = _page(totp.activate_totp)
remove_app = _page(totp.deactivate_totp)
codes = _page(recovery_codes.view_recovery_codes)
new_codes = _page(recovery_codes.generate_recovery_codes)
codes_file = _page(recovery_codes.download_recovery_codes)
add_passkey = _page(webauthn.add_webauthn)


@_page
def name_passkey(request: StudioRequest, pk: int) -> HttpResponseBase:
    """Give one of one's passkeys another name."""
    _own_passkey(request, pk)
    return webauthn.edit_webauthn(request, pk=pk)


@_page
def remove_passkey(request: StudioRequest, pk: int) -> HttpResponseBase:
    """Take a passkey off, unless the person needs a second factor and has no other."""
    key = _own_passkey(request, pk)
    if not TwoFactor().can_delete_authenticator(key):
        facts = {"object": key, "why": TwoFactor.error_messages["cannot_delete_authenticator"]}
        return render_page(request, "mfa/webauthn/authenticator_confirm_delete.html", facts, status=409)
    return webauthn.remove_webauthn(request, pk=pk)


def _own_passkey(request: StudioRequest, pk: int) -> Authenticator:
    passkeys = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN, user=request.user)
    return fetch_or_404(request, passkeys, pk)
