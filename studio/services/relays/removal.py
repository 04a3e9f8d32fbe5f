"""Takes relays out of the studio: one that was never asked for a picture is deleted, any other is archived."""

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Generation, Relay, RelayRequest, User
from studio.services import audit
from studio.services.relays.edit import put_in_line
from studio.words import Reason


def was_asked(relay: Relay) -> bool:
    """Tell whether something was ever asked of a relay, or waits for it: then its name must stay."""
    drawn = Generation.objects.filter(Q(model__relay=OuterRef("pk")) | Q(via__relay=OuterRef("pk")))
    asked = RelayRequest.objects.filter(model__relay=OuterRef("pk"))
    return Relay.objects.filter(Exists(drawn) | Exists(asked), pk=relay.pk).exists()


def delete(*, relay: Relay, administrator: User) -> None:
    """Remove a relay with its key and its models for good; raises Conflict for one that was ever asked."""
    was_asked_before = Conflict(Reason("relay_was_asked", relay=relay.name))
    try:
        with write_transaction():
            row = _lock(relay)
            if was_asked(row):
                raise was_asked_before
            before = {"name": row.name, "dialect": row.dialect, "base_url": row.base_url}
            audit.record(actor=administrator, action="relay.deleted", subject=row.pk, before=before)
            row.delete()
    except IntegrityError:  # somebody asked it at this very moment
        raise was_asked_before from None


def archive(*, relay: Relay, administrator: User) -> bool:
    """Hide a relay and its models everywhere but in what they drew; say whether it was in use."""
    with write_transaction():
        row = _lock(relay)
        if row.archived_at:
            return False
        Relay.objects.filter(pk=row.pk).update(archived_at=Now(), enabled=False)
        audit.record(actor=administrator, action="relay.archived", subject=row.pk)
    return True


def restore(*, relay: Relay, administrator: User) -> bool:
    """Take a relay out of the archive and offer its models again; say whether it was there."""
    with write_transaction():
        row = _lock(relay)
        if not row.archived_at:
            return False
        put_in_line(row)
        Relay.objects.filter(pk=row.pk).update(archived_at=None, enabled=True, position=row.position)
        audit.record(actor=administrator, action="relay.restored", subject=row.pk)
    return True


def _lock(relay: Relay) -> Relay:
    row = Relay.objects.select_for_update(no_key=True).get(pk=relay.pk)
    if row.sandbox:
        raise Conflict(Reason("sandbox_stays"))
    return row
