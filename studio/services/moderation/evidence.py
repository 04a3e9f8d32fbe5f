"""Removed pictures are evidence for a while, then purged; earlier only when two people want it (SAFETY T14)."""

from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict, Forbidden
from studio.models import Case, Image, User, Verdict
from studio.models.cases import CaseQuerySet
from studio.services import audit
from studio.services.moderation.looks import EVIDENCE
from studio.words import Reason

EARLY = "purge_asked_by"


def ask(*, case: Case, moderator: User) -> None:
    """Ask to have the evidence of a removal deleted before its time; somebody else has to agree."""
    with write_transaction():
        rows = _removed(case)
        if not rows.move(detail=case.detail | {EARLY: str(moderator.pk)}):
            raise Conflict(Reason("case_changed"))
        audit.record(actor=moderator, action="evidence.purge_asked", subject=case.image_id, case=str(case.pk))


def agree(*, case: Case, moderator: User) -> None:
    """Agree as the second person: the next clean-up deletes the picture for good."""
    if case.detail.get(EARLY) in (None, str(moderator.pk)) or case.person_id == moderator.pk:
        raise Forbidden(Reason("two_people"))
    with write_transaction():
        if not _removed(case).move():
            raise Conflict(Reason("case_changed"))
        Image.objects.filter(cases=case).update(removed_at=timezone.now() - EVIDENCE)
        audit.record(
            actor=moderator, action="evidence.purge_agreed", subject=case.image_id, case=str(case.pk)
        )


def _removed(case: Case) -> CaseQuerySet:
    return Case.objects.same(case).filter(verdict=Verdict.REMOVED, image__isnull=False)
