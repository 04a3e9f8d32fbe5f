"""Who looks at what: at a card, which the other moderators see; at a picture, which is written down."""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Forbidden
from studio.models import Case, Image, Look, User
from studio.services import audit
from studio.words import Reason

EVIDENCE = timedelta(days=30)
"""How long the picture of a decided case can be looked at, and a removed one is kept."""


def look(*, case: Case, moderator: User) -> None:
    """Say that a moderator has a case before them, and forget the looks that are over."""
    with write_transaction():
        Look.objects.over().delete()
        facts = {"case": case, "at": Now()}
        Look.objects.update_or_create(person=moderator, defaults=facts)


def open_picture(*, case: Case, moderator: User) -> Image:
    """Return the picture of a case to look at; the audit names the case (SAFETY T14)."""
    image = case.image
    if image is None or (case.decided_at and case.decided_at < timezone.now() - EVIDENCE):
        raise Forbidden(Reason("only_reported"))
    with write_transaction():
        audit.record(actor=moderator, action="image.opened", subject=image.pk, case=str(case.pk))
    return image
