"""Fetches the one row an address names: not yours and never existed get the same answer (SAFETY §4, T11, T12)."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from studio.http import StudioRequest, log_refusal


def fetch_or_404[M: Model](request: StudioRequest, rows: QuerySet[M], pk: UUID | int | None) -> M:
    """Return the row out of those this person may have; `rows` carries the whole rule."""
    row = fetch(request, rows, pk)
    if row is None:
        raise Http404
    return row


def fetch[M: Model](request: StudioRequest, rows: QuerySet[M], pk: UUID | int | None) -> M | None:
    """Return the row, or None; a row that exists and is not this person's is written down (SAFETY T11)."""
    row = rows.filter(pk=pk).first()
    if row is None and pk is not None:
        note_denied(request, rows.model, {pk})
    return row


def fetch_some[M: Model](request: StudioRequest, rows: QuerySet[M], pks: list[UUID]) -> list[M]:
    """Return those of the rows this person may have; others that exist are written down."""
    found = list(rows.filter(pk__in=pks)) if pks else []
    note_denied(request, rows.model, set(pks) - {row.pk for row in found})
    return found


def note_denied(request: StudioRequest, model: type[Model], pks: Collection[UUID | int]) -> None:
    """Write down which of these rows exist: this person asked for them and may not have them."""
    rows = model._default_manager.filter(pk__in=pks).values_list("pk", flat=True)
    for pk in rows if pks else ():
        log_refusal(request, "authz_denied", kind=model._meta.model_name, object=str(pk))


def as_uuid(text: str | None) -> UUID | None:
    """Return the id that a query names; nothing for any other text."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
