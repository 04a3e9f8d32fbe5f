"""Personal tokens: the secret is shown once, the row keeps its digest."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from django.db.models.functions import Now
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Budget, Installation, Period, Token, Unit, User, Whom
from studio.models.installation import look_again
from studio.models.tokens import Delivers, Reach, Scope
from studio.services import audit, gateways
from studio.services.gateways import Named
from studio.services.screening import gate
from studio.words import Reason

PREFIX = "sk-lightfast-"
"""Clients ask for a key that looks like one, and logs that hide keys know this beginning."""

AT_MOST = 50
"""Tokens in use that one person may have."""


class OwnBudget(NamedTuple):
    """How much may be used by one token in each period."""

    cap: int
    unit: Unit
    period: Period


def make(
    *,
    person: User,
    name: str,
    scope: str = Scope.DRAW,
    delivers: str = Delivers.BOTH,
    strict: bool = False,
    days: int | None = None,
    reach: str = Reach.ALL,
    budget: OwnBudget | None = None,
    named: Named | None = None,
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
        reach=reach,
        **gateways.fields_of(named, person=person),
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    with write_transaction():
        if Token.objects.open().owned_by(person).count() >= AT_MOST:
            raise StudioError(Reason("too_many_tokens", most=AT_MOST), param="name")
        row.save(force_insert=True)
        facts = {"ending": row.ending, "scope": scope, "days": days, "reach": reach, "gateway": row.gateway}
        audit.record(
            actor=person, action="token.made", subject=row.pk, **facts, budget=budget and budget._asdict()
        )
        if budget:
            _give(row, budget)
    look_again()
    return row, secret


def _give(row: Token, budget: OwnBudget) -> None:
    """Give a token a budget below its person's. One in money lets nothing be drawn whose price is not known."""
    strict = budget.unit != Unit.IMAGES
    Budget.objects.create(whom=Whom.TOKEN, token=row, **budget._asdict(), strict=strict)
    Installation.objects.update_or_create(pk=1, defaults={"has_budgets": True})


def revoke(*, token: Token, actor: User) -> None:
    """Let no program use a token any more: its person, or an administrator."""
    with write_transaction():
        if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now()):
            Budget.objects.of_token(token.pk).update(ended_at=Now())
            audit.record(actor=actor, action="token.revoked", subject=token.pk, person=str(token.person_id))


def find(*, secret: str, headers: Mapping[str, str]) -> Token | None:
    """Return the open token with this secret, and write down about every minute that it was used.

    By a shared one its person is whoever its gateway names in the headers; without anybody there is no token.
    """
    row = Token.objects.open().filter(digest=digest_of(secret)).select_related("person").first()
    if row and row.is_used_late:
        with write_transaction():
            Token.objects.filter(pk=row.pk).update(used_at=Now())
    person = gateways.person_of(row, headers) if row else None
    if row is None or person is None:
        return None
    row.person = person
    return row


def suspended_holder(*, secret: str) -> User | None:
    """Return whose token this is where it opens nothing for one reason alone: its person is suspended (SAFETY T13)."""
    row = Token.objects.in_time().filter(digest=digest_of(secret)).select_related("person").first()
    return row.person if row and not row.person.is_active else None


def digest_of(secret: str) -> str:
    """Return what the row keeps: the secret has 256 random bits, so one round of SHA-256 hides it."""
    return hashlib.sha256(secret.encode()).hexdigest()
