"""What administrators decide for the whole team: choices, whether anything is drawn, what everybody reads."""

import datetime
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Installation, NoticeKind, User
from studio.models.installation import look_again
from studio.services import audit, notices, tickets
from studio.words import Reason

QUEUES = ("queue_member", "queue_moderator", "queue_administrator")
CHOICES = ("shared", "review", "retention_days", *QUEUES, "message")


def choose(*, administrator: User, **choices: Any) -> bool:
    """Change some of CHOICES; say whether anything is another than before."""
    with write_transaction():
        row = _locked()
        changed = {name: value for name, value in choices.items() if value != getattr(row, name)}
        if changed:
            before = {name: getattr(row, name) for name in changed}
            Installation.objects.update(**changed)
            audit.record(actor=administrator, action="team.chose", subject="", before=before, after=changed)
    look_again()
    return bool(changed)


def stop_drawing(*, administrator: User, why: str) -> None:
    """Send nothing to any relay any more: what is asked for waits. Everybody reads why."""
    if not why.strip():
        raise StudioError(Reason("stop_wants_a_reason"), param="why")
    with write_transaction():
        _locked()
        if not Installation.objects.filter(stopped_at=None).update(stopped_at=Now(), stopped_why=why):
            raise Conflict(Reason("already_stopped"))
        audit.record(actor=administrator, action="drawing.stopped", subject="", reason=why)
    look_again()


def resume_drawing(*, administrator: User) -> None:
    """Let what waits be drawn."""
    with write_transaction():
        _locked()
        if not Installation.objects.exclude(stopped_at=None).update(stopped_at=None, stopped_why=""):
            raise Conflict(Reason("not_stopped"))
        audit.record(actor=administrator, action="drawing.resumed", subject="")
        tickets.wake()
    look_again()


def announce(*, administrator: User, text: str, ends_at: datetime.datetime | None = None) -> None:
    """Show everybody a sentence until they put it away or it ends, and put it into every inbox."""
    if not text.strip():
        raise StudioError(Reason("announcement_wants_words"), param="text")
    if ends_at and ends_at <= timezone.now():
        raise StudioError(Reason("announcement_over"), param="ends_at")
    with write_transaction():
        _locked()
        Installation.objects.update(announcement=text, announced_at=Now(), announcement_ends_at=ends_at)
        notices.tell_everyone(kind=NoticeKind.ANNOUNCEMENT, by=administrator, text=text)
        audit.record(
            actor=administrator, action="team.announced", subject="", text=text, ends_at=_said(ends_at)
        )
    look_again()


def withdraw_announcement(*, administrator: User) -> None:
    """Take the announcement from every page."""
    with write_transaction():
        row = _locked()
        if row.announcement:
            Installation.objects.update(announcement="", announced_at=None, announcement_ends_at=None)
            audit.record(
                actor=administrator, action="team.withdrew", subject="", before={"text": row.announcement}
            )
    look_again()


def dismiss_announcement(*, person: User) -> None:
    """Show this person the present announcement no more."""
    with write_transaction():
        User.objects.filter(pk=person.pk).update(dismissed_at=Now())


def _locked() -> Installation:
    Installation.objects.get_or_create(pk=1)
    return Installation.objects.select_for_update().get(pk=1)


def _said(moment: datetime.datetime | None) -> str:
    return moment.isoformat() if moment else ""
