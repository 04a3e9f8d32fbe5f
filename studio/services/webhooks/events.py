"""What happens becomes a row for each webhook that hears of it, in the transaction in which it happens.

Rows hold ids, codes and numbers; `bodies` reads the rest when it is sent, so nothing leaves that is private by then.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.module_loading import import_string

from studio.db import afterwards
from studio.models import (
    Case,
    Delivery,
    Generation,
    Image,
    SlotState,
    State,
    Webhook,
    WebhookKind,
    installation,
)
from studio.words import Reason, plain

AT_ONCE = 25
"""Pictures that one event names: its body stays below 20 KB."""

SOON = 60.0
"""Seconds after which the clock looks by itself."""


def are_heard() -> bool:
    """Say whether anybody is told anything at all: while nobody is, events cost no statement."""
    return installation().has_webhooks


def ended(*, generation: Generation, to: State, why: Reason, count: int) -> None:
    """Tell that a generation has ended: with pictures, or without, also when it was cancelled."""
    if not are_heard():
        return
    done = to == State.DONE
    kind = WebhookKind.COMPLETED if done else WebhookKind.FAILED
    _of_run(kind, generation, state=str(to), count=count, round=generation.round, why=why)
    if done:
        kept = generation.slots.filter(round=generation.round, state=SlotState.SAVED)
        images = Image.objects.filter(generation=generation, index__in=kept.values("index"))
        shared(person=generation.owner_id, images=images.values("pk"))


def held(*, generation: Generation, case: Case) -> None:
    """Tell a person that a prompt of theirs waits, and the team's webhooks which card of the queue it is."""
    if not are_heard():
        return
    _put(_hearing(WebhookKind.HELD, generation.owner_id, team=False), WebhookKind.HELD, generation)
    _put(_hearing(WebhookKind.HELD, None, team=True), WebhookKind.HELD, case=str(case.pk))


def shared(*, person: UUID, images: Any) -> None:
    """Tell which of these pictures (ids, or a query for them) the team sees from now on, but for what is in review."""
    if not are_heard() or not (hooks := _hearing(WebhookKind.SHARED, person, team=True)):
        return
    seen = Image.objects.seen_by_team().filter(pk__in=images).order_by("pk")
    pks = [str(pk) for pk in seen.values_list("pk", flat=True)]
    for start in range(0, len(pks), AT_ONCE):
        _put(hooks, WebhookKind.SHARED, person=str(person), images=pks[start : start + AT_ONCE])


def reported(*, case: Case, reason: str) -> None:
    """Tell the team's webhooks that somebody reported something; what was said of it stays with the moderators."""
    if are_heard():
        subject = "image" if case.image_id else "prompt"
        hooks = _hearing(WebhookKind.REPORTED, None, team=True)
        _put(hooks, WebhookKind.REPORTED, case=str(case.pk), subject=subject, reason=reason)


def budget(*, kind: WebhookKind, person: UUID | None, **facts: Any) -> None:
    """Tell how a budget stands: a person's own is told them alone, one of many is told the team's webhooks."""
    if are_heard():
        _put(_hearing(kind, person, team=person is None), kind, **facts)


def relay(*, kind: WebhookKind, name: str, **facts: Any) -> None:
    """Tell the team's webhooks that a relay was paused, or draws again."""
    if are_heard():
        _put(_hearing(kind, None, team=True), kind, relay=name, **facts)


def test(*, webhook: Webhook) -> None:
    """Tell one webhook something that says nothing."""
    _put([webhook], WebhookKind.TEST)


def _of_run(kind: WebhookKind, generation: Generation, **facts: Any) -> None:
    """Tell the run's person; the team's webhooks hear of runs that the team sees, as they are now."""
    team = Generation.objects.filter(pk=generation.pk, shared=True).exists()
    _put(_hearing(kind, generation.owner_id, team=team), kind, generation, **facts)


def _hearing(kind: WebhookKind, person: UUID | None, *, team: bool) -> list[Webhook]:
    return [row for row in Webhook.objects.hearing(person, team=team) if kind in row.kinds]


def _put(
    hooks: Iterable[Webhook], kind: WebhookKind, generation: Generation | None = None, **facts: Any
) -> None:
    values = plain(facts)
    rows = [Delivery(webhook=hook, kind=kind, generation=generation, values=values) for hook in hooks]
    if rows:
        Delivery.objects.bulk_create(rows, batch_size=500)
        wake()


def wake(*, after: float = 0) -> None:
    """Have what is due sent once the transaction is committed, or some seconds later; the clock looks every minute."""
    if after > SOON:
        return
    ticket = import_string("studio.tasks.send_webhooks")  # by name: tasks stand above services
    if after:
        ticket = ticket.using(run_after=timezone.now() + timedelta(seconds=after))
    afterwards(lambda: ticket.enqueue())
