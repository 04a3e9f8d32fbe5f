"""Links by which people join: the secret is shown once, the row keeps its digest."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict, Lapsed
from studio.models import Invitation, InvitationState, User
from studio.services import audit, letters
from studio.services.people import passwords
from studio.words import Reason, say

WHY_NOT = {
    InvitationState.USED: Reason("invitation_used"),
    InvitationState.EXPIRED: Reason("invitation_expired"),
    InvitationState.REVOKED: Reason("invitation_revoked"),
}


def make(
    *, administrator: User, role: str, days: int, uses: int = 1, email: str = ""
) -> tuple[Invitation, str]:
    """Return a new invitation and its secret, which nobody can read again; one bound to an address is for one."""
    token = secrets.token_urlsafe(16)
    ends = timezone.now() + timedelta(days=days)
    with write_transaction():
        row = Invitation.objects.create(
            digest=_digest(token),
            role=role,
            email=email.strip().lower(),
            uses=1 if email else uses,
            made_by=administrator,
            expires_at=ends,
        )
        audit.record(actor=administrator, action="invitation.made", subject=row.pk, role=role, uses=row.uses)
        if row.email:
            facts = {
                "by": administrator.name,
                "link": url_of(token),
                "until": timezone.localtime(ends).isoformat(),
            }
            text = say("mail_invitation", facts)
            letters.post(to=row.email, subject=say("mail_invitation_subject", {}), text=text)
    return row, token


def url_of(token: str) -> str:
    """Return the whole address of a link."""
    return settings.STUDIO_URL + reverse("invitations.join", args=[token])


def revoke(*, invitation: Invitation, administrator: User) -> None:
    """Make a link worthless; whoever joined by it stays."""
    with write_transaction():
        if not Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=Now()):
            raise Conflict(Reason("invitation_over"))
        audit.record(actor=administrator, action="invitation.revoked", subject=invitation.pk)


def find(token: str) -> Invitation | None:
    """Return the invitation with this secret, whatever has become of it."""
    return Invitation.objects.select_related("made_by").filter(digest=_digest(token)).first()


def check(invitation: Invitation) -> None:
    """Raise Lapsed, with what has become of it, for one by which nobody can join."""
    if invitation.state != InvitationState.OPEN:
        raise Lapsed(WHY_NOT[invitation.state])


def accept(*, invitation: Invitation, name: str, email: str, password: str) -> User:
    """Make the person who joins; of many who want the last use exactly one gets it, the others get Lapsed."""
    check(invitation)
    person = User(
        email=invitation.email or email.strip().lower(),
        name=name,
        role=invitation.role,
        invitation=invitation,
        seen_at=timezone.now(),
    )
    passwords.check_new(password, person, param="password")
    person.password = make_password(password)  # slow, so before the transaction
    try:
        with write_transaction():
            if not Invitation.objects.filter(pk=invitation.pk).use():
                raise _gone(invitation)
            person.save(force_insert=True)
            audit.record(
                actor=person, action="person.joined", subject=person.pk, invitation=str(invitation.pk)
            )
    except IntegrityError:
        raise Conflict(Reason("email_taken"), param="email") from None
    return person


def _gone(invitation: Invitation) -> Lapsed:
    invitation.refresh_from_db()
    return Lapsed(WHY_NOT.get(invitation.state, WHY_NOT[InvitationState.EXPIRED]))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
