"""Rules for django-allauth's single sign-on: whom a service lets in, and with which role."""

import logging
from dataclasses import dataclass
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from studio import security
from studio.models import Role, User
from studio.services.people import arrivals
from studio.words import NO_REASON, Reason

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claims:
    """What a service says of a person who signed in there, and what the installation makes of it."""

    service: dict[str, Any]
    said: dict[str, Any]

    @classmethod
    def of(cls, login: SocialLogin) -> "Claims":
        data = login.account.extra_data
        service = next(each for each in settings.SSO if each["id"] == login.account.provider)
        return cls(service, {**data.get("id_token", {}), **data.get("userinfo", {})})

    @property
    def email(self) -> str:
        return str(self.said.get("email") or "").strip().lower()

    @property
    def name(self) -> str:
        return str(self.said.get("name") or self.email.partition("@")[0])[:80]

    @property
    def groups(self) -> set[str]:
        said = self.said.get(self.service.get("claim", "groups")) or []
        return {said} if isinstance(said, str) else {str(each) for each in said}

    @property
    def role(self) -> Role | None:
        """The highest role whose groups the person is in; None where the service decides no roles."""
        roles = self.service.get("roles")
        if not roles:
            return None
        found = [Role(role) for role, groups in roles.items() if self.groups & set(groups)]
        return max(found, key=lambda role: role.rank, default=Role.MEMBER)

    @property
    def is_verified(self) -> bool:
        said = self.said.get("email_verified", self.service.get("email_is_verified", False))
        return bool(self.email) and said in (True, "true")

    @property
    def may_join(self) -> bool:
        """Whether somebody who is new here comes in: where no rule says so, only those who are here already."""
        return bool(self.service.get("domains") or self.service.get("groups")) and self.fits

    @property
    def fits(self) -> bool:
        """Whether the rules about domains and groups hold, as far as there are any."""
        domains = {domain.lower() for domain in self.service.get("domains", [])}
        groups = set(self.service.get("groups", []))
        domain = self.email.rpartition("@")[2]
        return (not domains or domain in domains) and (not groups or bool(groups & self.groups))

    def refusal(self, *, is_here: bool) -> Reason:
        """Say why the person is not let in; no reason when they are."""
        if not self.is_verified:
            return Reason("sign_on_unverified", service=self.service["name"])
        if self.fits if is_here else self.may_join:
            return NO_REASON
        return Reason("sign_on_refused", service=self.service["name"])


class SingleSignOn(DefaultSocialAccountAdapter):
    """Finds or makes the person whom a service has vouched for; keeps nothing of what it said."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        claims = Claims.of(sociallogin)
        account = sociallogin.account
        known = account.user if account.pk else User.objects.filter(email=claims.email).first()
        if why := claims.refusal(is_here=bool(known)):
            security.refused("sign_on_refused", service=account.provider, why=why.code)
            raise ImmediateHttpResponse(_page(request, why, status=403))
        if known and not account.pk:
            arrivals.hand_over(person=known, service=account.provider)
        sociallogin.user = account.user = arrivals.let_in(
            person=known, email=claims.email, name=claims.name, role=claims.role, service=account.provider
        )
        account.extra_data = {}
        account.save()
        sociallogin.state["process"] = "login"

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, **more: Any
    ) -> None:
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(_page(request, Reason("sign_on_cancelled"), status=200))
        logger.warning("sign-on by %s failed: %s", provider.name, more.get("exception") or error)
        raise ImmediateHttpResponse(failed(request))


def failed(request: HttpRequest) -> HttpResponse:
    """Say that the service did not answer, or not in a way that can be read."""
    return _page(request, Reason("sign_on_failed"), status=502)


def _page(request: HttpRequest, why: Reason, *, status: int) -> HttpResponse:
    return render(request, "accounts/not_signed_in.html", {"sentence": why}, status=status)
