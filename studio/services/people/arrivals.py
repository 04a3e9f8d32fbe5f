"""People whom another service vouches for: they are made at their first sign-in, and their role follows its groups."""

import logging

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Role, User
from studio.services import audit
from studio.services.people import administrators, sessions

logger = logging.getLogger(__name__)


def let_in(*, person: User | None, email: str, name: str, role: Role | None, service: str) -> User:
    """Return the person, made if need be, with the role that the service gives them; None leaves it alone."""
    if person is None:
        return _make(email=email, name=name, role=role or Role.MEMBER, service=service)
    if role is not None and role != person.role:
        _follow(person, role, service)
    return person


def hand_over(*, person: User, service: str) -> None:
    """Give the account to whoever the service says has its address, and shut every other way in.

    Anybody can give an account the address of another before they come. Administrators are believed, and so is an
    address to which the person was invited.
    """
    invited = person.invitation is not None and person.invitation.email == person.email
    if invited or person.is_administrator:
        return
    person.password = make_password(None)
    with write_transaction():
        User.objects.filter(pk=person.pk).update(password=person.password)
        SocialAccount.objects.filter(user=person).delete()
        Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).delete()
        sessions.forget(person)
        audit.record(actor=None, action="person.handed_over", subject=person.pk, service=service)


def _make(*, email: str, name: str, role: Role, service: str) -> User:
    try:
        with write_transaction():
            person = User.objects.create_user(email, name=name, role=role)
            audit.record(
                actor=person,
                action="person.came_in",
                subject=person.pk,
                service=service,
                after={"role": role},
            )
    except IntegrityError:  # in the same moment from another browser
        return User.objects.get(email=email)
    return person


def _follow(person: User, role: Role, service: str) -> None:
    """Give the person the role of their groups; the last administrator stays one."""
    try:
        with write_transaction():
            row, others = administrators.lock(person)
            if role != Role.ADMINISTRATOR:
                administrators.keep_one(row, others)
            detail = {"service": service, "before": {"role": row.role}, "after": {"role": role}}
            User.objects.filter(pk=row.pk).update(role=role)
            audit.record(actor=None, action="person.edited", subject=row.pk, changed=["role"], **detail)
        person.role = role
    except Conflict:
        logger.warning("the last administrator stays one, whatever %s says", service)
