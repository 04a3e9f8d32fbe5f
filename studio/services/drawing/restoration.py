"""Makes a restored copy harmless: what waited when it was made may have been drawn since (SAFETY §6, row 48)."""

from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Generation, State
from studio.models.runs import DRAWN_BY
from studio.models.states import RUNNING
from studio.services import audit, tickets
from studio.services.drawing import leases, settlement
from studio.services.webhooks import deliveries
from studio.words import Reason


def after_restore() -> Counter[State]:
    """Let nothing be sent by itself; return how many rows now ask their person, lost contact, or are being saved.

    Raises Conflict while a worker is drawing: it would send what this is meant to hold back. May be run again.
    """
    with write_transaction():
        _check_that_nobody_draws()
        deliveries.hold_back()
        Generation.objects.active().update(
            restored=True
        )  # from here on a worker that starts sends nothing either
    ended: Counter[State] = Counter()
    for row in Generation.objects.active().select_related("owner", *DRAWN_BY).order_by("pk"):
        ended[_settle(row)] += 1
    with write_transaction():
        counts = {str(state): count for state, count in ended.items()}
        audit.record(actor=None, action="studio.restored", subject="", **counts)
    return ended


def _check_that_nobody_draws() -> None:
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    alive = Generation.objects.in_state(*RUNNING).filter(lease_at__gt=Now() - lease)
    if alive.exclude(claimed_by="").exists():
        raise Conflict(Reason("worker_draws", seconds=settings.LEASE_SECONDS))


def _settle(row: Generation) -> State:
    """Take one row where it can do no harm; return the state that says what became of it."""
    is_here = row.state == State.SENT and leases.spool_path(row, row.attempts).exists()
    if row.state == State.RECEIVED or is_here:
        with write_transaction():
            Generation.objects.filter(pk=row.pk).move(
                State.SENT,
                State.RECEIVED,
                to=State.RECEIVED,
                claimed_by="",
                received_at=row.received_at or Now(),
            )
            tickets.wake()
        return State.RECEIVED
    rows = Generation.objects.filter(pk=row.pk)
    if row.state == State.SENT:
        settlement.lose_contact(generation=row, rows=rows)
        return State.UNKNOWN
    settlement.ask(generation=row, rows=rows)
    return State.QUEUED
