"""Writes down who did what."""

from typing import Any

from studio.models import AuditEntry, User


def record(*, actor: User | None, action: str, subject: object, **detail: Any) -> None:
    """Add an entry inside the caller's transaction; `actor` is None when the studio itself acted."""
    AuditEntry.objects.create(actor=actor, action=action, subject=str(subject), detail=detail)
