"""The first run, signing in, and one's password."""

from allauth.account import views as allauth
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from studio import accounts as door
from studio.errors import Lapsed, StudioError, TooMany
from studio.forms import put_cursor
from studio.forms.accounts import AudienceForm, ForgottenForm, NewPasswordForm, PasswordForm, WelcomeForm
from studio.http import StudioRequest, log_refusal
from studio.services import accounts, limits
from studio.services.people import passwords
from studio.views.page import SeeOther, render_page
from studio.words import say


@require_POST
def audience(request: StudioRequest) -> HttpResponse:
    """Remember who sees what the person makes next, as soon as they choose it."""
    form = AudienceForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    accounts.remember_audience(person=request.user, shared=form.cleaned_data["shared"])
    return HttpResponse(status=204)


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
        door.begin(request, person)
        return redirect("generations.index")
    status = 422 if form.is_bound else 200
    return render_page(request, "accounts/welcome.html", {"form": form}, status=status)


@sensitive_post_parameters("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@door.remembers_the_browser
def login(request: StudioRequest) -> HttpResponseBase:
    """Sign a person in, unless this name or this address was tried too often (SAFETY T16)."""
    try:
        return allauth.login(request)
    except TooMany as error:
        return _refused(request, error, request.POST.get("login", ""))


@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: StudioRequest) -> HttpResponse:
    """Change one's password; all other sessions of the person end with it."""
    form = PasswordForm(request.POST or None)
    status, wait = 422 if form.is_bound else 200, 0
    if form.is_valid():
        try:
            passwords.change(person=request.user, **form.asked)
        except StudioError as error:
            form.add_error(error.param if error.param in form.fields else None, error.sentence)
            status, wait = error.status, error.retry_after
        else:
            door.stay(request, request.user)
            messages.success(request, say("password_changed", {}))
            return SeeOther(reverse("accounts.password"))
    put_cursor(form)
    response = render_page(request, "accounts/password.html", {"form": form}, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


@sensitive_post_parameters("new", "again")
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: StudioRequest, token: str) -> HttpResponse:
    """Let whoever holds the link choose a new password, once; they sign in with it."""
    if request.POST:
        limits.come_by_link(address=door.ClosedDoor().get_client_ip(request))
    person = passwords.of_link(token)
    form = NewPasswordForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            passwords.reset(token=token, new=form.cleaned_data["new"])
        except Lapsed:
            raise
        except StudioError as error:
            form.add_error(error.param, error.sentence)
            status = error.status
        else:
            messages.success(request, say("password_reset", {}))
            return SeeOther(reverse("account_login"))
    put_cursor(form)
    return render_page(request, "accounts/reset.html", {"form": form, "person": person}, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: StudioRequest) -> HttpResponse:
    """Mail a link for a new password, where mail is set; the answer is the same whoever asks for whom."""
    if not settings.HAS_MAIL:
        raise Http404
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = door.ClosedDoor().get_client_ip(request)
        passwords.mail_link(email=form.cleaned_data["email"], address=address)
        messages.success(request, say("reset_mailed", {}))
        return SeeOther(reverse("account_login"))
    put_cursor(form)
    status = 422 if form.is_bound else 200
    return render_page(request, "accounts/forgotten.html", {"form": form}, status=status)


def _refused(request: StudioRequest, error: TooMany, typed: str) -> HttpResponse:
    """Show the sign-in page with what was typed, and say when to come back."""
    address = door.ClosedDoor().get_client_ip(request)
    log_refusal(request, "auth_locked", address=address, seconds=error.retry_after)
    facts = {"refusal": error.sentence, "typed": typed, "redirect_field_name": "next"}
    facts["redirect_field_value"] = request.POST.get("next", "")
    response = render(request, "account/login.html", facts, status=error.status)
    response["Retry-After"] = str(error.retry_after)
    return response
