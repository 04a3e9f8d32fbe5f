"""Tickets and the clock: each function calls one service."""

from django.tasks import task
from huey import crontab
from huey.contrib import djhuey

from studio.services import letters, retention, standing
from studio.services.drawing import crew, leases, recovery, run
from studio.services.imports import working
from studio.services.moderation import holds
from studio.services.people import erasure, exports
from studio.services.relays import catalogue
from studio.services.webhooks import couriers


@task
def draw() -> None:
    """Draw the fairest waiting generation, if there is one; where this process has hands for that, call them."""
    if not crew.call():
        run.run_next()


@task
def sync_relay(pk: str) -> None:
    """Read one relay's model list."""
    catalogue.refresh(pk=pk)


@task
def screen_waiting() -> None:
    """Hold what a new rule stops of all that waits."""
    holds.screen_waiting()


@task
def mail() -> None:
    """Send the mail that is due."""
    letters.deliver()


@task
def send_webhooks() -> None:
    """Send what webhooks are to be told."""
    couriers.call()


@task
def export(pk: str) -> None:
    """Make one person's copy of everything that is theirs."""
    exports.make(pk=pk)


@task
def bring_in(pk: str) -> None:
    """Bring in what somebody uploaded."""
    working.work(pk=pk)


@task
def erase(pk: str) -> None:
    """Remove one person with everything that is theirs."""
    erasure.erase(pk=pk)


@djhuey.on_startup()
def start_heartbeat() -> None:
    """Keep leases, reap dead workers and replace lost tickets for as long as this process lives."""
    leases.start()


@djhuey.on_startup()
def find_answers() -> None:
    """Go on with what this machine's disk has of rows that were given up while it was away."""
    recovery.start()


@djhuey.db_periodic_task(crontab(minute="*/10"))
def clean_up() -> None:
    """Find answers that were given up, then remove what nobody needs any more."""
    recovery.find_answers()
    retention.clean_up()
    djhuey.HUEY.storage.flush_results()  # nobody asks for them


@djhuey.db_periodic_task(crontab())
def send_due_webhooks() -> None:
    """Send what webhooks are to be told again by now, or whose ticket was lost."""
    couriers.call()


@djhuey.db_periodic_task(crontab(minute="*/2"))
def count_lately() -> None:
    """Count what was run or liked lately, for the orders of the history."""
    standing.count_lately()


@djhuey.db_periodic_task(crontab(hour="4", minute="41"))
def count_all() -> None:
    """Count every prompt."""
    standing.count_all()


@djhuey.db_periodic_task(crontab(minute="23"))
def sync_models() -> None:
    """Have each model list read again that is a day old."""
    catalogue.refresh_stale()
