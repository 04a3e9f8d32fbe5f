"""The first run: a one-time link makes the first administrator."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from studio.errors import StudioError
from studio.forms.accounts import WelcomeForm
from studio.http import StudioRequest
from studio.services import accounts
from studio.views.page import render_page

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@sensitive_post_parameters("password")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: StudioRequest, token: str) -> HttpResponse:
    """Whoever holds the printed link becomes the first administrator; after that it leads to the sign-in page."""
    if not accounts.is_first_run_token(token):
        raise Http404
    if accounts.is_open():
        return redirect("account_login")
    form = WelcomeForm(request.POST or None)
    if form.is_valid():
        try:
            person = accounts.create_first_administrator(**form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param if error.param in form.fields else None, error.sentence)
            return render_page(request, "accounts/welcome.html", {"form": form}, status=error.status)
        login(request, person, backend=BACKEND)
        return redirect("generations.index")
    status = 422 if form.is_bound else 200
    return render_page(request, "accounts/welcome.html", {"form": form}, status=status)
