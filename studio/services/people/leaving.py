"""Somebody leaves the team: they cannot come in any more, and what they shared stays with their name."""

from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Standing, User
from studio.services import audit, collections, library, searches
from studio.services.people import administrators, sessions, suspensions
from studio.words import Reason


def leave(*, person: User, administrator: User, heir: User | None = None) -> None:
    """Let a person go at once; what waits is cancelled, what is drawn is finished.

    What they shared in the library, their shared searches and the collections that the team sees stay under their
    name, or are handed over to somebody who goes on with them.
    """
    with write_transaction():
        row, others = administrators.lock(person)
        if row.standing == Standing.LEFT:
            raise Conflict(Reason("person_left"))
        administrators.keep_one(row, others)
        gone = {"is_active": False, "left_at": Now(), "suspended_until": None, "suspension_reason": ""}
        User.objects.filter(pk=row.pk).update(**gone)
        sessions.forget(row, tell=True)
        handed = library.hand_over(person=row, to=heir) if heir else 0
        given = collections.hand_over(person=row, heir=heir) if heir else 0
        found = searches.hand_over(person=row, to=heir) if heir else 0
        detail = {"saved_prompts": handed, "collections": given, "searches": found}
        audit.record(actor=administrator, action="person.left", subject=row.pk, **detail)
    suspensions.take_back_what_waits(row, administrator)


def come_back(*, person: User, administrator: User) -> None:
    """Let a person in again who had left."""
    with write_transaction():
        gone = User.objects.standing(Standing.LEFT).filter(pk=person.pk, erasing_since=None)
        if not gone.update(is_active=True, left_at=None):
            raise Conflict(Reason("not_left"))
        audit.record(actor=administrator, action="person.came_back", subject=person.pk)
