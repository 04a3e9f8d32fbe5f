"""Breaking the glass: an administrator opens a private picture, says why first, and its owner learns of it."""

from datetime import timedelta

from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Forbidden, StudioError
from studio.models import Image, NoticeKind, Opening, User
from studio.services import audit, notices
from studio.words import Reason

LASTS = timedelta(minutes=15)
"""How long an administrator may look after they said why."""


def check_may_open(*, administrator: User) -> None:
    """Refuse moderators: they open what was reported or queued, at its case (SAFETY T14)."""
    if not administrator.is_administrator:
        raise Forbidden(Reason("only_reported"))


def open_for_a_while(*, image: Image, administrator: User, why: str) -> Opening:
    """Write down that and why somebody's picture is opened, tell its owner, and let the administrator look."""
    check_may_open(administrator=administrator)
    if not why.strip():
        raise StudioError(Reason("say_why_open"), param="why")
    with write_transaction():
        row = Opening.objects.create(image=image, person=administrator, why=why, until=timezone.now() + LASTS)
        facts = {"opening": str(row.pk), "owner": str(image.owner_id), "why": why}
        audit.record(actor=administrator, action="image.glass_broken", subject=image.pk, **facts)
        notices.tell(person=image.owner, kind=NoticeKind.OPENED, image=image, by=administrator, why=why)
    return row


def look(*, image: Image, administrator: User) -> Opening:
    """Write down one look at the picture's bytes; refused once the time is over."""
    row = Opening.objects.valid_for(administrator, image).order_by("pk").last()
    if row is None:
        raise Forbidden(Reason("only_reported"))
    with write_transaction():
        audit.record(actor=administrator, action="image.opened", subject=image.pk, opening=str(row.pk))
    return row
