"""Appeals: the person asks once, another moderator than the one who decided answers."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Case, CaseKind, User, Verdict
from studio.services import audit
from studio.services.moderation import effects, strikes
from studio.services.moderation.looks import EVIDENCE
from studio.words import Reason

PATIENCE = timedelta(days=14)
"""How long after a decision one can appeal; what was removed is kept for longer."""

assert PATIENCE < EVIDENCE


def appeal(*, case: Case, person: User, text: str) -> Case:
    """Put a decision before another moderator; raises Conflict for a second time, or when it is too late."""
    if not may_appeal(case=case, person=person):
        raise Conflict(Reason("no_appeal"))
    subject: dict[str, Any] = {
        "generation_id": case.generation_id,
        "image_id": case.image_id,
        "person_id": case.person_id,
    }
    about: dict[str, Any] = {"of": case, "of_version": case.version, "detail": {"text": text}}
    try:
        with write_transaction():
            row = Case.objects.create(kind=CaseKind.APPEAL, **subject, **about)
            audit.record(actor=person, action="case.appealed", subject=case.pk, appeal=str(row.pk))
    except IntegrityError:
        raise Conflict(Reason("appealed_already")) from None
    return row


def may_appeal(*, case: Case, person: User) -> bool:
    """Tell whether this person can ask for another look at a decision."""
    harsh = case.verdict in {Verdict.HIDDEN, Verdict.REMOVED} or case.strikes.exists()
    recent = case.decided_at is not None and case.decided_at > timezone.now() - PATIENCE
    return case.person_id == person.pk and case.kind != CaseKind.APPEAL and harsh and recent


def grant(*, appeal: Case) -> None:
    """Take back the decision that was appealed, with all that followed from it, in the transaction of the answer."""
    decided = appeal.of
    if decided is None or decided.version != appeal.of_version:
        raise Conflict(Reason("case_changed"))
    if not Case.objects.decided().same(decided).move(verdict=Verdict.OVERTURNED):
        raise Conflict(Reason("case_changed"))
    effects.take_back(decided, decided.verdict, to=Verdict.KEPT)
    strikes.take_back(case=decided)
