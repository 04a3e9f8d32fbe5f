"""Tickets: each function calls one service."""

from django.tasks import task

from studio.services import letters
from studio.services.drawing import crew, run
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
