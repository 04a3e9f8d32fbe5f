"""Opens the cards of the moderators' queue, and closes those that settle themselves."""

from typing import Any

from django.db.models.functions import Now

from studio.db import write_transaction
from studio.models import Case, CaseKind, Generation, Image, User, Verdict


def open_for(*, kind: CaseKind, generation: Generation, image: Image | None = None, **detail: Any) -> Case:
    """Return the open case of this kind and subject, made if there is none: a second call makes no second one.

    `detail` is kept as JSON with a new case, for a held prompt `rule` and `matches`: [[first, behind], …] in its text.
    """
    with write_transaction():
        return Case.objects.open_for(kind, generation, image, **detail)


def close_for(
    *,
    kind: CaseKind,
    generation: Generation,
    image: Image | None = None,
    verdict: Verdict = Verdict.WITHDRAWN,
    by: User | None = None,
) -> bool:
    """Close what needs no moderator any more, as a held prompt that was cancelled; say whether it was open."""
    with write_transaction():
        rows = Case.objects.open().about(kind, generation, image)
        return rows.move(verdict=verdict, decided_by=by, decided_at=Now())
