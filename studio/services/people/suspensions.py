"""Shuts the door to a person and opens it again (SAFETY T13).

`is_active` alone decides, for every page and every worker. A date is looked after by whoever meets it first: the
person's own sign-in, their next request, or the clean-up.
"""

import datetime
from typing import Any

from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Generation, NoticeKind, Role, Standing, State, User
from studio.services import audit, notices
from studio.services.drawing import settlement
from studio.services.people import administrators, sessions
from studio.words import Reason


def suspend(
    *, person: User, actor: User | None, until: datetime.datetime | None = None, reason: str = ""
) -> User:
    """Suspend a person at once, until a date or for good; they read the reason. Without an actor the studio acts."""
    if until and until <= timezone.now():
        raise StudioError(Reason("suspension_in_the_past"), param="until")
    with write_transaction():
        row, others = administrators.lock(person)
        check_may_suspend(row, actor)
        administrators.keep_one(row, others)
        row.is_active, row.suspended_until, row.suspension_reason = False, until, reason
        row.save(update_fields=["is_active", "suspended_until", "suspension_reason"])
        sessions.forget(row, tell=True)
        said: dict[str, Any] = {"until": until.isoformat()} if until else {}
        notices.tell(person=row, kind=NoticeKind.SUSPENDED, why=reason, **said)
        audit.record(actor=actor, action="person.suspended", subject=row.pk, reason=reason, **said)
    take_back_what_waits(row, actor)
    return row


def check_may_suspend(row: User, actor: User | None) -> None:
    """Refuse those who have left, oneself, and for moderators whoever is more than a member."""
    if row.standing == Standing.LEFT:
        raise Conflict(Reason("person_left"))
    if actor is None:
        return
    if actor.pk == row.pk:
        raise Conflict(Reason("suspends_themselves"))
    if not actor.is_administrator and row.role != Role.MEMBER:
        raise Conflict(Reason("above_moderators"))


def take_back_what_waits(person: User, actor: User | None) -> None:
    """Cancel what was not sent yet; after the commit, as a claim locks rows first. The heartbeat does the rest."""
    for row in Generation.objects.owned_by(person).in_state(State.HELD, State.QUEUED, State.CLAIMED):
        settlement.cancel(generation=row, person=person, actor=actor)


def restore(*, person: User, actor: User | None) -> User:
    """Let a suspended person in again; the sessions that ended stay ended."""
    with write_transaction():
        row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if row.standing != Standing.SUSPENDED:
            raise Conflict(Reason("not_suspended"))
        _restore(row, actor)
    return row


def end_if_over(*, person: User) -> bool:
    """Let a person in whose date has come; say whether they may sign in."""
    if not person.suspension_is_over:
        return person.is_active
    with write_transaction():
        row = User.objects.suspension_over().select_for_update(no_key=True).filter(pk=person.pk).first()
        if row:
            _restore(row, None)
    person.refresh_from_db()
    return person.is_active


def end_over() -> int:
    """Let everybody in whose date has come; return how many."""
    return sum(end_if_over(person=row) for row in User.objects.suspension_over())


def _restore(row: User, actor: User | None) -> None:
    row.is_active, row.suspended_until, row.suspension_reason = True, None, ""
    row.save(update_fields=["is_active", "suspended_until", "suspension_reason"])
    notices.tell(person=row, kind=NoticeKind.RESTORED)
    audit.record(actor=actor, action="person.restored", subject=row.pk)


def why(person: User) -> Reason:
    """Return what a suspended person is told."""
    until = person.suspended_until and timezone.localtime(person.suspended_until).isoformat()
    facts = {"until": until, "reason": person.suspension_reason}
    return Reason("suspended", **{name: value for name, value in facts.items() if value})
