"""Pauses a relay whose answers keep pointing to forbidden addresses (SAFETY T01)."""

import logging
from datetime import timedelta

from django.db.models.functions import Now

from studio.db import write_transaction
from studio.models import AuditEntry, Generation, Relay
from studio.services import audit
from studio.services.relays import health
from studio.words import Reason

logger = logging.getLogger(__name__)

STRIKES = 3
SPAN = timedelta(hours=1)


def strike(*, generation: Generation) -> None:
    """Count one answer that pointed to a forbidden address; the third within an hour pauses the relay."""
    relay = generation.drawn_by.relay
    logger.warning("relay.struck relay=%s generation=%s", relay.name, generation.pk)
    with write_transaction():
        list(
            Relay.objects.select_for_update(no_key=True).filter(pk=relay.pk)
        )  # strikes are counted one by one
        audit.record(actor=None, action="relay.struck", subject=relay.pk, generation=str(generation.pk))
        if _lately(relay) + 1 >= STRIKES:
            health.pause(relay, why=Reason("forbidden_addresses", relay=relay.name, times=STRIKES))


def _lately(relay: Relay) -> int:
    """Count the earlier strikes of the last hour; those before an administrator resumed the relay are forgiven."""
    entries = AuditEntry.objects.filter(subject=str(relay.pk), at__gt=Now() - SPAN).order_by("-pk")
    acts = list(entries.filter(action__in=("relay.struck", "relay.resumed")).values_list("action", flat=True))
    return acts.index("relay.resumed") if "relay.resumed" in acts else len(acts)
