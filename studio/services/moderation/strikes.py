"""Strikes: points against a person that run out by themselves."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from studio.models import Case, Role, Strike, User
from studio.services import audit

WARNING = 1
"""Points of a warning."""


def give(*, case: Case, moderator: User, points: int = WARNING) -> datetime | None:
    """Count a decision against the case's person, in its transaction; return until when they are suspended for it.

    Strikes suspend members alone, and nobody unless `STUDIO_STRIKES_SUSPEND` says how many points are too many.
    """
    until = timezone.now() + timedelta(days=settings.STRIKE_DAYS)
    Strike.objects.create(
        person_id=case.person_id, case=case, points=points, given_by=moderator, expires_at=until
    )
    audit.record(
        actor=moderator, action="person.warned", subject=case.person_id, case=str(case.pk), points=points
    )
    person = case.person
    counted = Strike.objects.of(person).counting().points()
    if 0 < settings.STRIKES_SUSPEND <= counted and person.is_active and person.role == Role.MEMBER:
        return timezone.now() + timedelta(days=settings.STRIKE_SUSPENSION_DAYS)
    return None


def take_back(*, case: Case) -> None:
    """Forget what a decision counted that no longer stands; the audit of the decision says so."""
    Strike.objects.filter(case=case).delete()
