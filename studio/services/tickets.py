"""Wakes workers. A ticket carries nothing: whoever takes it claims the fairest row, or finds none."""

from datetime import timedelta

from django.conf import settings
from django.tasks import Task
from django.utils import timezone
from django.utils.module_loading import import_string

from studio import bell
from studio.db import afterwards
from studio.models import Relay


def wake(*, after: float = 0) -> None:
    """Enqueue one ticket once the transaction is committed, to be taken after some seconds."""
    afterwards(lambda: _enqueue(after))  # the heartbeat replaces a lost one


def _enqueue(after: float) -> None:
    if not after and bell.ring() and settings.ONE_MACHINE:
        return  # all workers there are have heard it
    ticket: Task[[], None] = import_string("studio.tasks.draw")  # by name: tasks stand above services
    if after:
        ticket = ticket.using(run_after=timezone.now() + timedelta(seconds=after))
    ticket.enqueue()


def sync(relay: Relay) -> None:
    """Have the relay's model list read again once the transaction is committed."""
    ticket = import_string("studio.tasks.sync_relay")
    afterwards(lambda: ticket.enqueue(str(relay.pk)))  # it is read daily anyway


def screen() -> None:
    """Have what waits screened by the rules as they are once the transaction is committed."""
    ticket = import_string("studio.tasks.screen_waiting")
    afterwards(lambda: ticket.enqueue())  # each row is looked at again when it is claimed anyway
