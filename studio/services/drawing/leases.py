"""Keeps this process's claims alive, takes over from the dead, and wakes workers for forgotten rows."""

import logging
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from studio.db import release_connection, write_transaction
from studio.models import Generation, Relay, State, WorkerProcess, schema
from studio.models.clock import database_time
from studio.models.relay_requests import spool_name
from studio.models.runs import DRAWN_BY
from studio.models.states import RUNNING
from studio.services import tickets
from studio.services.drawing import settlement, thumbnails
from studio.words import Reason

logger = logging.getLogger(__name__)

WORKER = f"{settings.MACHINE}:{os.getpid()}:{secrets.token_hex(4)}"
"""This process, as written into the rows it claims."""

FORGOTTEN = timedelta(days=1)
"""How long a process that has ended stands among the workers."""

_leased: list[UUID] = []
"""The rows this process is working on; twice the same where a lost request is still awaited after a retry."""

_start = threading.Lock()
_heartbeat: threading.Thread | None = None


@contextmanager
def leased(pk: UUID) -> Iterator[None]:
    """Renew the row's lease for as long as the block runs."""
    start()
    _leased.append(pk)
    try:
        yield
    finally:
        _leased.remove(pk)


def running() -> int:
    """Return how many rows this process is working on."""
    return len(_leased)


def spool_path(generation: Generation, attempt: int) -> Path:
    """Where the answer to one attempt is written down before it is parsed."""
    return settings.SPOOL_DIR / spool_name(generation.pk, attempt)


def start() -> None:
    """Start this process's heartbeat, a thread, once."""
    global _heartbeat
    with _start:
        if _heartbeat is None or not _heartbeat.is_alive():
            _heartbeat = threading.Thread(target=_keep_beating, name="heartbeat", daemon=True)
            _heartbeat.start()


class Contact:
    """For how long this process has reached the database without a gap, by the database's clock.

    Whoever comes back first after an outage must not take the others for dead, who could not renew their leases either.
    """

    def __init__(self) -> None:
        self.since = self.last = float("-inf")

    def made(self, at: float) -> None:
        """Note that the database was reached; a gap of a lease, or a clock that was set back, starts anew."""
        if not self.last <= at < self.last + settings.LEASE_SECONDS:
            self.since = at
        self.last = at

    def lost(self) -> None:
        self.last = float("-inf")

    def is_long(self) -> bool:
        """Tell whether it has lasted for a whole lease: time enough for everyone alive to renew."""
        return self.last - self.since >= settings.LEASE_SECONDS


def _keep_beating() -> None:
    pause, contact = threading.Event(), Contact()
    while True:
        seconds = settings.LEASE_SECONDS / 3
        try:
            _beat(contact)
        except Exception:
            logger.exception("the heartbeat stumbled; it goes on")
            contact.lost()
            connection.close()
            seconds = min(seconds, 1.0)
        pause.wait(seconds)


def _beat(contact: Contact) -> None:
    renew()
    contact.made(database_time())
    if schema.fits():
        say_alive()
        if contact.is_long():
            reap()
        withdraw_of_suspended()
        replace_lost_tickets()
        thumbnails.develop_forgotten()
    release_connection()


def renew() -> None:
    """Renew the leases of the rows this process is working on."""
    rows = Generation.objects.filter(pk__in=set(_leased), claimed_by=WORKER)
    if _leased:
        with write_transaction():
            rows.in_state(*RUNNING).update(lease_at=Now())


def say_alive() -> None:
    """Write down that this process lives, for the page that shows how the studio stands."""
    with write_transaction():
        alive = {"seen_at": Now(), "running": len(_leased)}
        if not WorkerProcess.objects.filter(pk=WORKER).update(**alive):
            WorkerProcess.objects.exclude(pk=WORKER).filter(seen_at__lt=Now() - FORGOTTEN).delete()
            WorkerProcess.objects.create(pk=WORKER, **alive)


def reap() -> int:
    """Take over rows whose worker died (SAFETY §1.7); return how many."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    dead = Generation.objects.abandoned(lease).select_related("owner", *DRAWN_BY)
    return sum(_take_over(row, lease) for row in dead)


def _take_over(row: Generation, lease: timedelta) -> bool:
    """Move one abandoned row on, unless its worker came back or another reaper was first."""
    still = Generation.objects.abandoned(lease).filter(pk=row.pk, claimed_by=row.claimed_by)
    with write_transaction():
        match row.state:
            case State.CLAIMED:
                moved = still.move(State.CLAIMED, to=State.QUEUED, claimed_by="")
            case State.SENT if spool_path(row, row.attempts).exists():
                moved = still.move(State.SENT, to=State.RECEIVED, claimed_by="", received_at=Now())
            case State.SENT:
                why = Reason("lost_contact" if _is_of_this_machine(row) else "lost_machine")
                return settlement.lose_contact(generation=row, rows=still, why=why)
            case _:
                moved = still.move(State.RECEIVED, to=State.RECEIVED, claimed_by="")
        if moved:
            tickets.wake()
    return moved


def _is_of_this_machine(row: Generation) -> bool:
    return row.claimed_by.partition(":")[0] == settings.MACHINE


def withdraw_of_suspended() -> None:
    """Cancel what a suspended person has in the queue: what was at the relay may have come back for another try."""
    for row in (
        Generation.objects.in_state(State.HELD, State.QUEUED)
        .filter(owner__is_active=False)
        .order_by("pk")[:100]
    ):
        settlement.withdraw(generation=row)


def replace_lost_tickets() -> None:
    """Enqueue tickets for rows that have been ready for a while: a ticket may have died with its worker."""
    grace = timedelta(seconds=settings.LEASE_SECONDS / 3)
    forgotten = Generation.objects.ready().filter(created_at__lt=Now() - grace).order_by(F("pk"))
    closed = Relay.objects.filter(paused_at__isnull=False, enabled=True)
    asked = forgotten.alias(relay_asked=Coalesce("via__relay", "model__relay"))
    forgotten = asked.exclude(
        state=State.QUEUED, relay_asked__in=closed
    )  # an answer that came needs no relay
    for _row in forgotten.values_list("pk")[: settings.WORKER_THREADS]:
        tickets.wake()
