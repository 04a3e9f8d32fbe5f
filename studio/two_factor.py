"""Rules for django-allauth's second factor: codes are counted and good once, secrets sealed, changes in the audit."""

from typing import Any

from allauth.account.forms import ReauthenticateForm as PasswordAgain
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError

from studio.db import write_transaction
from studio.errors import TooMany, Unavailable
from studio.models import User
from studio.models.relays import vault
from studio.services import audit, limits
from studio.words import Reason

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What stands beside a password; recovery codes only take their place."""

ACTS = {
    "mfa/email/totp_activated": "app_added",
    "mfa/email/totp_deactivated": "app_removed",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/webauthn_removed": "passkey_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes_made",
}
"""The mail that django-allauth would send of a change → its name in the audit."""


def is_needed(person: User) -> bool:
    """Tell whether the installation asks this person for a second factor (STUDIO_REQUIRE_2FA)."""
    return settings.REQUIRE_2FA == "everyone" or (
        settings.REQUIRE_2FA == "administrators" and person.is_administrator
    )


def has(person: User) -> bool:
    """Tell whether the person has a second factor."""
    return Authenticator.objects.filter(user=person, type__in=FACTORS).exists()


class TwoFactor(DefaultMFAAdapter):
    """Seals the secrets with the field keys, and keeps the last factor of whoever needs one."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": Reason("factor_is_last").said(),
        "incorrect_code": Reason("code_wrong").said(),
    }

    def encrypt(self, text: str) -> str:
        return vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return vault().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise Unavailable(Reason("factor_unreadable")) from None

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        person = authenticator.user
        others = Authenticator.objects.filter(user=person, type__in=FACTORS).exclude(pk=authenticator.pk)
        return not is_needed(person) or others.exists()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"


def write_down(change: str, person: User) -> None:
    """Put a change of somebody's factors into the audit, named by the mail that django-allauth would send of it."""
    with write_transaction():
        audit.record(actor=person, action=f"person.{ACTS[change]}", subject=person.pk)


class CountedCode:
    """A form whose code is counted before it is looked at, and good once."""

    user: User
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        try:
            taken = limits.second_factor(person=self.user)
        except TooMany as error:
            raise ValidationError(error.sentence) from None
        code: str = super().clean_code()  # type: ignore[misc]
        if not limits.is_first_use(person=self.user, code=code):
            raise ValidationError(Reason("code_used").said())
        limits.give_back(taken)
        return code


class CodeForm(CountedCode, AuthenticateForm):
    """The code at the sign-in."""


class CodeAgainForm(CountedCode, ReauthenticateForm):
    """The code once more, before something that matters."""


class AppForm(CountedCode, ActivateTOTPForm):
    """The first code of a new app."""


class PasswordAgainForm(PasswordAgain):
    """The password once more, before something that matters."""

    def clean_password(self) -> str:
        try:
            taken = limits.change_password(person=self.user)
        except TooMany as error:
            raise ValidationError(error.sentence) from None
        password: str = super().clean_password()
        limits.give_back(taken)
        return password
