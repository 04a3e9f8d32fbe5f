"""Holds what was let through before the rules were changed, and that they would not let through now (PRODUCT 5.2)."""

from typing import Any

from studio.db import write_transaction
from studio.models import Case, CaseKind, Generation, NoticeKind, State
from studio.models.generations import GenerationQuerySet
from studio.services import audit, notices
from studio.services.screening import gate, shelf
from studio.services.webhooks import events
from studio.words import Reason


def is_held(generation: Generation) -> bool:
    """Hold a claimed row, if need be; while the rules are as they were when it was written, nothing is asked."""
    if generation.rules_version == shelf.current().version:
        return False
    return screen_again(generation, Generation.objects.known(generation))


def screen_again(generation: Generation, rows: GenerationQuerySet) -> bool:
    """Hold the row if the rules stop it that no moderator has let it past; say whether it waits for one now."""
    texts = gate.texts_of(generation.prompt.text, generation.settings)
    if not gate.screen(texts).stops:
        return False
    findings = gate.screen(texts, past=Case.objects.approved_rules(generation))
    why = Reason("held_later", why=findings.why)
    return findings.stops and hold(
        generation=generation, rows=rows, why=why, version=findings.version, detail=findings.detail
    )


def hold(
    *, generation: Generation, rows: GenerationQuerySet, why: Reason, version: int, detail: dict[str, Any]
) -> bool:
    """Have what still waits, or was just claimed, wait for a moderator; its money stays reserved."""
    with write_transaction():
        said: dict[str, Any] = {"why": why, "rules_version": version, "claimed_by": "", "not_before": None}
        if not rows.move(State.QUEUED, State.CLAIMED, to=State.HELD, **said):
            return False
        case = Case.objects.open_for(CaseKind.HELD, generation, **detail)
        audit.record(actor=None, action="generation.held", subject=generation.pk, rule=detail["rule"])
        notices.tell(person=generation.owner, kind=NoticeKind.HELD, generation=generation)
        events.held(generation=generation, case=case)
    return True
