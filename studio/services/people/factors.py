"""The second factor of somebody who has lost theirs."""

from allauth.mfa.models import Authenticator

from studio.db import write_transaction
from studio.models import User
from studio.services import audit
from studio.services.people import sessions


def of(person: User) -> list[str]:
    """Return the kinds of factors the person has: "totp", "webauthn", "recovery_codes"; one kind once."""
    kinds = Authenticator.objects.filter(user=person).order_by("type").values_list("type", flat=True)
    return list(dict.fromkeys(kinds))


def take_off(*, person: User, administrator: User) -> None:
    """Remove all factors of the person and end their sessions: the password alone lets them in, until they add one."""
    with write_transaction():
        removed, _ = Authenticator.objects.filter(user=person).delete()
        if removed:
            sessions.forget(person)
            audit.record(actor=administrator, action="person.factors_removed", subject=person.pk)
