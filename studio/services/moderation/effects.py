"""What a verdict does to a picture, or to a prompt with all its runs.

A verdict says how its subject stands from now on, whatever stood before: the last decision holds, and doing what stood
before undoes it.
"""

from typing import Any, cast
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from studio.models import Case, CaseKind, Generation, Image, Verdict
from studio.services import sharing

OF_SUBJECTS = (Verdict.KEPT, Verdict.HIDDEN, Verdict.REMOVED)
"""The verdicts that say how a picture or a prompt stands."""


def standing(case: Case) -> Verdict:
    """Return how the case's subject stands, as the verdict that makes it so."""
    if case.image_id:
        held, removed = Image.objects.values_list("held_at", "removed_at").get(pk=case.image_id)
    else:
        held, removed = sharing.withheld(prompt=case.generation.prompt_id)
    return Verdict.REMOVED if removed else Verdict.HIDDEN if held else Verdict.KEPT


def apply(case: Case, verdict: str) -> None:
    """Do what the verdict says; call it in the transaction of the decision."""
    if verdict not in OF_SUBJECTS:
        return
    if case.image_id:
        _picture(case, verdict)
        return
    prompt, removed = case.generation.prompt_id, verdict == Verdict.REMOVED
    if verdict == Verdict.KEPT:
        sharing.give_back(prompt=prompt)
    else:
        sharing.withhold(prompt=prompt, removed=removed)


def take_back(case: Case, verdict: str, *, to: str) -> None:
    """Have the subject of a verdict that falls stand otherwise, as far as other decisions on it allow."""
    rank = [each.value for each in OF_SUBJECTS].index
    if verdict in OF_SUBJECTS and rank(standing(case)) <= max(rank(verdict), rank(to)):
        apply(case, max(to, _said_elsewhere(case), key=rank))


def _said_elsewhere(case: Case) -> str:
    """Return what the last decision on another card of the same subject says, or that it still waits for its review."""
    others = Case.objects.with_subject_of(case).exclude(pk=case.pk)
    if case.image_id and others.open().filter(kind=CaseKind.REVIEW).exists():
        return Verdict.HIDDEN
    decided = others.decided().filter(verdict__in=OF_SUBJECTS).order_by("decided_at")
    return decided.values_list("verdict", flat=True).last() or Verdict.KEPT


def _picture(case: Case, verdict: str) -> None:
    """A picture that is kept stays hidden while its prompt is."""
    run, now = Generation.objects.get(pk=case.generation_id), Value(timezone.now())
    moments: dict[str, dict[str, Any]] = {
        Verdict.KEPT: {"held_at": run.withheld_at, "removed_at": None},
        Verdict.HIDDEN: {"held_at": Coalesce(F("held_at"), now), "removed_at": None},
        Verdict.REMOVED: {"removed_at": Coalesce(F("removed_at"), now)},
    }
    Image.objects.filter(pk=cast(UUID, case.image_id)).update(**moments[verdict])
    Generation.objects.filter(pk=run.pk).touch()
