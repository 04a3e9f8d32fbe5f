"""Puts the studio, its sign-in pages, Django's admin and the sandbox relay under one roof."""

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from studio.admin import site
from studio.views import accounts

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("studio.urls")),
    path("login/", accounts.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("admin/", site.urls),
]
if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("studio.sandbox.urls")))

handler400 = "studio.views.errors.bad_request"
handler403 = "studio.views.errors.forbidden"
handler404 = "studio.views.errors.not_found"
handler500 = "studio.views.errors.server_error"
