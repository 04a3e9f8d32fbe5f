"""Puts the studio, its sign-in pages, Django's admin and the sandbox relay under one roof."""

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from studio.admin import site
from studio.views import accounts, sign_on, two_factor

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include("studio.api.urls")),
    path("", include("studio.urls")),
    path("login/", accounts.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("account/again/", two_factor.password_again, name="account_reauthenticate"),
    path("account/two-factor/", two_factor.index, name="mfa_index"),
    path("account/two-factor/sign-in/", two_factor.authenticate, name="mfa_authenticate"),
    path("account/two-factor/again/", two_factor.code_again, name="mfa_reauthenticate"),
    path("account/two-factor/app/", two_factor.add_app, name="mfa_activate_totp"),
    path("account/two-factor/app/removal/", two_factor.remove_app, name="mfa_deactivate_totp"),
    path("account/two-factor/codes/", two_factor.codes, name="mfa_view_recovery_codes"),
    path("account/two-factor/codes/new/", two_factor.new_codes, name="mfa_generate_recovery_codes"),
    path("account/two-factor/codes/file/", two_factor.codes_file, name="mfa_download_recovery_codes"),
    path("account/two-factor/passkeys/", two_factor.index, name="mfa_list_webauthn"),
    path("account/two-factor/passkeys/new/", two_factor.add_passkey, name="mfa_add_webauthn"),
    path("account/two-factor/passkeys/again/", two_factor.passkey_again, name="mfa_reauthenticate_webauthn"),
    path("account/two-factor/passkeys/<int:pk>/name/", two_factor.name_passkey, name="mfa_edit_webauthn"),
    path(
        "account/two-factor/passkeys/<int:pk>/removal/", two_factor.remove_passkey, name="mfa_remove_webauthn"
    ),
    path("login/with/<slug:provider_id>/", sign_on.begin, name="openid_connect_login"),
    path("login/with/<slug:provider_id>/back/", sign_on.end, name="openid_connect_callback"),
    path("login/passkey/", two_factor.passkey, name="mfa_login_webauthn"),
    path("admin/", site.urls),
]
if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("studio.sandbox.urls")))

handler400 = "studio.views.errors.bad_request"
handler403 = "studio.views.errors.forbidden"
handler404 = "studio.views.errors.not_found"
handler500 = "studio.views.errors.server_error"
