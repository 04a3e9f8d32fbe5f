"""Sends what webhooks are told, again and again for three days; a receiver that is gone is told no more (API §5).

A delivery is a worker's for a minute. One whose worker died is sent again under the same id: a receiver that has it
knows it by that.
"""

import logging
import random
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from studio import security
from studio.db import release_connection, write_transaction
from studio.errors import Conflict
from studio.models import Delivery, DeliveryState, DeliveryTry, User, Webhook, WhyOff
from studio.models.ids import first_at
from studio.models.webhooks import HELD_FOR, DeliveryQuerySet
from studio.relays import webhooks
from studio.relays.webhooks import Undelivered
from studio.services import audit
from studio.services.webhooks import bodies, edit, events, sealing
from studio.words import Reason

logger = logging.getLogger(__name__)

HANDS = 16
"""What a worker has for them: three receivers that begin to hang at once leave a quarter."""

_for_failing = threading.BoundedSemaphore(HANDS // 2)
"""Hands of this worker for receivers that fail: the others are free for those that do not."""

PAUSES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between a try and the next: ten tries in 75 hours (Standard Webhooks 1.0.0, API §5)."""

JITTER = 0.1
LONGEST = 86_400.0
"""Seconds that a receiver may ask us to wait."""

PATIENCE = timedelta(days=3)
"""A webhook that has failed for so long is switched off."""

KEPT = timedelta(days=30)
"""How long deliveries can be looked at and sent again."""

FORGOTTEN_AT_ONCE = 5000

GONE = 410
"""The status by which a receiver says that it wants no more."""


@dataclass(frozen=True)
class Came:
    """What came of one try."""

    status: int | None = None
    problem: str = ""
    text: str = ""
    retry_after: float | None = None
    took_ms: int = 0

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def deliver_next() -> bool:
    """Try one delivery that is due, of a receiver that fails only when no other is; say whether there was one."""
    return _deliver(failing=False) or _deliver_to_failing()


def _deliver_to_failing() -> bool:
    if not _for_failing.acquire(blocking=False):
        return False
    try:
        return _deliver(failing=True)
    finally:
        _for_failing.release()


def _deliver(*, failing: bool) -> bool:
    row = _take(failing=failing)
    if row is None:
        return False
    body = bodies.body_of(row)
    if body is None:
        _drop(row)
    else:
        _finish(row, _try(row, body))
    return True


def _take(*, failing: bool) -> Delivery | None:
    """Return a delivery that is this worker's for a minute, for a receiver that fails or does not."""
    while rows := list(Delivery.objects.due(failing=failing)[:10]):
        if found := next((taken for row in rows if (taken := _taken(row, failing=failing))), None):
            return found
    return None


def _taken(row: Delivery, *, failing: bool) -> Delivery | None:
    """Return it if it is ours: nobody else has it, and as many as are enough are not asking its receiver already."""
    with write_transaction():
        hook = Webhook.objects.select_for_update(no_key=True).filter(pk=row.webhook_id).first()
        if not hook or (hook.failing_since and not failing):
            return None
        if Delivery.objects.under_way().filter(webhook=hook).count() >= hook.at_once:
            return None
        mine = Delivery.objects.waiting().filter(pk=row.pk, tries=row.tries, due_at__lte=Now())
        until = Now() + HELD_FOR
        if not mine.update(tries=F("tries") + 1, due_at=until, held_until=until):
            return None
        row.refresh_from_db(fields=["tries", "held_until"])
    row.webhook = hook
    return row


def _mine(row: Delivery) -> DeliveryQuerySet:
    """The row while it is still ours; tries alone do not tell, as what is sent again begins at none."""
    return Delivery.objects.waiting().filter(pk=row.pk, tries=row.tries, held_until=row.held_until)


def _try(row: Delivery, body: bytes) -> Came:
    """Send it and wait for the answer, without holding a connection to the database."""
    release_connection()
    began = time.monotonic()
    try:
        headers = sealing.headers_of(row.webhook, row.public_id, body, at=timezone.now())
        answer = webhooks.post(
            row.webhook.url, body=body, headers=headers, allow=settings.WEBHOOK_PRIVATE_ALLOW
        )
    except InvalidToken:
        return Came(problem="secret_unreadable")
    except Undelivered as error:
        if error.rule:
            security.refused("webhook_blocked", webhook=str(row.webhook_id), rule=error.rule)
        return Came(problem=error.code, took_ms=_ms(began))
    return Came(answer.status, "", answer.text, answer.retry_after, _ms(began))


def _finish(row: Delivery, came: Came) -> None:
    """Write down how a try went, and what follows; nothing follows when somebody else has gone on with it."""
    facts = {"status": came.status, "problem": came.problem, "answer": came.text, "took_ms": came.took_ms}
    with write_transaction():
        DeliveryTry.objects.create(delivery=row, **facts)
        mine = _mine(row)
        if not came.is_good:
            _failed(row, mine, came)
        elif mine.move(to=DeliveryState.DELIVERED):
            Webhook.objects.filter(pk=row.webhook_id).exclude(failing_since=None).update(failing_since=None)


def _failed(row: Delivery, mine: DeliveryQuerySet, came: Came) -> None:
    logger.warning(
        "webhook.failed webhook=%s status=%s problem=%s tries=%d",
        row.webhook_id,
        came.status,
        came.problem,
        row.tries,
    )
    hook = Webhook.objects.filter(pk=row.webhook_id)
    hook.update(failing_since=Coalesce("failing_since", Now()))
    if row.tries > len(PAUSES):
        mine.move(to=DeliveryState.FAILED)
    else:
        wait = pause_after(row.tries, came.retry_after)
        mine.update(held_until=None, due_at=Now() + timedelta(seconds=wait))
        events.wake(after=wait)
    if came.status == GONE:
        edit.give_up(webhook=row.webhook, why=WhyOff.GONE)
    elif hook.filter(failing_since__lt=Now() - PATIENCE).exists():
        edit.give_up(webhook=row.webhook, why=WhyOff.FAILING)


def pause_after(tries: int, asked: float | None = None) -> float:
    """Return the seconds to the next try: ours, a little longer by chance, or what the receiver asked for."""
    ours = PAUSES[tries - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311
    return max(ours, min(asked or 0, LONGEST))


def _drop(row: Delivery) -> None:
    """Tell nothing that is private or gone by now."""
    with write_transaction():
        _mine(row).move(to=DeliveryState.DROPPED)


def replay(*, delivery: Delivery, person: User) -> None:
    """Send one again now, under the same id, with all its tries; what is told is read anew.

    Conflict while a worker sends it or its webhook is off.
    """
    with write_transaction():
        _check_on(delivery.webhook_id)
        row = Delivery.objects.filter(pk=delivery.pk).idle()
        if not row.move(to=DeliveryState.WAITING, tries=0, due_at=Now()):
            raise Conflict(Reason("delivery_waits"))
        audit.record(actor=person, action="webhook.replayed", subject=delivery.webhook_id, n=1)
        events.wake()


def replay_failed(*, webhook: Webhook, person: User) -> int:
    """Send everything again now that failed, for good or until its next try; return how much that is."""
    with write_transaction():
        _check_on(webhook.pk)
        waits = Q(state=DeliveryState.WAITING, tries__gt=0)
        failed = Delivery.objects.filter(waits | Q(state=DeliveryState.FAILED), webhook=webhook).idle()
        count = failed.move(to=DeliveryState.WAITING, tries=0, due_at=Now())
        audit.record(actor=person, action="webhook.replayed", subject=webhook.pk, n=count)
        events.wake()
    return count


def hold_back() -> int:
    """Have nothing sent by itself that waits in a restored copy: it may have been sent since, or by the original."""
    return Delivery.objects.waiting().move(to=DeliveryState.FAILED)


def _check_on(pk: UUID) -> None:
    """Refuse for a webhook that is off; it stays as it is until the end of this transaction."""
    if Webhook.objects.select_for_update().get(pk=pk).why_off:
        raise Conflict(Reason("webhook_is_off"))


def forget() -> int:
    """Delete what is 30 days old, a few thousand at a time; return how many."""
    old = Delivery.objects.filter(pk__lt=first_at(timezone.now() - KEPT)).order_by("pk")[:FORGOTTEN_AT_ONCE]
    with write_transaction():
        return Delivery.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
