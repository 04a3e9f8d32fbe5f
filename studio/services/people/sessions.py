"""The browsers in which a person is signed in."""

import logging

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import QuerySet
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.models import User
from studio.models.ids import storage_token
from studio.services import audit

logger = logging.getLogger(__name__)


def of(person: User) -> "QuerySet[UserSession]":
    """Return the living ones, the one that was used last first."""
    alive = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    rows: QuerySet[UserSession] = UserSession.objects.filter(user=person, session_key__in=alive)
    return rows.order_by("-last_seen_at", "-pk")


def saw(*, person: User, key: str) -> None:
    """Write down that the person is here, in this browser; a database that is busy has better things to do."""
    try:
        with write_transaction():
            User.objects.filter(pk=person.pk).update(seen_at=Now())
            UserSession.objects.filter(session_key=key).update(last_seen_at=Now())
    except DatabaseError:
        logger.info("the database is busy: a visit was not written down")


def end(*, session: UserSession, actor: User) -> None:
    """End one: the next request from there is nobody's."""
    with write_transaction():
        Session.objects.filter(session_key=session.session_key).delete()
        session.delete()
        audit.record(actor=actor, action="person.session_ended", subject=session.user_id)


def end_all(*, person: User, actor: User) -> None:
    """End all of them, also those begun before they were counted."""
    with write_transaction():
        forget(person)
        audit.record(actor=actor, action="person.sessions_ended", subject=person.pk)


def forget(person: User, *, tell: bool = False) -> None:
    """Make every session of the person worthless, in the caller's transaction.

    With `tell` their rows stay, good for nothing but to say once why the door is shut (SAFETY T13).
    """
    mine = UserSession.objects.filter(user=person)
    if not tell:
        Session.objects.filter(session_key__in=list(mine.values_list("session_key", flat=True))).delete()
    mine.delete()
    person.session_salt = storage_token()
    User.objects.filter(pk=person.pk).update(session_salt=person.session_salt)
