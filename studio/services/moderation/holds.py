"""What waits for a moderator: let go, refused, or over after two weeks; and what a changed rule stops of the queue.

The row comes before its case, as everywhere: whoever decides calls this before the case is touched.
"""

from datetime import timedelta

from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Case, CaseKind, Generation, NoticeKind, State, User, Verdict
from studio.services import audit, notices, tickets
from studio.services.drawing import holding, settlement
from studio.services.moderation import cases
from studio.services.screening import shelf
from studio.words import NO_REASON, Reason

PATIENCE = timedelta(days=14)
"""How long a held prompt waits for a decision."""

AT_ONCE = 500


def approve(*, generation: Generation, moderator: User) -> None:
    """Let a held generation run by itself; the rules that held it do not hold it again. Conflict if it is decided."""
    version = shelf.current().version
    with write_transaction():
        row = Generation.objects.filter(pk=generation.pk)
        if not row.move(State.HELD, to=State.QUEUED, why=NO_REASON, rules_version=version):
            raise Conflict(Reason("hold_is_over"))
        cases.close_for(kind=CaseKind.HELD, generation=generation, verdict=Verdict.APPROVED, by=moderator)
        audit.record(actor=moderator, action="generation.approved", subject=generation.pk)
        notices.tell(person=generation.owner, kind=NoticeKind.APPROVED, generation=generation)
        tickets.wake()


def refuse(*, generation: Generation, moderator: User, reason: str = "") -> None:
    """End a held generation with a reason that its person reads; nothing is charged. Conflict if it is decided."""
    why = Reason("hold_refused", text=reason.strip())
    if not settlement.refuse(generation=generation, why=why, moderator=moderator):
        raise Conflict(Reason("hold_is_over"))


def end_overdue() -> int:
    """Refuse what nobody has decided of within two weeks; return how many that were."""
    old = Case.objects.open().filter(kind=CaseKind.HELD, opened_at__lt=Now() - PATIENCE)
    lapsed = Reason("hold_lapsed")
    return sum(
        settlement.refuse(generation=case.generation, why=lapsed, moderator=None)
        for case in old.select_related("generation__owner").order_by("pk")[:AT_ONCE]
    )


def screen_waiting() -> int:
    """Hold what the rules as they are now do not let through of all that waits; return how many that were."""
    version = shelf.current().version
    waiting = Generation.objects.in_state(State.QUEUED).exclude(rules_version=version)
    return sum(
        holding.screen_again(row, Generation.objects.filter(pk=row.pk, claimed_by=""))
        for row in waiting.select_related("prompt", "owner").order_by("pk")
    )
