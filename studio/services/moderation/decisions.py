"""Decisions on cases: one moderator decides each, the other is told; undone within seconds, reopened any time."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db.models.functions import Now
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict, Forbidden, StudioError
from studio.models import Case, CaseKind, Generation, Report, State, User, Verdict
from studio.services import audit
from studio.services.moderation import appeals, effects, holds, reasons, strikes, telling
from studio.services.people import suspensions
from studio.words import Reason

VERDICTS: dict[str, tuple[Verdict, ...]] = {
    CaseKind.HELD: (Verdict.APPROVED, Verdict.REFUSED),
    CaseKind.REPORT: (Verdict.KEPT, Verdict.HIDDEN, Verdict.REMOVED),
    CaseKind.REVIEW: (Verdict.KEPT, Verdict.HIDDEN, Verdict.REMOVED),
    CaseKind.APPEAL: (Verdict.OVERTURNED, Verdict.UPHELD),
}
"""What a moderator can decide on each kind of case, the mildest first."""

HARSH = {Verdict.REFUSED, Verdict.HIDDEN, Verdict.REMOVED, Verdict.UPHELD}
"""What nobody decides without saying why."""

FINAL = {Verdict.REFUSED, Verdict.OVERTURNED}
"""What cannot be undone: something else followed from it."""

ONCE = {CaseKind.HELD, CaseKind.APPEAL}
"""What is decided once: it is not opened again, but comes anew."""

UNDO = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a moderator says: the verdict, why in public, and what stays among moderators."""

    verdict: str
    reason: str = ""
    words: str = ""
    note: str = ""
    warn: bool = False
    suspend_until: datetime | None = None


def decide(*, case: Case, moderator: User, decision: Decision) -> None:
    """Decide a case as it was read; raises Conflict when somebody else was quicker."""
    check_may_decide(case=case, moderator=moderator)
    _check(case, decision, moderator)
    with write_transaction():
        _lock(case)
        before = effects.standing(case)
        _write(case, moderator, decision, before)
        if decision.verdict == Verdict.OVERTURNED:
            appeals.grant(appeal=case)
        effects.apply(case, decision.verdict)
        strikes.take_back(case=case)  # of a decision that was reopened: this one takes its place
        until = strikes.give(case=case, moderator=moderator) if decision.warn else None
        said = {"reason": decision.reason, "words": decision.words}
        _record(case, moderator, decision.verdict, before=before, **said)
        telling.tell(case=case, verdict=decision.verdict, **said, warned=decision.warn)
    # After the commit: a suspension takes people before runs, a worker's claim the other way round.
    if until := decision.suspend_until or until:
        by = moderator if decision.suspend_until else None
        why = reasons.said(decision.reason, decision.words)
        suspensions.suspend(person=case.person, actor=by, until=until, reason=why)


def _write(case: Case, moderator: User, decision: Decision, before: str) -> None:
    if case.kind == CaseKind.HELD:
        _end_hold(case, moderator, decision)
        return
    facts: dict[str, Any] = {"reason": decision.reason, "words": decision.words, "note": decision.note}
    facts |= {"verdict": decision.verdict, "decided_by": moderator, "detail": case.detail | {"stood": before}}
    if not Case.objects.open().same(case).move(decided_at=Now(), **facts):
        raise _moved_on(case)


def _end_hold(case: Case, moderator: User, decision: Decision) -> None:
    """Let a held prompt go or refuse it, which closes its case; then put down what was said."""
    if not Case.objects.open().same(case).exists():
        raise _moved_on(case)
    held = case.generation.why
    if decision.verdict == Verdict.APPROVED:
        holds.approve(generation=case.generation, moderator=moderator)
    else:
        why = reasons.said(decision.reason, decision.words)
        holds.refuse(generation=case.generation, moderator=moderator, reason=why)
    detail = case.detail | {"held": {"code": held.code, "values": held.values}}
    said = {"reason": decision.reason, "words": decision.words, "note": decision.note}
    Case.objects.filter(pk=case.pk).update(detail=detail, **said)


def decide_several(*, cases: list[Case], moderator: User, decision: Decision) -> tuple[int, Counter[str]]:
    """Decide each of these by itself; return how many were, and how often each sentence says why not."""
    done, troubles = 0, Counter[str]()
    for case in cases:
        try:
            decide(case=case, moderator=moderator, decision=decision)
            done += 1
        except StudioError as error:
            troubles[error.sentence] += 1
    return done, troubles


def undo(*, case: Case, moderator: User) -> None:
    """Take one's own decision back within ten seconds, as if it had never been; a suspension stays for its page."""
    with write_transaction():
        _lock(case)
        mine = Case.objects.decided().same(case).filter(decided_by=moderator, decided_at__gte=Now() - UNDO)
        _open_again(mine.exclude(verdict__in=FINAL), case)
        if case.kind == CaseKind.HELD:
            _hold_again(case)
        else:
            effects.take_back(case, case.verdict, to=case.detail["stood"])
        strikes.take_back(case=case)
        telling.take_back(case=case)
        _record(case, moderator, "undone", before=case.verdict)


def reopen(*, case: Case, moderator: User) -> None:
    """Put a decided case before the moderators again; what was decided holds until the next decision."""
    check_may_decide(case=case, moderator=moderator)
    with write_transaction():
        _lock(case)
        decided = Case.objects.decided().same(case).exclude(kind__in=ONCE)
        _open_again(decided, case)
        _record(case, moderator, "reopened", before=case.verdict)


def may_decide(*, case: Case, moderator: User, reporters: Collection[UUID] | None = None) -> bool:
    """Tell whether this is for others to decide: nobody judges what is theirs, what they reported or decided (T14).

    Whoever has read who reported it says so.
    """
    if reporters is None:
        reporters = Report.objects.reporters_of(case)
    parties = {case.person_id, case.of and case.of.decided_by_id, *reporters}
    return moderator.pk not in parties


def check_may_decide(*, case: Case, moderator: User) -> None:
    """Refuse whoever is a party."""
    if not may_decide(case=case, moderator=moderator):
        raise Forbidden(Reason("not_your_case"))


class OnCase(Protocol):
    """Something a moderator does with a case."""

    def __call__(self, *, case: Case, moderator: User) -> None: ...


def _check(case: Case, decision: Decision, moderator: User) -> None:
    if decision.verdict not in VERDICTS.get(case.kind, ()):
        raise StudioError(Reason("no_such_verdict"), param="verdict")
    if decision.reason and decision.reason not in reasons.words():
        raise StudioError(Reason("no_such_reason"), param="reason")
    harsh = decision.verdict in HARSH or decision.warn or decision.suspend_until
    if harsh and not (decision.reason or decision.words):
        raise StudioError(Reason("say_why"), param="words")
    if decision.suspend_until:
        suspensions.check_may_suspend(case.person, moderator)
        if decision.suspend_until <= timezone.now():
            raise StudioError(Reason("suspension_in_the_past"), param="until")


def _lock(case: Case) -> None:
    """Take the run before the case, as whoever holds and cancels runs does."""
    Generation.objects.select_for_update().filter(pk=case.generation_id).get()


def _open_again(rows: Any, case: Case) -> None:
    if case.is_purged:
        raise Conflict(Reason("purged"))
    if Case.objects.open().about(CaseKind(case.kind), case.generation_id, case.image_id).exists():
        raise Conflict(Reason("opened_again"))
    if not rows.move(verdict="", decided_by=None, decided_at=None):
        raise _moved_on(case)


def _hold_again(case: Case) -> None:
    """Stop what was let go a moment ago, unless a worker has it already."""
    why = Reason(case.detail["held"]["code"], **case.detail["held"]["values"])
    if not Generation.objects.filter(pk=case.generation_id).move(State.QUEUED, to=State.HELD, why=why):
        raise Conflict(Reason("hold_is_over"))


def _moved_on(case: Case) -> Conflict:
    """Say what has become of a case since it was read."""
    now = Case.objects.select_related("decided_by").get(pk=case.pk)
    if now.decided_at is None:
        return Conflict(Reason("case_changed"))
    if now.verdict == Verdict.WITHDRAWN:
        return Conflict(Reason("hold_is_over"))
    seconds = (timezone.now() - now.decided_at).total_seconds()
    return Conflict(Reason("decided_by", who=str(now.decided_by or ""), seconds=int(seconds)))


def _record(case: Case, moderator: User, act: str, **detail: Any) -> None:
    image = str(case.image_id) if case.image_id else None
    facts = {"kind": case.kind, "image": image, "generation": str(case.generation_id), **detail}
    audit.record(actor=moderator, action=f"case.{act}", subject=case.pk, **facts)
