"""Passwords: what is good enough for one, changing one's own, and links by which a new one is chosen, once."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.urls import reverse

from studio.db import write_transaction
from studio.errors import Lapsed, StudioError
from studio.models import User
from studio.services import audit, letters, limits
from studio.services.people import sessions
from studio.words import Reason, own_words, say


def check_new(password: str, person: User, *, param: str) -> None:
    """Raise StudioError, in the words of the rules for passwords, for one that is too easy."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise StudioError(own_words(*error.messages), param=param) from None


def change(*, person: User, current: str, new: str) -> None:
    """Give a person a new password; a StudioError names the field at fault, TooMany says when to try again."""
    prove(person=person, password=current, param="current")
    check_new(new, person, param="new")
    _set(person, new, action="person.password_changed")


def prove(*, person: User, password: str, param: str) -> None:
    """Raise StudioError unless this is the person's password; TooMany after too many wrong ones."""
    taken = limits.change_password(person=person)
    if not person.check_password(password):
        raise StudioError(Reason("password_wrong"), param=param)
    limits.give_back(taken)


class _Links(PasswordResetTokenGenerator):
    """Signs who made a link as well as whom it is for."""

    def __init__(self, maker: User | None) -> None:
        super().__init__()
        self.maker = maker

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{self.maker and self.maker.pk}"


def make_link(*, person: User, administrator: User | None) -> str:
    """Return the secret of a link that sets a new password: signed, and dead once there is a new one or a sign-in.

    It falls with its administrator, too; one that was asked for by mail has none.
    """
    with write_transaction():
        audit.record(actor=administrator, action="person.reset_link_made", subject=person.pk)
    maker = administrator.pk.hex if administrator else ""
    return f"{person.pk.hex}-{maker}-{_Links(administrator).make_token(person)}"


def url_of(token: str) -> str:
    """Return the whole address of a link."""
    return settings.STUDIO_URL + reverse("accounts.reset", args=[token])


def mail_link(*, email: str, address: str) -> None:
    """Mail a link to whoever has this address, if anybody; TooMany for those who ask too often, whoever is meant."""
    limits.ask_for_mail(email=email, address=address)
    person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        return
    with write_transaction():
        token = make_link(person=person, administrator=None)
        text = say("mail_password", {"name": person.name, "link": url_of(token)})
        letters.post(to=person.email, subject=say("mail_password_subject", {}), text=text, person=person)


def of_link(token: str) -> User:
    """Return the person whom the link is for, or raise Lapsed."""
    name, _, rest = token.partition("-")
    by, _, secret = rest.partition("-")
    person, maker = _active(name), _active(by)
    is_good = maker.is_administrator if maker else not by
    if person is None or not is_good or not _Links(maker).check_token(person, secret):
        raise Lapsed(Reason("reset_link_over"))
    return person


def _active(name: str) -> User | None:
    try:
        return User.objects.filter(pk=UUID(hex=name), is_active=True).first()
    except ValueError:
        return None


def reset(*, token: str, new: str) -> User:
    """Set the password of the link's person; of two who come with one link the second gets Lapsed."""
    person = of_link(token)
    check_new(new, person, param="new")
    _set(person, new, action="person.password_reset")
    return person


def _set(person: User, new: str, *, action: str) -> None:
    """Change the password, if it is still the one that was looked at, and end every session of the person."""
    old, person.password = person.password, make_password(new)
    with write_transaction():
        if not User.objects.filter(pk=person.pk, password=old).update(password=person.password):
            raise Lapsed(Reason("reset_link_over"))
        sessions.forget(person)
        audit.record(actor=person, action=action, subject=person.pk)
