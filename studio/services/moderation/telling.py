"""Who is told of a decision: the person it is about, whoever reported it, whoever appealed."""

from typing import Any

from studio.models import Case, CaseKind, NoticeKind, User, Verdict
from studio.services import notices
from studio.services.moderation import reasons
from studio.services.webhooks import events


def tell(*, case: Case, verdict: str, reason: str, words: str, warned: bool) -> None:
    """Tell everybody of a decision in its transaction; nobody is troubled when nothing came of a report."""
    if case.kind == CaseKind.HELD:
        return  # services.moderation.holds tells its person
    said: dict[str, Any] = {"verdict": verdict, "why": reasons.said(reason, words), "case": str(case.pk)}
    said["thing"] = "picture" if case.image_id else "prompt"
    about: dict[str, Any] = {"generation": case.generation, "image": case.image}
    if case.kind == CaseKind.APPEAL:
        said["case"] = str(case.of_id)
        notices.tell(person=case.person, kind=NoticeKind.ANSWERED, **about, **said)
        return
    shown = case.kind == CaseKind.REVIEW and verdict == Verdict.KEPT
    if shown:
        events.shared(person=case.person_id, images=[case.image_id])
    if verdict != Verdict.KEPT or warned or shown:
        told = "shown" if shown and not warned else "warned" if verdict == Verdict.KEPT else verdict
        notices.tell(person=case.person, kind=NoticeKind.DECIDED, **about, **said | {"verdict": told})
    for person in User.objects.filter(reports__case=case, is_active=True):
        notices.tell(person=person, kind=NoticeKind.REPORTED, **about, **said)


def take_back(*, case: Case) -> None:
    """Take back what was told of a decision that is undone, and that nobody has read yet."""
    notices.forget(case=case.pk)
