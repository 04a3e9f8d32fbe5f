"""Personal tokens: the secret is shown once, the row keeps its digest."""

import hashlib
import secrets
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Token, User
from studio.models.tokens import Delivers, Scope
from studio.services import audit
from studio.services.screening import gate
from studio.words import Reason

PREFIX = "sk-lightfast-"
"""Clients ask for a key that looks like one, and logs that hide keys know this beginning."""

AT_MOST = 50
"""Tokens in use that one person may have."""


def make(
    *,
    person: User,
    name: str,
    scope: str = Scope.DRAW,
    delivers: str = Delivers.BOTH,
    strict: bool = False,
    days: int | None = None,
) -> tuple[Token, str]:
    """Return a new token and its secret, which nobody can read again; without days it is good until it is revoked."""
    gate.check_names(name, param="name")
    secret = PREFIX + secrets.token_urlsafe(32)
    row = Token(
        person=person,
        name=name,
        digest=digest_of(secret),
        ending=secret[-4:],
        scope=scope,
        delivers=delivers,
        strict=strict,
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    with write_transaction():
        if Token.objects.open().owned_by(person).count() >= AT_MOST:
            raise StudioError(Reason("too_many_tokens", most=AT_MOST), param="name")
        row.save(force_insert=True)
        audit.record(actor=person, action="token.made", subject=row.pk, name=name, scope=scope, days=days)
    return row, secret


def revoke(*, token: Token, actor: User) -> None:
    """Let no program use a token any more: its person, or an administrator."""
    with write_transaction():
        if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now()):
            audit.record(actor=actor, action="token.revoked", subject=token.pk, person=str(token.person_id))


def find(*, secret: str) -> Token | None:
    """Return the open token with this secret, and write down about every minute that it was used."""
    row = Token.objects.open().filter(digest=digest_of(secret)).select_related("person").first()
    if row and row.is_used_late:
        with write_transaction():
            Token.objects.filter(pk=row.pk).update(used_at=Now())
    return row


def digest_of(secret: str) -> str:
    """Return what the row keeps: the secret has 256 random bits, so one round of SHA-256 hides it."""
    return hashlib.sha256(secret.encode()).hexdigest()
